"""ONNX files as a browser takes them: half the size, or with inputs of any size."""

from pathlib import Path

import numpy as np

from fer_core.errors import PredictorError
from fer_core.predictors.onnx_runtime import INPUT, open_session

SMALLEST_HALVED = 1024
"""Weights of fewer numbers than this stay as they are: they weigh nothing."""

TOLERANCE = 1e-2
"""Most that a probability may change by half precision, as in DESIGN's contract."""


def halve(source: Path, target: Path) -> None:
    """Write an ONNX file whose weights are kept in half precision; it computes in single precision as before."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    graph = onnx.load(source)
    casts = []
    for weights in graph.graph.initializer:
        if weights.data_type != TensorProto.FLOAT or np.prod(weights.dims) < SMALLEST_HALVED:
            continue
        half = numpy_helper.from_array(numpy_helper.to_array(weights).astype(np.float16), f"{weights.name}_half")
        casts.append(helper.make_node("Cast", [half.name], [weights.name], to=TensorProto.FLOAT))
        weights.CopyFrom(half)
    for row, cast in enumerate(casts):
        graph.graph.node.insert(row, cast)
    onnx.save(graph, target)


def check_alike(full: Path, half: Path, side: int, channels: int) -> None:
    """Both files answer alike on random crops.

    Raises:
        PredictorError: a probability differs by more than TOLERANCE.
    """
    crops = np.random.default_rng(0).integers(0, 256, (16, side, side, channels), np.uint8)
    answers = [open_session(path).run(["probabilities"], {INPUT: crops})[0] for path in (full, half)]
    difference = float(np.abs(answers[0] - answers[1]).max())
    if not difference <= TOLERANCE:
        raise PredictorError(
            f"{full} in half precision answers {difference:.1e} apart; at most {TOLERANCE} is allowed. Its weights do "
            "not bear half precision; leave it out of the browser."
        )


def free_sides(source: Path, target: Path) -> None:
    """Write YuNet's ONNX file with height and width left open; the file as published takes 640x640 alone."""
    import onnx

    model = onnx.load(source)
    for name, size in zip(("height", "width"), model.graph.input[0].type.tensor_type.shape.dim[2:], strict=True):
        size.dim_param = name
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = f"cells_of_{output.name}"
    del model.graph.value_info[:]  # sizes in between, for 640x640
    onnx.save(model, target)
