"""Faces in a photo: detectors behind one function, and the square crops that networks see."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.detectors import Detection, Detector, detector_name
from fer_core.detectors import detector as detector_named
from fer_core.views import View, cut, view_around, view_of_whole

__all__ = ["Face", "crop", "detector_name", "find", "whole"]

SMALLEST_SEARCH = 160


@dataclass(frozen=True, eq=False)
class Face:
    """One face, in the pixels of the photo it was found in (the photo as decoded, not as searched).

    Attributes:
        box: x, y, width, height; may reach over the border of the photo.
        score: the detector's, 0 to 1.
        roll: degrees by which the face is turned clockwise in the photo; -180 to 180; 0 is upright.
        landmarks: float32 (5, 2), x and y of the eye on the left of the upright face, the eye on the right, nose
            tip, left and right corner of the mouth; None when the detector gives none; rows may be nan when only
            the eyes are known.
    """

    box: tuple[int, int, int, int]
    score: float
    roll: float = 0.0
    landmarks: NDArray[np.float32] | None = None


def find(image: NDArray[np.uint8], *, min_score: float = 0.7, detector: str | None = None) -> list[Face]:
    """Every face of a photo, largest first; none is an empty list.

    Args:
        image: uint8 (h, w, 3), RGB, upright or not.
        min_score: detections below this score are left out.
        detector: 'yunet' or 'haar'; None takes the best that is there.

    Raises:
        FerError: a detector that does not exist or whose file is missing.
    """
    searcher = detector_named(detector)
    for view in _views(image, searcher):
        found = searcher(cut(image, view), min_score)
        if found:
            faces = [_look_again(image, view, detection, searcher) for detection in found]
            return _without_doubles(sorted(faces, key=_area, reverse=True))
    return []


def whole(image: NDArray[np.uint8]) -> Face:
    """The face of an image that is a face crop already: all of it, upright."""
    height, width = image.shape[:2]
    return Face((0, 0, width, height), 1.0)


def crop(image: NDArray[np.uint8], faces: Sequence[Face], size: int, channels: int) -> NDArray[np.uint8]:
    """Level, tight, square crops, as networks are trained on.

    Args:
        image: uint8 (h, w, 3), RGB; the photo the faces were found in.
        faces: what `find` or `whole` gave.
        size: side of a crop in pixels.
        channels: 3 for RGB, 1 for gray (luma, as in FER2013).

    Returns:
        uint8 (n, size, size, channels).
    """
    crops = np.empty((len(faces), size, size, channels), np.uint8)
    for row, face in zip(crops, faces, strict=True):
        pixels = _cut_square(image, face, size)
        row[:] = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None] if channels == 1 else pixels
    return crops


def _cut_square(image: NDArray[np.uint8], face: Face, size: int) -> NDArray[np.uint8]:
    x, y, width, height = face.box
    scale = size / max(width, height)
    fine = 2 if scale < 1 else 1
    view = view_around((x + width / 2, y + height / 2), scale * fine, face.roll, size * fine, size * fine)
    pixels = cut(image, view)
    return cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA) if fine > 1 else pixels  # type: ignore


def _views(image: NDArray[np.uint8], searcher: Detector) -> list[View]:
    longest = max(image.shape[:2])
    searches = [(max(min(side, longest), SMALLEST_SEARCH), roll) for side, roll in searcher.searches]
    return [view_of_whole(image, side, roll) for side, roll in dict.fromkeys(searches)]


def _look_again(image: NDArray[np.uint8], view: View, detection: Detection, searcher: Detector) -> Face:
    """The face once more in a small level picture of its own: its box means the same at any size and tilt."""
    first = _as_face(view, detection)
    side, inner = searcher.patch
    x, y, width, height = first.box
    scale = inner / max(width, height, 1)
    patch = view_around((x + width / 2, y + height / 2), scale, first.roll, side, side)
    near = [again for again in searcher(cut(image, patch), 0.3) if _fits(again, side, inner)]
    if not near:
        return first
    second = _as_face(patch, max(near, key=lambda again: again.score))
    return Face(second.box, first.score, second.roll, second.landmarks)


def _fits(again: Detection, side: int, inner: int) -> bool:
    """It is the face in the middle, at about the size it had, and level by now."""
    offset = np.hypot(again.center[0] - side / 2, again.center[1] - side / 2)
    grown = max(again.box[2:]) / inner
    return bool(offset < 0.3 * inner and 0.6 < grown < 1.6 and abs(again.roll or 0.0) < 20)


def _as_face(view: View, detection: Detection) -> Face:
    """Roll by the eyes when they are known, else that of the view."""
    view_roll = float(np.degrees(np.arctan2(view.matrix[0, 1], view.matrix[0, 0])))
    roll = view_roll + (detection.roll or 0.0)
    width, height = detection.box[2] / view.scale, detection.box[3] / view.scale
    x, y = view.to_photo(np.array(detection.center))
    marks = detection.landmarks
    return Face(
        box=(round(x - width / 2), round(y - height / 2), round(width), round(height)),
        score=detection.score,
        roll=(roll + 180) % 360 - 180,
        landmarks=None if marks is None else view.to_photo(marks).astype(np.float32),
    )


def _area(face: Face) -> int:
    return face.box[2] * face.box[3]


def _without_doubles(faces: list[Face]) -> list[Face]:
    kept: list[Face] = []
    for face in faces:
        if all(_overlap(face, other) < 0.4 for other in kept):
            kept.append(face)
    return kept


def _overlap(one: Face, other: Face) -> float:
    """Intersection over union of the boxes."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = one.box, other.box
    width = max(0, min(ax + aw, bx + bw) - max(ax, bx))
    height = max(0, min(ay + ah, by + bh) - max(ay, by))
    return width * height / max(1, _area(one) + _area(other) - width * height)
