"""The search of one photo: coarse views first, then parts of it at finer scales, where there may be more to see.

What a view shows is looked at again in a small picture of its own, where box and score mean the same at any size and
tilt; a sure, upright face of usual size is taken as it is.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.photos.detectors import Detection, Detector
from fer_core.photos.face import Face, is_among, without_doubles
from fer_core.photos.geometry import View, part_of_view, view_around, view_of_whole
from fer_core.photos.images import COARSEST, COARSEST_DIVISOR, Photo

SMALLEST_SEARCH = 160
"""Smaller images are enlarged to this side before they are searched."""

WIDEST = 3.0
"""Times as long as that of another photo, the view of a panorama may be. A strip of 16 x 32,000 pixels that is turned
by 45 degrees would fill gigabytes."""

MOST_ENLARGED = 2.0
"""Beyond this a small face becomes a blur in which detectors see less."""

PLAIN_SIDES = (60, 300)
PLAIN_ROLL = 10
"""Pixels in a view, and degrees, between which a sure face is taken as it is."""

TILE, SHARED = 640, 128
"""Side of the parts of a fine view, and how much neighbours have in common: more than any face that only they show."""

SIGN = 0.3
"""Score from which something small in a view is a sign of small faces in the photo."""

SMALL = 30
"""Pixels in a view below which a face may be missed there, or be seen with half the score that it has enlarged."""

MOST_LOOKS, MOST_TURNED = 500, 100
"""Places that are looked at again, the best of a view first, and those of them that are looked at turned as well: they
bound the time that a wall of near-faces takes."""

PORTRAIT = 0.125
"""Share of the photo's longest side from which a face makes it a portrait, in which few look for small faces."""

BLURRED, BLURRED_LEVEL = 120, 0.02
"""A face below so many pixels in its own picture counts as upright with so much less than the level."""

CELL, CONTRAST, SHARPEST = 20, 7, 0.62
"""A square of so many pixels of a coarse picture is sharp when the mean of its Laplacian (0 to 1020) is at least
CONTRAST, and SHARPEST of what it is in the same picture at half the size. Where nothing is sharp, as behind a portrait
or in an enlarged picture, a finer one shows nothing new. Measured: nine of ten faces of 40 to 48 pixels are sharp in a
quarter of 12 megapixels, and no square of a sample that was enlarged to it."""


@dataclass(frozen=True, eq=False)
class Seen:
    """Something like a face in a view."""

    face: Face
    view: View

    @property
    def side(self) -> float:
        """The longer side of the box, in pixels of the view."""
        return self.face.side * self.view.scale


class Search:
    """Finds the faces of a photo with a detector."""

    def __init__(self, photo: Photo, detector: Detector, min_score: float) -> None:
        self._photo = photo
        self._detector = detector
        self._strategy = detector.strategy
        self._min_score = min_score
        self._signs = False
        self._turned = 0

    def run(self) -> list[Face]:
        """Every face, in no order."""
        found: list[Face] = []
        for view in self._coarse_views():
            found = max(found, self._faces([view], []), key=_top_score)
            if _top_score(found) >= self._strategy.sure:
                break
        quarter = round(max(found, key=_score).roll / 90) * 90 if found else 0
        if quarter:  # a sideways photo: seen upright it may show more
            found = without_doubles(found + self._faces([self._whole(self._strategy.searches[0][0], quarter)], found))
        for scale in self._strategy.fine:
            if self._shows_more(scale, found):
                self._signs = False
                found = found + self._faces(self._parts(scale, quarter, found), found)
        return without_doubles(found)

    def _coarse_views(self) -> list[View]:
        searches = [(self._searched(side), roll) for side, roll in self._strategy.searches]
        return [self._whole(side, roll) for side, roll in dict.fromkeys(searches)]

    def _whole(self, longest: int, roll: float) -> View:
        return view_of_whole(self._photo.size, self._searched(longest), roll)

    def _searched(self, side: int) -> int:
        """Longest side of a view: no photo is enlarged, unless it is tiny; panoramas get as many pixels as others."""
        longest, shortest = max(self._photo.size), min(self._photo.size)
        wide = min(WIDEST, math.sqrt(max(1.0, longest / shortest / 2)))
        return max(min(round(side * wide), longest), SMALLEST_SEARCH)

    def _shows_more(self, scale: float, found: list[Face]) -> bool:
        """Whether the photo at this scale may show faces that coarser views did not."""
        coarse = self._searched(self._strategy.searches[0][0]) / max(self._photo.size)
        if scale < 1.25 * coarse:
            return False
        return self._signs or not found or scale < 1.0

    def _parts(self, scale: float, roll: float, found: list[Face]) -> list[View]:
        """Overlapping parts of the photo; behind a portrait only those in which something is sharp."""
        whole = view_of_whole(self._photo.size, round(scale * max(self._photo.size)), roll)
        parts = [
            part_of_view(whole, left, top, min(TILE, whole.width), min(TILE, whole.height))
            for top in _starts(whole.height)
            for left in _starts(whole.width)
        ]
        if max((face.side for face in found), default=0) < PORTRAIT * max(self._photo.size):
            return parts
        sharp = _sharp_places(self._photo, found)
        return [part for part in parts if _touches(part, sharp)]

    def _faces(self, views: list[View], known: list[Face]) -> list[Face]:
        """Faces that are seen in the views and once more when looked at alone; not those known before."""
        least = min(SIGN, self._min_score * self._strategy.share)
        seen = [
            Seen(_as_face(view, found), view)
            for view in views
            for found in self._detector(self._photo.view(view), least)
        ]
        seen = [one for one in seen if not is_among(one.face, known)]
        self._signs |= any(one.side < SMALL for one in seen)
        likely = [one for one in _without_doubles(seen) if self._is_likely(one)]
        again = [(self._look_again(one), one.view) for one in likely[:MOST_LOOKS]]
        return [face for face, view in again if face and self._counts(face, view)]

    def _is_likely(self, seen: Seen) -> bool:
        """It is worth a second look."""
        share = self._strategy.small_share if seen.side < SMALL else self._strategy.share
        return seen.face.score >= self._min_score * share

    def _counts(self, face: Face, view: View) -> bool:
        """Its score is high enough for the way it stands, in the photo and in the view."""
        strategy = self._strategy
        least = self._min_score if abs(face.roll) < 30 else max(self._min_score, strategy.turned)
        return face.score >= least and abs(_turn(view.roll, face.roll)) <= strategy.slant

    def _look_again(self, seen: Seen) -> Face | None:
        """The face in a small level picture of its own: there its box and score mean the same at any size and tilt."""
        strategy, roll = self._strategy, seen.face.roll
        if self._is_plain(seen):
            return seen.face
        best = self._seen_at(seen.face, roll)
        level = strategy.level - BLURRED_LEVEL * (MOST_ENLARGED * seen.face.side < BLURRED)
        if (best is None or best.score < level) and self._turned < MOST_TURNED:
            self._turned += bool(strategy.turns)
            turned = [(self._seen_at(seen.face, roll + turn), roll + turn) for turn in strategy.turns]
            best, roll = max([(best, roll), *turned], key=lambda pair: pair[0].score if pair[0] else 0.0)
        return best and self._levelled(best, roll)

    def _is_plain(self, seen: Seen) -> bool:
        """A sure, upright face of usual size: a second look would tell nothing new."""
        low, high = PLAIN_SIDES
        return (
            seen.face.score >= self._strategy.plain
            and low <= seen.side <= high
            and abs(_turn(seen.view.roll, seen.face.roll)) <= PLAIN_ROLL
        )

    def _levelled(self, face: Face, roll: float) -> Face:
        """Detectors take a tilt for less than it is: each look corrects the last one, at `roll`, until they agree."""
        for _ in range(3):
            if abs(_turn(roll, face.roll)) < 2:
                break
            roll = face.roll
            face = self._seen_at(face, roll) or face
        return face

    def _seen_at(self, face: Face, roll: float) -> Face | None:
        size = max(face.side, 1)
        inner = min(self._strategy.face, MOST_ENLARGED * size)
        side = round(1.7 * inner)
        patch = view_around(face.center, inner / size, roll, side, side)
        found = self._detector(self._photo.view(patch), 0.3, round(inner))
        near = [one for one in found if _fits(one, side, inner)]
        return _as_face(patch, max(near, key=lambda one: one.score)) if near else None


def _starts(side: int) -> list[int]:
    """Where the parts begin along a side of a view."""
    count = max(1, -(-(side - SHARED) // (TILE - SHARED)))
    return [round(start) for start in np.linspace(0, max(0, side - TILE), count)]


def _sharp_places(photo: Photo, known: list[Face]) -> NDArray[np.float64]:
    """Points (n, 2) of the photo around which a finer picture may show more, outside of the faces that are known."""
    gray, divisor = _coarse_gray(photo)
    edges, coarser = _edges(gray, CELL), _edges(_halved(gray), CELL // 2)
    rows, columns = np.minimum(edges.shape, coarser.shape)
    edges, coarser = edges[:rows, :columns], coarser[:rows, :columns]
    found = np.argwhere((edges >= CONTRAST) & (edges >= SHARPEST * coarser))
    places = (found[:, ::-1] + 0.5) * (CELL * divisor)
    inside = np.zeros(len(places), bool)
    for face in known:
        inside |= (np.abs(places - face.center) <= 0.7 * np.array(face.box[2:])).all(axis=1)
    return np.asarray(places[~inside], np.float64)


def _coarse_gray(photo: Photo) -> tuple[NDArray[np.uint8], int]:
    """The photo in gray at the size of its coarsest decoding, and the divisor of its sides."""
    pixels, divisor = photo.at(0.0)
    gray = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    while divisor < COARSEST_DIVISOR and max(gray.shape) // 2 >= COARSEST and min(gray.shape) > 1:
        gray, divisor = _halved(gray), divisor * 2
    return gray, divisor


def _halved(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    size = max(1, gray.shape[1] // 2), max(1, gray.shape[0] // 2)
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)


def _edges(gray: NDArray[np.uint8], cell: int) -> NDArray[np.float32]:
    """The mean absolute Laplacian in each square of `cell` pixels, 0 to 1020."""
    strength = np.abs(cv2.Laplacian(gray, cv2.CV_16S))
    columns, rows = gray.shape[1] // cell, gray.shape[0] // cell
    if not rows or not columns:
        return np.zeros((rows, columns), np.float32)
    whole = strength[: rows * cell, : columns * cell].astype(np.float32)
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def _touches(part: View, places: NDArray[np.float64]) -> bool:
    inner = part.from_photo(places)
    return bool(((inner >= 0) & (inner <= (part.width, part.height))).all(axis=1).any())


def _fits(found: Detection, side: int, inner: float) -> bool:
    """It is the face in the middle, at about the size it had."""
    offset = np.hypot(found.center[0] - side / 2, found.center[1] - side / 2)
    return bool(offset < 0.3 * inner and 0.6 < max(found.box[2:]) / inner < 1.6)


def _as_face(view: View, detection: Detection) -> Face:
    """Roll by the eyes when they are known, else that of the view."""
    width, height = detection.box[2] / view.scale, detection.box[3] / view.scale
    x, y = view.to_photo(np.array(detection.center))
    roll = _turn(0.0, view.roll + (detection.roll or 0.0))
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


def _without_doubles(seen: list[Seen]) -> list[Seen]:
    """Best first."""
    by_face = {id(one.face): one for one in seen}
    return [by_face[id(face)] for face in without_doubles(one.face for one in seen)]
