"""Which face of this frame is which face of the frames before.

Each frame's faces are assigned to the tracks so that the sum of all costs is least (Hungarian method, SciPy). The cost
of a pair is how little the boxes overlap and how little the two look alike. What a face looks like is a coarse coloured
picture of head and shoulders: enough to know a face again after a short gap, useless for knowing who it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fer_core.photos.faces import Face
from fer_core.photos.geometry import view_around
from fer_core.photos.images import Photo


@dataclass(frozen=True)
class TrackingRules:
    """How faces of a film are followed and their answers smoothed. The engine in browser/ is given the same ones.

    Attributes:
        farthest: how far a face may move between two frames and be the same, in sides of the face.
        face: size in pixels at which a face is looked at that is followed from the frame before.
        gap_seconds: how long a face may be out of sight and be the same.
        search_seconds: how often the whole frame is searched for new faces while others are followed.
        smoothing_seconds: time constant of the exponential mean over a face's probabilities, in the browser.
    """

    farthest: float = 0.8
    face: int = 112
    gap_seconds: float = 1.0
    search_seconds: float = 1.0
    smoothing_seconds: float = 0.7


RULES = TrackingRules()

LONGEST_GAP = 2.0
"""Seconds after which a face that comes back has a new number, in a video file. There the look helps; in the browser a
face is known by its place alone, and gets RULES.gap_seconds."""

DRIFT = 1.0
"""How much farther a face may stand for each second that it was out of sight, in sides of the face."""

ALIKE = 0.5
"""Least correlation of two looks for a face that was out of sight or moved far."""

LOOK_SIDE, LOOK_REACH = 8, 2.0
"""Pixels of a look along a side, and how far it reaches, in sides of the face."""

NEVER = 1e6

Look = NDArray[np.float32]


@dataclass(eq=False)
class Track:
    """One face through the film.

    Attributes:
        number: from 1 on; never given twice.
        face: where it was last seen.
        look: what it looked like, a running mean of unit vectors.
        seen: seconds, when it was last seen.
    """

    number: int
    face: Face
    look: Look = field(repr=False)
    seen: float


class Tracker:
    """Keeps the tracks of a film; holds only those that may still come back."""

    def __init__(self) -> None:
        self._tracks: list[Track] = []
        self._last = -np.inf
        self._given = 0

    @property
    def in_sight(self) -> list[Track]:
        """The faces of the last frame."""
        return [track for track in self._tracks if track.seen == self._last]

    def update(self, faces: Sequence[Face], looks: Sequence[Look], time: float) -> list[Track]:
        """Give every face of a frame its track, in the order of the faces.

        Args:
            faces: of one frame.
            looks: of each, by `look`.
            time: of the frame in seconds; later than all before.
        """
        here = self._last
        self._tracks = [track for track in self._tracks if track.seen == here or time - track.seen <= LONGEST_GAP]
        chosen = self._assigned(faces, looks, time)
        self._last = time
        return [
            self._moved(chosen[place], face, looks[place], time)
            if place in chosen
            else self._added(face, looks[place], time)
            for place, face in enumerate(faces)
        ]

    def _assigned(self, faces: Sequence[Face], looks: Sequence[Look], time: float) -> dict[int, Track]:
        """Tracks by the place of their face."""
        if not faces or not self._tracks:
            return {}
        from scipy.optimize import linear_sum_assignment

        costs = np.array(
            [
                [self._cost(track, face, look, time) for track in self._tracks]
                for face, look in zip(faces, looks, strict=True)
            ]
        )
        rows, columns = linear_sum_assignment(costs)
        return {
            int(row): self._tracks[column]
            for row, column in zip(rows, columns, strict=True)
            if costs[row, column] < NEVER
        }

    def _cost(self, track: Track, face: Face, look: Look, time: float) -> float:
        """0 for the same place and look; NEVER where they cannot be one face."""
        alike = float(track.look @ look)
        apart = distance(track.face, face)
        lost = 0.0 if track.seen == self._last else time - track.seen
        known = alike >= ALIKE and apart <= 2 * RULES.farthest + DRIFT * lost
        if not known and (lost or apart > RULES.farthest):
            return NEVER
        return (1 - shared(track.face, face)) / 2 + (1 - alike) / 2 + lost / LONGEST_GAP / 4

    def _moved(self, track: Track, face: Face, look: Look, time: float) -> Track:
        mean = 0.8 * track.look + 0.2 * look
        track.face, track.seen = face, time
        track.look = np.asarray(mean / max(1e-6, float(np.linalg.norm(mean))), np.float32)
        return track

    def _added(self, face: Face, look: Look, time: float) -> Track:
        self._given += 1
        self._tracks.append(Track(self._given, face, look, time))
        return self._tracks[-1]


def distance(one: Face, other: Face) -> float:
    """Between the middles, in sides of the smaller face; no limit when one is more than twice the other."""
    small, large = sorted((one.side, other.side))
    if large > 2 * small:
        return float("inf")
    return float(np.hypot(*np.subtract(one.center, other.center))) / max(1, small)


def shared(one: Face, other: Face) -> float:
    """Intersection over union of the boxes, 0 to 1."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = one.box, other.box
    width = max(0, min(ax + aw, bx + bw) - max(ax, bx))
    height = max(0, min(ay + ah, by + bh) - max(ay, by))
    both = width * height
    return both / max(1, one.area + other.area - both)


def look(frame: Photo, face: Face) -> Look:
    """Head and shoulders as a coarse picture, brightness and contrast taken out: a unit vector (LOOK_SIDE² * 3,)."""
    scale = LOOK_SIDE / (LOOK_REACH * max(1, face.side))
    pixels = frame.view(view_around(face.center, scale, face.roll, LOOK_SIDE, LOOK_SIDE)).astype(np.float32).ravel()
    pixels -= pixels.mean()
    return pixels / max(1e-6, float(np.linalg.norm(pixels)))
