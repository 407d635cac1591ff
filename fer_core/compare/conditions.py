"""How a face stands in its photo: size, sharpness, brightness, skin tone, tilt and turn, and groups of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.auditing.quality import sharpness
from fer_core.compare.skin_tone import typology_angle
from fer_core.photos.faces import CROP_SIDE, Face

SIDE = 96
"""Sharpness is judged at this size: a face of fewer pixels is enlarged to it, and counts as blurred, as it is."""

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Condition:
    """A property of a face, and where its groups begin; no edges means thirds of the set at hand."""

    title: str
    unit: str
    edges: tuple[float, ...] = ()
    names: tuple[str, ...] = ()


CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        "size": Condition(
            "Face size",
            "pixels",
            (0, 64, 128, 256, np.inf),
            ("under 64 pixels", "64 to 127 pixels", "128 to 255 pixels", "256 pixels and more"),
        ),
        "sharpness": Condition("Sharpness", "", (), ("least sharp third", "middle third", "sharpest third")),
        "brightness": Condition(
            "Brightness",
            "mean of 0 to 255",
            (0, 70, 110, 150, 190, np.inf),
            ("very dark (under 70)", "dark (70 to 109)", "medium (110 to 149)", "bright (150 to 189)", "190 and more"),
        ),
        "skin_tone": Condition(
            "Skin tone in the picture, partly its light",
            "degrees of the typology angle",
            (),
            ("darkest third", "middle third", "lightest third"),
        ),
        "tilt": Condition(
            "Tilt of the head in the photo",
            "degrees",
            (0, 5, 15, 30, np.inf),
            ("under 5 degrees", "5 to 14 degrees", "15 to 29 degrees", "30 degrees and more"),
        ),
        "turn": Condition(
            "Turn to the side",
            "distance of the nose from the middle of the eyes, in distances between the eyes",
            (0, 0.12, 0.25, np.inf),
            ("from the front", "turned a little", "turned far"),
        ),
    }
)


def measure(face: Face, picture: Pixels, *, in_photo: bool) -> dict[str, float]:
    """Each of CONDITIONS as a number; nan where it cannot be told.

    Args:
        face: as found.
        picture: uint8 (s, s) or (s, s, 3), its level crop.
        in_photo: False for a picture that came as a face crop: its tilt is unknown.
    """
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture
    return {
        "size": float(max(face.box[2:])),
        "sharpness": _sharpness(np.asarray(gray, dtype=np.uint8)),
        "brightness": float(gray.mean()),
        "skin_tone": typology_angle(picture, marks_in_crop(face) if in_photo else None),
        "tilt": abs(face.roll) if in_photo else np.nan,
        "turn": _turn(face),
    }


def groups(name: str, values: Floats) -> list[tuple[str, NDArray[np.bool_]]]:
    """Groups of a condition that have members: their names, and who is in (n,). Unknown values are in none."""
    condition = CONDITIONS[name]
    known = values[np.isfinite(values)]
    if not known.size:
        return []
    edges = np.array(condition.edges) if condition.edges else np.quantile(known, [0, 1 / 3, 2 / 3, 1])
    if not condition.edges:
        edges[-1] = np.inf
    place = np.where(np.isfinite(values), np.searchsorted(edges, values, side="right") - 1, -1)
    members = [(group, place == number) for number, group in enumerate(condition.names)]
    return [(group, inside) for group, inside in members if inside.any()]


def marks_in_crop(face: Face) -> NDArray[np.float64] | None:
    """The landmarks (5, 2) in the level crop, 0 to 1 from its left and top; None without them."""
    if face.landmarks is None:
        return None
    x, y, width, height = face.box
    cosine, sine = np.cos(np.radians(face.roll)), np.sin(np.radians(face.roll))
    offset = face.landmarks.astype(np.float64) - (x + width / 2, y + height / 2)
    level = offset @ np.array([[cosine, -sine], [sine, cosine]])
    return np.asarray(level / (CROP_SIDE * max(width, height)) + 0.5)


def _sharpness(gray: Pixels) -> float:
    same = cv2.resize(gray, (SIDE, SIDE), interpolation=cv2.INTER_AREA if len(gray) > SIDE else cv2.INTER_LINEAR)
    return sharpness(np.asarray(same, np.uint8))


def _turn(face: Face) -> float:
    marks = marks_in_crop(face)
    if marks is None or not np.isfinite(marks[:3]).all():
        return np.nan
    left, right, nose = marks[0], marks[1], marks[2]
    between = float(np.hypot(*(right - left)))
    if between < 0.05:
        return float(CONDITIONS["turn"].edges[-2])
    return float(abs((nose - (left + right) / 2) @ (right - left)) / between**2)
