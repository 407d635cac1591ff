"""ONNX files of half the size: weights in 16 bits, arithmetic in 32 as before.

onnxconverter-common also makes the arithmetic 16 bits wide, which ONNX Runtime's WebAssembly and processor kernels do
not have. Here only the file is smaller.
"""

from pathlib import Path

import numpy as np

from fer_core.errors import PredictorError
from fer_core.predictors.onnx_runtime import INPUT, open_session

SMALLEST_HALVED = 1024
"""Weights of fewer numbers than this stay as they are: they weigh nothing."""

TOLERANCE = 1e-2
"""Most that a probability may change."""


def halve(source: Path, target: Path) -> None:
    """Write an ONNX file whose weights are kept in half precision; it computes in single precision as before."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    graph = onnx.load(source)
    casts = []
    for weights in graph.graph.initializer:
        if weights.data_type != TensorProto.FLOAT or np.prod(weights.dims) < SMALLEST_HALVED:
            continue
        with np.errstate(over="ignore"):  # what is too large becomes infinite; `check_alike` refuses the network
            values = numpy_helper.to_array(weights).astype(np.float16)
        half = numpy_helper.from_array(values, f"{weights.name}_half")
        casts.append(helper.make_node("Cast", [half.name], [weights.name], to=TensorProto.FLOAT))
        weights.CopyFrom(half)
    for row, cast in enumerate(casts):
        graph.graph.node.insert(row, cast)
    onnx.save(graph, target)


def check_alike(full: Path, half: Path, side: int, channels: int) -> None:
    """Both files give the same probabilities on random crops.

    Raises:
        PredictorError: one differs by more than TOLERANCE.
    """
    crops = np.random.default_rng(0).integers(0, 256, (16, side, side, channels), np.uint8)
    answers = [open_session(path).run(["probabilities"], {INPUT: crops})[0] for path in (full, half)]
    difference = float(np.abs(answers[0] - answers[1]).max())
    if not difference <= TOLERANCE:
        raise PredictorError(
            f"{full} answers {difference:.1e} apart when its weights are kept in half precision; at most {TOLERANCE} "
            "is allowed. Such a network cannot be exported for the browser."
        )
