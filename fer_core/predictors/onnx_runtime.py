"""In-house networks through ONNX Runtime: the serving default."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fer_core.errors import PredictorError
from fer_core.predictors import networks
from fer_core.predictors.base import PredictorInfo
from fer_core.predictors.common import Crops, NetworkPredictor, Rows

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

WEIGHTS = "model.onnx"
INPUT = "crops"
_many_photos = False


def tune_for_many(on: bool = True) -> None:
    """Let sessions that are opened from now on serve a stream of photos.

    They use one thread each, because the photos share the cores already. They keep their memory from one photo to the
    next: asking the system for it again takes a third of the time that a face detector computes.
    """
    global _many_photos
    _many_photos = on


def open_session(source: Path | bytes, *, keep_memory: bool = False) -> "InferenceSession":
    """An inference session that keeps neither memory nor processor between photos.

    The arena and the memory pattern keep the largest batch ever seen; turned off, the memory stays flat when the
    number of faces varies, at no measurable cost for networks of this size. Threads that spin while they wait take the
    processor from what comes next: on two cores the decoding of the next photo took 75 ms instead of 44.

    Args:
        source: the file, or what is in it.
        keep_memory: keep the arena. For a network whose inputs are never large but are wide inside: asking the system
            for all of it again takes as long as a face detector computes.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1 if _many_photos else min(4, os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = keep_memory or _many_photos
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions share no base class
        reason = str(error).splitlines()[0]
        what = source if isinstance(source, Path) else "what came"
        raise PredictorError(f"{what} is no network that ONNX Runtime can read ({reason})") from None


def from_folder(folder: Path) -> "OnnxPredictor":
    """The network of one folder with the files of `models/NAME`, wherever that folder lies.

    Raises:
        PredictorError: a file is missing or damaged.
    """
    return OnnxPredictor(networks.read_info(folder, WEIGHTS, name=folder.name), folder / WEIGHTS)


class OnnxPredictor(NetworkPredictor):
    """An in-house network; only the output that is asked for is computed."""

    def __init__(self, info: PredictorInfo, path: Path) -> None:
        self._session = open_session(path)
        inputs = [tensor.name for tensor in self._session.get_inputs()]
        if inputs != [INPUT]:
            raise PredictorError(f"{path} has the inputs {inputs}, but only '{INPUT}' is expected; export it again.")
        super().__init__(info, {output.name: output.shape[-1] for output in self._session.get_outputs()})

    def _run(self, outputs: tuple[str, ...], crops: Crops) -> list[Rows]:
        rows: list[Rows] = self._session.run(outputs, {INPUT: np.ascontiguousarray(crops)})
        return rows
