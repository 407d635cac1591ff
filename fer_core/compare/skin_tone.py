"""Skin tone as a face's pixels show it: the individual typology angle of the cheeks.

The angle is arctan((L* - 50) / b*) in CIELAB (Chardon et al., 1991, doi 10.1111/j.1467-2494.1991.tb00561.x). From
about 55 degrees on it is called very light, below -30 degrees dark. In dermatology a lamp of known light shines on
the skin. In a photo nobody knows the light, so the angle is partly light: a light face in shadow measures like a
darker one. Show it beside brightness, and read it as a property of the picture. It says nothing of anyone's origin.

A gray picture has no b*. There the angle takes USUAL_YELLOW, so that it orders faces by the skin's lightness alone.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]

USUAL_MARKS = np.array([[0.315, 0.39], [0.675, 0.39], [0.49, 0.595], [0.345, 0.75], [0.65, 0.75]])
"""Eyes, nose and corners of the mouth in a level, tight crop, 0 to 1: medians over the faces of wild_faces."""

PATCH = 0.22
"""Side of the patch on a cheek, in distances between the eyes."""

USUAL_YELLOW = 16.0
"""b* of skin where the picture shows none: the median over the coloured faces of wild_faces."""

LEAST_COLOUR = 2.0
"""Below this b* a patch is gray or bluish, as in a black-and-white photo: it shows no skin colour."""


def typology_angle(picture: Pixels, marks: Floats | None) -> float:
    """The angle in degrees, -90 to 90; darker is lower. It is nan where no cheek lies inside the picture.

    Args:
        picture: level crop, gray uint8 (s, s) or RGB (s, s, 3).
        marks: landmarks (5, 2) in the crop, 0 to 1 from its left and top; None or unknown rows take the usual places.
    """
    colour = picture if picture.ndim == 3 else np.repeat(picture[..., np.newaxis], 3, axis=-1)
    places = USUAL_MARKS if marks is None or not np.isfinite(marks).all() else marks
    patches = [patch for eye, corner in ((0, 3), (1, 4)) if (patch := _cheek(colour, places, eye, corner)).size]
    if not patches:
        return np.nan
    lab = cv2.cvtColor((np.concatenate(patches)[np.newaxis] / 255).astype(np.float32), cv2.COLOR_RGB2LAB)[0]
    lightness, _, yellow = np.median(_typical(lab), axis=0)
    return float(np.degrees(np.arctan2(lightness - 50, yellow if yellow >= LEAST_COLOUR else USUAL_YELLOW)))


def _cheek(picture: Pixels, marks: Floats, eye: int, corner: int) -> Pixels:
    """Pixels (k, 3) of a patch below the eye, a little over halfway to the corner of the mouth."""
    side = len(picture)
    middle = (0.45 * marks[eye] + 0.55 * marks[corner]) * side
    half = max(1.0, PATCH / 2 * float(np.hypot(*(marks[1] - marks[0]))) * side)
    left, top, right, bottom = np.round([*(middle - half), *(middle + half)]).astype(int).clip(0, side)
    cut: Pixels = picture[top:bottom, left:right].reshape(-1, 3)
    return cut


def _typical(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pixels without the darkest and the lightest tenth: beard and shine."""
    low, high = np.quantile(lab[:, 0], [0.1, 0.9])
    kept: NDArray[np.float32] = lab[(lab[:, 0] >= low) & (lab[:, 0] <= high)]
    return kept
