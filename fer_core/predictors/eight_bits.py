"""Networks whose large convolutions compute in 8-bit integers (static quantization, Jacob et al., arXiv 1712.05877).

ONNX Runtime's WebAssembly runs them in about half the time, from a quarter of the bytes. A probability moves by some
hundredths. The file is for the frames of a film, whose answers are averaged over time; no photo is read with it.
onnxruntime's own quantization does the work: it comes with the runtime and its operators are what that runtime has.
"""

import contextlib
import io
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core.predictors.onnx_runtime import INPUT

FILE = "model_int8.onnx"
"""Beside model.onnx in the folder of a network that has one."""

BATCH = 64
FEWEST_CHANNELS = 4
"""A convolution that sees fewer channels sees pixels: it costs little, and all others depend on it."""


def quantize(source: Path, target: Path, crops: NDArray[np.uint8]) -> int:
    """Write an ONNX file whose convolutions wider than one pixel take and give 8 bits; the others stay as they are.

    Args:
        source: the ONNX file of a network.
        target: the file to write.
        crops: uint8 (n, s, s, channels), a few hundred that look like what the network will see. They set the range of
            each layer: the mean over batches of the smallest and the largest value.

    Returns:
        How many convolutions were changed; with none, no file is written.
    """
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        chosen = _wide_convolutions(prepared)
        if chosen:
            quantize_static(
                prepared,
                target,
                _reader(crops),
                quant_format=QuantFormat.QOperator,
                op_types_to_quantize=["Conv"],
                nodes_to_quantize=chosen,
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                reduce_range=True,  # weights of 7 bits: with 8, sums saturate on processors that have AVX2 and no VNNI
                calibrate_method=CalibrationMethod.MinMax,
                extra_options={"CalibMovingAverage": True},
            )
    return len(chosen)


def _wide_convolutions(path: Path) -> list[str]:
    import onnx

    graph = onnx.load(path).graph
    shapes = {weights.name: tuple(weights.dims) for weights in graph.initializer}
    convolutions = [(node.name, shapes.get(node.input[1], ())) for node in graph.node if node.op_type == "Conv"]
    return [name for name, shape in convolutions if max(shape[2:], default=1) > 1 and shape[1] >= FEWEST_CHANNELS]


def _reader(crops: NDArray[np.uint8]):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """The crops in batches, as onnxruntime's calibration asks for them."""
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.batches = iter([crops[start : start + BATCH] for start in range(0, len(crops), BATCH)])

        def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
            batch = next(self.batches, None)
            return None if batch is None else {INPUT: batch}

    return Reader()
