"""A network cut in two at its last feature map: from a crop to the map, and from the map to the answer.

Both parts are made of the ONNX file in memory. The file stays as it is, and so do the network's answers.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import PredictorError
from fer_core.predictors import onnx_file
from fer_core.predictors.onnx_runtime import INPUT, open_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

ANSWER = "probabilities"
Maps = NDArray[np.float32]


class TwoParts:
    """A network in two parts; the maps between them are float32 (n, channels, rows, columns).

    Attributes:
        cut: what the file calls the map: the last tensor with more than one place that all of the answer passes.
    """

    def __init__(self, path: Path, crop_shape: tuple[int, int, int]) -> None:
        """Open both parts.

        Args:
            path: model.onnx of an in-house network.
            crop_shape: side, side, channels of its crops.

        Raises:
            PredictorError: the file cannot be read, or the network has no feature map that all of its answer passes.
        """
        try:
            model = path.read_bytes()
            places = onnx_file.narrows(model, ANSWER)
            self._head = open_session(onnx_file.with_outputs(model, places))
            self.cut, self._channels_last = _last_map(path, self._head, places, crop_shape)
            self._tail = open_session(onnx_file.tail(model, self.cut, ANSWER))
        except (OSError, ValueError) as error:
            raise PredictorError(f"{path} cannot be read ({error}); export the network again.") from None

    def maps(self, crops: NDArray[np.uint8]) -> Maps:
        """The last feature maps of uint8 crops (n, s, s, c)."""
        maps: Maps = self._head.run([self.cut], {INPUT: np.ascontiguousarray(crops)})[0]
        return maps.transpose(0, 3, 1, 2) if self._channels_last else maps

    def answer(self, maps: Maps) -> NDArray[np.float32]:
        """Probabilities (n, classes) of such maps."""
        given = maps.transpose(0, 2, 3, 1) if self._channels_last else maps
        rows: NDArray[np.float32] = self._tail.run([ANSWER], {self.cut: np.ascontiguousarray(given)})[0]
        return rows


def _last_map(
    path: Path, head: "InferenceSession", places: list[str], crop_shape: tuple[int, int, int]
) -> tuple[str, bool]:
    """Name of the last square map with more than one place, and whether its channels are its last side."""
    tensors = head.run(places, {INPUT: np.zeros((1, *crop_shape), np.uint8)})
    for name, tensor in zip(reversed(places), reversed(tensors), strict=True):
        _, first, second, third = tensor.shape if tensor.ndim == 4 else (1, 1, 1, 1)
        if second > 1 and second in (first, third):
            return name, second != third
    raise PredictorError(f"{path} has no feature map that all of its answer passes, so no heat map can be made of it.")
