"""Faces in a photo: detectors behind one function, and the square crops that networks see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.photos.detectors import Detection, Detector, Strategy, borrowed, detector_name
from fer_core.photos.geometry import View, cut, view_around, view_of_whole

__all__ = ["Face", "crop", "detector_name", "find", "scaled", "whole"]


@dataclass(frozen=True)
class SearchRules:
    """Numbers of the search that hold for every detector. The engine in browser/ is given the same ones.

    Attributes:
        smallest: smaller images are enlarged to this side before they are searched.
        most_enlarged: beyond this a small face becomes a blur in which detectors see less.
        surroundings: side of the picture in which a face is looked at again, in sides of the face.
        second_look_score: least score of a face in that picture.
        nearest: farthest from the middle of that picture that the face may stand, in sides of the face.
        least_size: smallest that it may be there, in the size expected.
        most_size: largest that it may be there, in the size expected.
        level: degrees within which two looks agree on how a face is turned.
        most_looks: looks after which a face is taken as it was seen last.
        upright: degrees within which a face counts as upright.
        double: share of a box inside another one from which both are the same face.
    """

    smallest: int = 160
    most_enlarged: float = 2.0
    surroundings: float = 1.7
    second_look_score: float = 0.3
    nearest: float = 0.3
    least_size: float = 0.6
    most_size: float = 1.6
    level: float = 2.0
    most_looks: int = 3
    upright: float = 30.0
    double: float = 0.5


RULES = SearchRules()

MIN_SCORE = 0.7
"""Detections below this score are left out, unless a caller says otherwise."""

CROP_SIDE = 1.0
"""Side of a crop in heights of YuNet's box; measured. The faces in FER2013's own images stand at 1.04."""


@dataclass(frozen=True, eq=False)
class Face:
    """One face, in the pixels of the photo it was found in (the photo as decoded, not as searched).

    Attributes:
        box: x, y, width, height, as seen in the photo; may reach over its border.
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


def find(image: NDArray[np.uint8], *, min_score: float = MIN_SCORE, detector: str | None = None) -> list[Face]:
    """Every face of a photo, largest first; none is an empty list.

    Args:
        image: uint8 (h, w, 3), RGB, upright or not.
        min_score: detections below this score are left out.
        detector: 'yunet' or 'haar'; None takes the best that is there.

    Raises:
        FerError: a detector that does not exist or whose file is missing.
    """
    with borrowed(detector) as searcher:
        found = _find(image, searcher, min_score)
    return sorted(found, key=_area, reverse=True)


def whole(image: NDArray[np.uint8]) -> Face:
    """The face of an image that is a face crop already: all of it, upright."""
    height, width = image.shape[:2]
    return Face((0, 0, width, height), 1.0)


def scaled(face: Face, factor: float) -> Face:
    """The same face in the pixels of a photo `factor` times as large."""
    x, y, width, height = (round(value * factor) for value in face.box)
    marks = None if face.landmarks is None else face.landmarks * np.float32(factor)
    return replace(face, box=(x, y, width, height), landmarks=marks)


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
    scale = size / (CROP_SIDE * max(width, height))
    fine = 2 if scale < 1 else 1
    view = view_around((x + width / 2, y + height / 2), scale * fine, face.roll, size * fine, size * fine)
    pixels = cut(image, view)
    if fine > 1:
        return np.asarray(cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return pixels


def _find(image: NDArray[np.uint8], searcher: Detector, min_score: float) -> list[Face]:
    best: list[Face] = []
    for view in _views(image, searcher):
        best = max(best, _search(image, view, searcher, min_score), key=_top_score)
        if _top_score(best) >= searcher.strategy.sure:
            break
    quarter = round(max(best, key=_score).roll / 90) * 90 if best else 0
    if quarter:  # a sideways photo: seen upright it may show more
        view = view_of_whole(image, _searched(image, searcher.strategy.searches[0][0]), quarter)
        best = best + _search(image, view, searcher, min_score)
    return _without_doubles(best)


def _views(image: NDArray[np.uint8], searcher: Detector) -> list[View]:
    searches = [(_searched(image, side), roll) for side, roll in searcher.strategy.searches]
    return [view_of_whole(image, side, roll) for side, roll in dict.fromkeys(searches)]


def _searched(image: NDArray[np.uint8], side: int) -> int:
    """Longest side of the view to search: no photo is enlarged, unless it is tiny."""
    longest: int = max(image.shape[:2])
    return max(min(side, longest), RULES.smallest)


def _search(image: NDArray[np.uint8], view: View, searcher: Detector, min_score: float) -> list[Face]:
    """Faces that are seen in the view and once more when looked at alone."""
    strategy = searcher.strategy
    seen = [_as_face(view, found, strategy.step) for found in searcher(cut(image, view), min_score * strategy.share)]
    again = [_look_again(image, face, searcher) for face in seen]
    return [face for face in again if face and _counts(face, view, strategy, min_score)]


def _counts(face: Face, view: View, strategy: Strategy, min_score: float) -> bool:
    """Its score is high enough for the way it stands, in the photo and in the view."""
    least = min_score if abs(face.roll) < RULES.upright else max(min_score, strategy.turned)
    return face.score >= least and abs(_turn(view.roll, face.roll)) <= strategy.slant


def _look_again(image: NDArray[np.uint8], face: Face, searcher: Detector) -> Face | None:
    """The face in a small level picture of its own: there its box and score mean the same at any size and tilt."""
    strategy, roll = searcher.strategy, face.roll
    best = _seen_at(image, face, searcher, roll)
    if best is None or best.score < strategy.level:
        turned = [(_seen_at(image, face, searcher, roll + turn), roll + turn) for turn in strategy.turns]
        best, roll = max([(best, roll), *turned], key=lambda pair: pair[0].score if pair[0] else 0.0)
    return best and _levelled(image, best, searcher, roll)


def _levelled(image: NDArray[np.uint8], face: Face, searcher: Detector, roll: float) -> Face:
    """Detectors take a tilt for less than it is: each look corrects the last one, at `roll`, until they agree."""
    for _ in range(RULES.most_looks):
        if abs(_turn(roll, face.roll)) < RULES.level:
            break
        roll = face.roll
        face = _seen_at(image, face, searcher, roll) or face
    return face


def _seen_at(image: NDArray[np.uint8], face: Face, searcher: Detector, roll: float) -> Face | None:
    x, y, width, height = face.box
    size = max(width, height, 1)
    inner = min(searcher.strategy.face, RULES.most_enlarged * size)
    side = round(RULES.surroundings * inner)
    patch = view_around((x + width / 2, y + height / 2), inner / size, roll, side, side)
    near = [
        found
        for found in searcher(cut(image, patch), RULES.second_look_score, round(inner))
        if _fits(found, side, inner)
    ]
    return _as_face(patch, max(near, key=lambda found: found.score), searcher.strategy.step) if near else None


def _fits(found: Detection, side: int, inner: float) -> bool:
    """It is the face in the middle, at about the size it had."""
    offset = np.hypot(found.center[0] - side / 2, found.center[1] - side / 2)
    size = max(found.box[2:]) / inner
    return bool(offset < RULES.nearest * inner and RULES.least_size < size < RULES.most_size)


def _as_face(view: View, detection: Detection, step: float) -> Face:
    """Roll by the eyes when they are known, else that of the view; in whole steps of `step` degrees."""
    width, height = detection.box[2] / view.scale, detection.box[3] / view.scale
    x, y = view.to_photo(np.array(detection.center))
    roll = step * round(_turn(0.0, view.roll + (detection.roll or 0.0)) / step)
    if 45 < abs(roll) < 135:  # a face that lies on its side is wider than high
        width, height = height, width
    marks = detection.landmarks
    return Face(
        box=(round(x - width / 2), round(y - height / 2), round(width), round(height)),
        score=detection.score,
        roll=roll,
        landmarks=None if marks is None else view.to_photo(marks).astype(np.float32),
    )


def _turn(start: float, end: float) -> float:
    """Degrees from one direction to another, the short way: -180 to 180."""
    return (end - start + 180) % 360 - 180


def _score(face: Face) -> float:
    return face.score


def _top_score(faces: list[Face]) -> float:
    return max((face.score for face in faces), default=0.0)


def _area(face: Face) -> int:
    return face.box[2] * face.box[3]


def _without_doubles(faces: list[Face]) -> list[Face]:
    kept: list[Face] = []
    for face in sorted(faces, key=_score, reverse=True):
        if all(_overlap(face, other) < RULES.double for other in kept):
            kept.append(face)
    return kept


def _overlap(one: Face, other: Face) -> float:
    """Share of the smaller box that lies in the other: half a face found inside a face is no second one."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = one.box, other.box
    width = max(0, min(ax + aw, bx + bw) - max(ax, bx))
    height = max(0, min(ay + ah, by + bh) - max(ay, by))
    return width * height / max(1, min(_area(one), _area(other)))
