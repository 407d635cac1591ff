"""The face detector YuNet through ONNX Runtime: faces and landmarks in one picture.

Wu et al., 2023, doi 10.1007/s11633-023-1423-y; MIT licence. ONNX Runtime takes a third of the time that OpenCV takes
for the same network. The file has a fixed input of 640 pixels; its sides are freed in memory. What is read from the
network's outputs is what OpenCV's FaceDetectorYN reads, but for the mean of neighbouring cells: a test holds both
together.
"""

import hashlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import FerError, PredictorError
from fer_core.predictors.downloads import YUNET_SHA256
from fer_core.predictors.onnx_file import with_free_input
from fer_core.predictors.onnx_runtime import open_session

STRIDES = (8, 16, 32)
"""Pixels per cell of the three grids in which the network answers."""

HEADS = ("cls", "obj", "bbox", "kps")
OUTPUTS = tuple(f"{head}_{stride}" for stride in STRIDES for head in HEADS)
MULTIPLE = 32
"""Sides of the network's input; pictures are filled up with black on the right and below, as in its training."""

OVERLAP = 0.3
"""Intersection over union from which the weaker of two boxes goes."""

AGREEMENT = 0.5
"""Intersection over union from which neighbouring cells speak of the same face. Their mean is its box (box voting,
arXiv 1505.01749): the best cell alone changes from one picture to the next nearly equal one, and its box with it."""

WEIGHT = 4
"""Power of a cell's score by which it counts in that mean. As steady as the plain score, and nearer to the best box."""

Rows = NDArray[np.float32]


class Network:
    """YuNet in memory; may be used by several threads at once."""

    def __init__(self, path: Path) -> None:
        """Open the file of the detector.

        Raises:
            FerError: it is another file.
        """
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != YUNET_SHA256:
            raise FerError(
                f"{path} is not the file of the face detector YuNet. Unset FER_YUNET, or run "
                "`fer setup` to fetch the right one."
            )
        try:
            free = with_free_input(content, ("count", "channels", "height", "width"))
            self._session = open_session(free, keep_memory=True)
        except PredictorError as error:
            raise FerError(f"The face detector YuNet cannot be started: {error}. Reinstall onnxruntime.") from error

    def __call__(self, picture: NDArray[np.uint8], min_score: float) -> Rows:
        """Faces in a picture.

        Args:
            picture: uint8 (h, w, 3), RGB.
            min_score: weaker faces are left out, 0 to 1.

        Returns:
            float32 (k, 15), best first: x, y, width, height, five landmarks x, y, and the score.
        """
        height, width = picture.shape[:2]
        filled = np.zeros((1, 3, _filled(height), _filled(width)), np.float32)
        filled[0, :, :height, :width] = picture[..., ::-1].transpose(2, 0, 1)
        answers = [answer[0] for answer in self._session.run(OUTPUTS, {"input": filled})]
        grids = [answers[start : start + len(HEADS)] for start in range(0, len(answers), len(HEADS))]
        found = np.concatenate(
            [_decoded(heads, stride, _filled(width), min_score) for heads, stride in zip(grids, STRIDES, strict=True)]
        )
        return _without_doubles(found[np.isfinite(found).all(axis=1)])  # slivers of a picture give nan


def _filled(side: int) -> int:
    return -(-side // MULTIPLE) * MULTIPLE


def _without_doubles(rows: Rows) -> Rows:
    """The best row of each face, with the mean box and landmarks of all rows that agree with it."""
    kept = np.asarray(cv2.dnn.NMSBoxes(rows[:, :4].tolist(), rows[:, 14].tolist(), 0.0, OVERLAP), int).reshape(-1)
    faces: Rows = rows[kept]
    for face in faces:
        votes = np.where(_overlaps(face, rows) > AGREEMENT, rows[:, 14] ** WEIGHT, 0)
        if votes.any():
            face[:14] = votes @ rows[:, :14] / votes.sum()
    return faces


def _overlaps(face: Rows, rows: Rows) -> Rows:
    """Intersection over union of one box with each, (k,)."""
    starts = np.maximum(face[:2], rows[:, :2])
    ends = np.minimum(face[:2] + face[2:4], rows[:, :2] + rows[:, 2:4])
    shared = np.prod(np.maximum(ends - starts, 0), axis=1)
    areas = face[2] * face[3] + rows[:, 2] * rows[:, 3] - shared
    return np.asarray(shared / np.maximum(areas, np.finfo(np.float32).tiny), np.float32)


def _decoded(heads: list[Rows], stride: int, width: int, min_score: float) -> Rows:
    """Cells of one grid whose score is high enough, as boxes and landmarks in pixels."""
    kinds, objects, boxes, landmarks = heads
    scores = np.sqrt(np.clip(kinds[:, 0], 0, 1) * np.clip(objects[:, 0], 0, 1))
    cells = np.flatnonzero(scores >= min_score)
    rows, columns = np.divmod(cells, width // stride)
    corners = np.column_stack([columns, rows]).astype(np.float32)
    middles = (corners + boxes[cells, :2]) * stride
    sides = np.exp(boxes[cells, 2:]) * stride
    points = (landmarks[cells].reshape(-1, 5, 2) + corners[:, None]) * stride
    return np.column_stack([middles - sides / 2, sides, points.reshape(-1, 10), scores[cells]]).astype(np.float32)
