"""Faces in a photo: detectors behind one function, and the square crops that networks see."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
