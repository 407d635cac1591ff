"""What a face is, and when two of them are the same."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAME = 0.5
"""Share of the smaller box inside the larger one from which two boxes are the same face."""


@dataclass(frozen=True, eq=False)
class Face:
    """One face, in the pixels of the photo it was found in (the photo with all its pixels, not as searched).

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

    @property
    def area(self) -> int:
        return self.box[2] * self.box[3]

    @property
    def side(self) -> int:
        """The longer side of the box."""
        return max(self.box[2:])

    @property
    def center(self) -> tuple[float, float]:
        x, y, width, height = self.box
        return x + width / 2, y + height / 2


def without_doubles(faces: Iterable[Face]) -> list[Face]:
    """The faces, of those that are the same only the one with the best score."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda one: one.score, reverse=True):
        if not is_among(face, kept):
            kept.append(face)
    return kept


def is_among(face: Face, others: Iterable[Face]) -> bool:
    return any(overlap(face, other) >= SAME for other in others)


def overlap(one: Face, other: Face) -> float:
    """Share of the smaller box that lies in the other: half a face found inside a face is no second one."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = one.box, other.box
    width = max(0, min(ax + aw, bx + bw) - max(ax, bx))
    height = max(0, min(ay + ah, by + bh) - max(ay, by))
    return width * height / max(1, min(one.area, other.area))
