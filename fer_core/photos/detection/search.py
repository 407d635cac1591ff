"""The search of one photo: coarse views first, then parts of it at finer scales, where there may be more to see.

What a view shows is looked at again in a small picture of its own, where box and score mean the same at any size and
tilt; a sure, upright face of usual size is taken as it is.
"""

import functools
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.photos.detection.detectors import Detection, Detector
from fer_core.photos.detection.face import Face, is_among, without_doubles
from fer_core.photos.geometry import View, part_of_view, view_around, view_of_whole
from fer_core.photos.images import COARSEST, COARSEST_DIVISOR, Photo


@dataclass(frozen=True)
class SearchRules:
    """Numbers of the search that hold for every detector. The engine in browser/ is given the same ones.

    Attributes:
        smallest: smaller images are enlarged to this side before they are searched.
        most_enlarged: beyond this a small face becomes a blur in which detectors see less.
        plain_sides: pixels in a view between which a sure face is taken as it is.
        plain_roll: degrees within which it then must stand upright.
        tile: longest side of the parts of a fine view.
        shared: how much neighbours have in common, and how far around a sharp place is searched: more than any face
            that only they show.
        finer: how much finer than the coarse view a view must be to be searched.
        sign: score from which something small in a view is a sign of small faces in the photo.
        small: pixels in a view below which a face may be missed there, or be seen with half the score that it has
            enlarged.
        widest: times as long as that of another photo, the view of a panorama may be. A strip of 16 x 32,000 pixels
            that is turned by 45 degrees would fill gigabytes.
        most_places: places that are looked at again, the best of a view first.
        most_turned: those of them that are looked at turned as well. Both bound the time that a wall of near-faces
            takes.
        portrait: share of the photo's longest side from which a face makes it a portrait, in which few look for small
            faces.
        surroundings: side of the picture in which a face is looked at again, in sides of the face.
        second_look_score: least score of a face in that picture.
        nearest: farthest from the middle of that picture that the face may stand, in sides of the face.
        least_size: smallest that it may be there, in the size expected.
        most_size: largest that it may be there, in the size expected.
        blurred: a face below so many pixels in its own picture counts as upright with less than the level.
        blurred_level: how much less.
        level: degrees within which two looks agree on how a face is turned. Two looks at nearly the same picture differ
            by about one (benchmarks.steadiness).
        most_looks: looks after which a face is taken as it was seen last.
        upright: degrees within which a face counts as upright.
        cell: side of the squares of a coarse picture whose sharpness is measured, in pixels.
        contrast: least mean of the Laplacian (0 to 1020) in a sharp square.
        sharpest: least share of what it is in the same picture at half the size. Where nothing is sharp, as behind a
            portrait or in an enlarged picture, a finer one shows nothing new. Measured: nine of ten faces of 40 to 48
            pixels are sharp in a quarter of 12 megapixels, and no square of a sample that was enlarged to it.
        flat: mean of the Laplacian below which a square shows nothing: a wall, a clear sky. The face of 44 pixels with
            a tenth of its light is above it (tests/photos/detection/test_search.py).
        flat_cell: side of the squares for it.
        around_known: how far a known face reaches, in sides of its box: what is sharp there is the face.
    """

    smallest: int = 160
    most_enlarged: float = 2.0
    plain_sides: tuple[int, int] = (60, 300)
    plain_roll: float = 10.0
    tile: int = 960
    shared: int = 96
    finer: float = 1.25
    sign: float = 0.3
    small: int = 30
    widest: float = 3.0
    most_places: int = 500
    most_turned: int = 100
    portrait: float = 0.125
    surroundings: float = 1.7
    second_look_score: float = 0.3
    nearest: float = 0.3
    least_size: float = 0.6
    most_size: float = 1.6
    blurred: int = 120
    blurred_level: float = 0.02
    level: float = 3.5
    most_looks: int = 3
    upright: float = 30.0
    cell: int = 20
    contrast: float = 7.0
    sharpest: float = 0.62
    flat: float = 1.5
    flat_cell: int = 8
    around_known: float = 0.7


RULES = SearchRules()


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
        wide = min(RULES.widest, math.sqrt(max(1.0, longest / shortest / 2)))
        return max(min(round(side * wide), longest), RULES.smallest)

    def _shows_more(self, scale: float, found: list[Face]) -> bool:
        """Whether the photo at this scale may show faces that coarser views did not."""
        coarse = self._searched(self._strategy.searches[0][0]) / max(self._photo.size)
        if scale < RULES.finer * coarse:
            return False
        return self._signs or not found or scale < 1.0

    def _parts(self, scale: float, roll: float, found: list[Face]) -> list[View]:
        """Overlapping parts of the photo where it is not flat; behind a portrait only where something is sharp."""
        whole = view_of_whole(self._photo.size, round(scale * max(self._photo.size)), roll)
        width, height = _part_side(whole.width), _part_side(whole.height)
        parts = [
            part_of_view(whole, left, top, width, height)
            for top in _starts(whole.height, height)
            for left in _starts(whole.width, width)
        ]
        portrait = max((face.side for face in found), default=0) >= RULES.portrait * max(self._photo.size)
        places = _sharp_places(self._photo, found) if portrait else self._uneven
        return [narrowed for part in parts if (narrowed := _around(part, places))]

    @functools.cached_property
    def _uneven(self) -> NDArray[np.float64]:
        return _uneven_places(self._photo)

    def _faces(self, views: list[View], known: list[Face]) -> list[Face]:
        """Faces that are seen in the views and once more when looked at alone; not those known before."""
        least = min(RULES.sign, self._min_score * self._strategy.share)
        seen = [
            Seen(_as_face(view, found, self._strategy.step), view)
            for view in views
            for found in self._detector(self._photo.view(view), least)
        ]
        seen = [one for one in seen if not is_among(one.face, known)]
        self._signs |= any(one.side < RULES.small for one in seen)
        likely = [one for one in _without_doubles(seen) if self._is_likely(one)]
        again = [(self._look_again(one), one.view) for one in likely[: RULES.most_places]]
        return [face for face, view in again if face and self._counts(face, view)]

    def _is_likely(self, seen: Seen) -> bool:
        """It is worth a second look."""
        share = self._strategy.small_share if seen.side < RULES.small else self._strategy.share
        return seen.face.score >= self._min_score * share

    def _counts(self, face: Face, view: View) -> bool:
        """Its score is high enough for the way it stands, in the photo and in the view."""
        strategy = self._strategy
        least = self._min_score if abs(face.roll) < RULES.upright else max(self._min_score, strategy.turned)
        return face.score >= least and abs(_turn(view.roll, face.roll)) <= strategy.slant

    def _look_again(self, seen: Seen) -> Face | None:
        """The face in a small level picture of its own: there its box and score mean the same at any size and tilt."""
        strategy, roll = self._strategy, seen.face.roll
        if self._is_plain(seen):
            return seen.face
        best = self._seen_at(seen.face, roll)
        blurred = RULES.most_enlarged * seen.face.side < RULES.blurred
        level = strategy.level - RULES.blurred_level * blurred
        if (best is None or best.score < level) and self._turned < RULES.most_turned:
            self._turned += bool(strategy.turns)
            turned = [(self._seen_at(seen.face, roll + turn), roll + turn) for turn in strategy.turns]
            best, roll = max([(best, roll), *turned], key=lambda pair: pair[0].score if pair[0] else 0.0)
        return best and self._levelled(best, roll)

    def _is_plain(self, seen: Seen) -> bool:
        """A sure, upright face of usual size: a second look would tell nothing new."""
        low, high = RULES.plain_sides
        return (
            seen.face.score >= self._strategy.plain
            and low <= seen.side <= high
            and abs(_turn(seen.view.roll, seen.face.roll)) <= RULES.plain_roll
        )

    def _levelled(self, face: Face, roll: float) -> Face:
        """Detectors take a tilt for less than it is: each look corrects the last one, at `roll`, until they agree."""
        for _ in range(RULES.most_looks):
            if abs(_turn(roll, face.roll)) < RULES.level:
                break
            roll = face.roll
            face = self._seen_at(face, roll) or face
        return face

    def _seen_at(self, face: Face, roll: float) -> Face | None:
        size = max(face.side, 1)
        inner = min(self._strategy.face, RULES.most_enlarged * size)
        side = round(RULES.surroundings * inner)
        patch = view_around(face.center, inner / size, roll, side, side)
        found = self._detector(self._photo.view(patch), RULES.second_look_score, round(inner))
        near = [one for one in found if _fits(one, side, inner)]
        if not near:
            return None
        return _as_face(patch, max(near, key=lambda one: one.score), self._strategy.step)


def _part_side(side: int) -> int:
    """A side of the parts: the view is cut into as few as `tile` allows, no larger than they need to be."""
    count = _part_count(side)
    return -(-(side + (count - 1) * RULES.shared) // count)


def _part_count(side: int) -> int:
    return max(1, -(-(side - RULES.shared) // (RULES.tile - RULES.shared)))


def _starts(side: int, part: int) -> list[int]:
    """Where the parts begin along a side of a view."""
    return [round(start) for start in np.linspace(0, side - part, _part_count(side))]


def _sharp_places(photo: Photo, known: list[Face]) -> NDArray[np.float64]:
    """Points (n, 2) of the photo around which a finer picture may show more, outside of the faces that are known."""
    gray, divisor = _coarse_gray(photo)
    edges, coarser = _edges(gray, RULES.cell), _edges(_halved(gray), RULES.cell // 2)
    rows, columns = np.minimum(edges.shape, coarser.shape)
    edges, coarser = edges[:rows, :columns], coarser[:rows, :columns]
    found = np.argwhere((edges >= RULES.contrast) & (edges >= RULES.sharpest * coarser))
    places = (found[:, ::-1] + 0.5) * (RULES.cell * divisor)
    inside = np.zeros(len(places), bool)
    for face in known:
        inside |= (np.abs(places - face.center) <= RULES.around_known * np.array(face.box[2:])).all(axis=1)
    return np.asarray(places[~inside], np.float64)


def _uneven_places(photo: Photo) -> NDArray[np.float64]:
    """Points (n, 2) of the photo at which there is anything to see."""
    gray, divisor = _coarse_gray(photo)
    edges = _edges(gray, RULES.flat_cell)
    if not edges.size:  # a strip thinner than a square: all of it
        edges = np.full(tuple(max(1, side // RULES.flat_cell) for side in gray.shape), np.inf, np.float32)
    found = np.argwhere(edges >= RULES.flat)
    return np.asarray((found[:, ::-1] + 0.5) * (RULES.flat_cell * divisor), np.float64)


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
    strength = cv2.Laplacian(gray, cv2.CV_32F)
    np.abs(strength, out=strength)  # one array less of all pixels takes a third of the time
    columns, rows = gray.shape[1] // cell, gray.shape[0] // cell
    if not rows or not columns:
        return np.zeros((rows, columns), np.float32)
    whole = strength[: rows * cell, : columns * cell]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def _around(part: View, places: NDArray[np.float64]) -> View | None:
    """As much of the part as the places in it need; None where it has none."""
    points = part.from_photo(places)
    points = points[((points >= 0) & (points <= (part.width, part.height))).all(axis=1)]
    if not len(points):
        return None
    left, top = (max(0, math.floor(least) - RULES.shared) for least in points.min(axis=0))
    right, bottom = (math.ceil(most) + RULES.shared for most in points.max(axis=0))
    return part_of_view(part, left, top, min(right, part.width) - left, min(bottom, part.height) - top)


def _fits(found: Detection, side: int, inner: float) -> bool:
    """It is the face in the middle, at about the size it had."""
    offset = np.hypot(found.center[0] - side / 2, found.center[1] - side / 2)
    size = max(found.box[2:]) / inner
    return bool(offset < RULES.nearest * inner and RULES.least_size < size < RULES.most_size)


def _as_face(view: View, detection: Detection, step: float) -> Face:
    """Roll by the eyes when they are known, else that of the view; in whole steps of `step` degrees, if any."""
    width, height = detection.box[2] / view.scale, detection.box[3] / view.scale
    x, y = view.to_photo(np.array(detection.center))
    roll = _turn(0.0, view.roll + (detection.roll or 0.0))
    roll = step * round(roll / step) if step else roll
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
