"""What spoils a photo, in five steps each, on face pictures of any size; lengths are shares of the face's side.

The order and number of steps follow Hendrycks and Dietterich (arXiv 1903.12261); the strengths are our own, chosen so
that the fifth step is about the worst a person still reads.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Marks = NDArray[np.float64] | None
Spoil = Callable[[Pixels, float, np.random.Generator, Marks], Pixels]

STEPS = 5
EYES, MOUTH = 0.36, 0.76
"""Height of eyes and mouth in a level crop where the landmarks are unknown, from its top."""

GRAY = 128


@dataclass(frozen=True)
class Corruption:
    """One way of spoiling.

    Attributes:
        title: for people.
        unit: what the strengths are.
        strengths: of steps 1 to 5.
        spoil: (picture, strength, generator, landmarks) to a picture of the same shape.
    """

    title: str
    unit: str
    strengths: tuple[float, ...]
    spoil: Spoil


def blur(picture: Pixels, sigma: float, generator: np.random.Generator, marks: Marks) -> Pixels:  # noqa: ARG001
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma * len(picture)), dtype=np.uint8)


def noise(picture: Pixels, sigma: float, generator: np.random.Generator, marks: Marks) -> Pixels:  # noqa: ARG001
    return _clip(picture + generator.normal(0, sigma, picture.shape))


def low_resolution(picture: Pixels, side: float, generator: np.random.Generator, marks: Marks) -> Pixels:  # noqa: ARG001
    if side >= len(picture):
        return picture
    small = cv2.resize(picture, (round(side), round(side)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def jpeg(picture: Pixels, quality: float, generator: np.random.Generator, marks: Marks) -> Pixels:  # noqa: ARG001
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, round(quality)])
    flag = cv2.IMREAD_GRAYSCALE if picture.ndim == 2 else cv2.IMREAD_COLOR
    return np.asarray(cv2.imdecode(data, flag), dtype=np.uint8)


def darkness(picture: Pixels, light: float, generator: np.random.Generator, marks: Marks) -> Pixels:  # noqa: ARG001
    """A share of the light, and the noise of a sensor that has so little (2 levels)."""
    return _clip(picture * light + generator.normal(0, 2, picture.shape))


def cover_eyes(picture: Pixels, share: float, generator: np.random.Generator, marks: Marks) -> Pixels:  # noqa: ARG001
    return _cover(picture, share, EYES, None if marks is None else marks[:2])


def cover_mouth(picture: Pixels, share: float, generator: np.random.Generator, marks: Marks) -> Pixels:  # noqa: ARG001
    return _cover(picture, share, MOUTH, None if marks is None else marks[3:])


def rotation(picture: Pixels, degrees: float, generator: np.random.Generator, marks: Marks) -> Pixels:  # noqa: ARG001
    """To either side at random; the border is repeated."""
    side = len(picture)
    middle = (side - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), degrees * generator.choice([-1, 1]), 1)
    turned = cv2.warpAffine(picture, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, dtype=np.uint8)


CORRUPTIONS: Mapping[str, Corruption] = MappingProxyType(
    {
        "blur": Corruption("Blur", "sigma in shares of the face's side", (0.01, 0.02, 0.03, 0.045, 0.06), blur),
        "noise": Corruption("Noise", "standard deviation, of 255", (5, 10, 20, 30, 45), noise),
        "low_resolution": Corruption("Low resolution", "pixels a side", (36, 28, 20, 14, 10), low_resolution),
        "jpeg": Corruption("JPEG quality", "quality", (50, 30, 15, 8, 4), jpeg),
        "darkness": Corruption("Darkness", "share of the light", (0.6, 0.4, 0.25, 0.15, 0.08), darkness),
        "eyes": Corruption(
            "Eyes covered", "height of the bar, of the face's side", (0.06, 0.12, 0.18, 0.24, 0.3), cover_eyes
        ),
        "mouth": Corruption(
            "Mouth covered", "height of the bar, of the face's side", (0.06, 0.12, 0.18, 0.24, 0.3), cover_mouth
        ),
        "rotation": Corruption("Rotation", "degrees", (5, 10, 20, 30, 45), rotation),
    }
)


def spoiled(name: str, step: int, picture: Pixels, seed: int, marks: Marks = None) -> Pixels:
    """A picture at a step of a corruption; step 0 leaves it as it is.

    Args:
        name: a key of CORRUPTIONS.
        step: 0 to 5.
        picture: uint8 (s, s) or (s, s, 3).
        seed: of this picture; the same gives the same.
        marks: landmarks (5, 2) in the picture, 0 to 1.
    """
    if step == 0:
        return picture
    corruption = CORRUPTIONS[name]
    generator = np.random.default_rng([seed, step, list(CORRUPTIONS).index(name)])
    known = marks if marks is not None and np.isfinite(marks).all() else None
    return corruption.spoil(picture, corruption.strengths[step - 1], generator, known)


def _cover(picture: Pixels, share: float, height: float, marks: Marks) -> Pixels:
    """A gray bar over the whole width, so high as `share` of the side."""
    side = len(picture)
    middle = float(marks[:, 1].mean()) if marks is not None else height
    top, bottom = (round((middle + half) * side) for half in (-share / 2, share / 2))
    covered = picture.copy()
    covered[max(0, top) : max(0, bottom)] = GRAY
    return covered


def _clip(values: NDArray[np.float64]) -> Pixels:
    return np.rint(values).clip(0, 255).astype(np.uint8)
