"""How bright, rich in contrast, sharp and full of information an image is; and which limits make it a finding.

All figures are of the image as gray at 48x48, so that limits mean the same for every dataset. The limits were set by
looking at FER2013's images in the order of each figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 48
MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "brightness": "brightness (mean, of 255)",
        "contrast": "contrast (standard deviation)",
        "sharpness": "sharpness (Laplacian over contrast)",
        "entropy": "entropy of gray levels (bits)",
    }
)
"""What is measured, and how pages call it. A new one is a row here, a field of Quality, and a value in `measure`."""


@dataclass(frozen=True, eq=False)
class Quality:
    """One figure per image, each float32 (n,).

    Attributes:
        brightness: mean, 0 to 255.
        contrast: standard deviation, 0 to 127.5.
        sharpness: as the function of that name says.
        entropy: of the histogram of gray levels, in bits, 0 to 8.
    """

    brightness: NDArray[np.float32]
    contrast: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    entropy: NDArray[np.float32]

    @classmethod
    def of(cls, table: NDArray[np.float32]) -> "Quality":
        """From columns in the order of MEASURES."""
        return cls(*(table[:, column] for column in range(len(MEASURES))))

    def measure(self, name: str) -> NDArray[np.float32]:
        column: NDArray[np.float32] = getattr(self, name)
        return column


@dataclass(frozen=True)
class Limit:
    """An image whose measure lies below is a finding."""

    measure: str
    below: float
    unit: str

    @property
    def words(self) -> str:
        return f"{self.measure} below {self.below:g} {self.unit}".strip()


BLANK = Limit("contrast", 1.0, "of 127.5")
"""What is below is only called blank. The other limits stand with their kinds of finding, in `kinds/`."""


def measure(gray: NDArray[np.uint8]) -> tuple[float, ...]:
    """The MEASURES of one image, uint8 (48, 48), in their order."""
    brightness, contrast = _spread(gray)
    counts = np.bincount(gray.ravel(), minlength=256)
    shares = counts[counts > 0] / gray.size
    return brightness, contrast, _sharpness(gray, contrast), float(-(shares @ np.log2(shares)))


def sharpness(gray: NDArray[np.uint8]) -> float:
    """Variance of the Laplacian over the variance of a gray image (s, s): contrast alone makes nothing sharp."""
    return _sharpness(gray, _spread(gray)[1])


def _sharpness(gray: NDArray[np.uint8], contrast: float) -> float:
    _, edges = _spread(np.asarray(cv2.Laplacian(gray, cv2.CV_16S), np.int16))
    return (edges / max(contrast, 1.0)) ** 2


def _spread(array: NDArray[np.uint8] | NDArray[np.int16]) -> tuple[float, float]:
    """Mean and standard deviation; ten times as fast as NumPy's on small images."""
    mean, deviation = cv2.meanStdDev(array)
    return float(mean[0, 0]), float(deviation[0, 0])
