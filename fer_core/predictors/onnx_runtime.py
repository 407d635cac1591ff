"""In-house networks through ONNX Runtime: the serving default."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fer_core.errors import PredictorError
from fer_core.predictors.base import PredictorInfo
from fer_core.predictors.common import Crops, LoadedPredictor, Rows, check_crops, in_batches

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

WEIGHTS = "model.onnx"
INPUT = "crops"
OUTPUT = "probabilities"


def open_session(path: Path) -> "InferenceSession":
    """An inference session whose memory does not grow.

    The arena and the memory pattern keep the largest batch ever seen; turned off, the memory stays flat when the
    number of faces varies, at no measurable cost for networks of this size.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(4, os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions share no base class
        reason = str(error).splitlines()[0]
        raise PredictorError(f"{path} is no network that ONNX Runtime can read ({reason}); export it again.") from None


class OnnxPredictor(LoadedPredictor):
    """An in-house network; `features` and `crowd` run only when asked for."""

    def __init__(self, info: PredictorInfo, path: Path) -> None:
        super().__init__(info)
        self._session = open_session(path)
        self._widths = {output.name: output.shape[-1] for output in self._session.get_outputs()}
        inputs = [tensor.name for tensor in self._session.get_inputs()]
        if inputs != [INPUT] or self._widths.get(OUTPUT) != len(info.classes):
            raise PredictorError(
                f"{path} has inputs {inputs} and outputs {self._widths}, but {[INPUT]} and "
                f"'{OUTPUT}' of {len(info.classes)} classes are expected; export the network again."
            )

    def features(self, crops: Crops) -> Rows:
        """The vector before the classifier, float32 (n, d)."""
        return self._output("features", crops)

    def crowd(self, crops: Crops) -> Rows:
        """How FER+'s annotators would vote, float32 (n, 8) in the order of labels.EIGHT; rows sum to about 1."""
        return self._output("crowd", crops)

    def _output(self, output: str, crops: Crops) -> Rows:
        check_crops(self.info, crops)
        if output not in self._widths:
            raise PredictorError(f"{self.name} has no output '{output}'; it has {', '.join(self._widths)}.")
        return in_batches(lambda batch: self._run(output, batch), crops, self._widths[output])

    def _run(self, output: str, crops: Crops) -> Rows:
        rows: Rows = self._session.run([output], {INPUT: np.ascontiguousarray(crops)})[0]
        return rows

    def _probabilities(self, crops: Crops) -> Rows:
        return self._run(OUTPUT, crops)
