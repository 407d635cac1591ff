"""Pictures of any mode and depth as 8-bit RGB, in strips: 60 megapixels of 16 bits would take gigabytes at once."""

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FULL_SCALES = (255, 1023, 4095, 16383, 65535)
"""Cameras and scanners store 8 to 14 bits in 16 without saying so: the smallest scale that holds all values counts."""

STRIP = 256
"""Rows of a picture that are brought to RGB at once."""


def to_eight_bits(values: NDArray[np.generic], *, backwards: bool = False) -> NDArray[np.uint8]:
    """Values of 16 bits, or of fewer stored in 16, as 0..255.

    Args:
        values: (h, w) or (h, w, channels).
        backwards: give the channels in reverse order.
    """
    full = _full_scale(int(values.max(initial=0)))
    eight = np.empty(values.shape, np.uint8)
    for rows in _strips(len(values)):
        part = _scaled(values[rows], full)
        eight[rows] = part[..., ::-1] if backwards else part
    return eight


def from_two_bytes(high: NDArray[np.uint8], low: Image.Image) -> NDArray[np.uint8]:
    """Values of 16 bits as 0..255, written over `high`: more than two large pictures would fill the memory.

    Args:
        high: (h, w, 3), the upper byte of each value.
        low: the picture of the lower bytes, RGB.
    """
    full = _full_scale(int(high.max(initial=0)) << 8 | 255)  # every scale ends where an upper byte does
    for rows in _strips(len(high)):
        high[rows] = _scaled(high[rows].astype(np.uint16) << 8 | np.asarray(_part(low, rows)), full)
    return high


def _full_scale(most: int) -> int:
    return next(scale for scale in FULL_SCALES if most <= scale)


def _scaled(values: NDArray[np.generic], full: int) -> NDArray[np.uint8]:
    return np.asarray(_table(full)[values], np.uint8)


@cache
def _table(full: int) -> NDArray[np.uint8]:
    """What each value of 16 bits becomes: to look it up is faster than to divide."""
    return np.asarray((np.arange(full + 1, dtype=np.uint32) * 255 + full // 2) // full, np.uint8)


def _strips(height: int) -> Iterator[slice]:
    """Rows of a picture, a few at a time: what is made on the way to RGB takes several times the picture's memory."""
    return (slice(start, min(start + STRIP, height)) for start in range(0, height, STRIP))


def to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    """A loaded picture of any mode as uint8 (h, w, 3), RGB; transparency is laid on white."""
    if image.mode.startswith("I;16"):
        return np.repeat(to_eight_bits(np.asarray(image))[..., None], 3, axis=2)
    if image.mode == "RGB" and not image.has_transparency_data:
        made: Callable[[Image.Image], NDArray[np.uint8]] = np.asarray
    else:
        made = _stretched(image) if image.mode in ("I", "F") else _on_white
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for rows in _strips(image.height):
        pixels[rows] = made(_part(image, rows))
    return pixels


def _part(image: Image.Image, rows: slice) -> Image.Image:
    return image.crop((0, rows.start, image.width, rows.stop))


def _on_white(part: Image.Image) -> NDArray[np.uint8]:
    if part.has_transparency_data:
        layer = part.convert("RGBA")
        part = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return np.asarray(part.convert("RGB"))


def _stretched(image: Image.Image) -> Callable[[Image.Image], NDArray[np.uint8]]:
    """Turns parts of a picture that does not tell its range to 0..255, by the range that its values fill."""
    low, high = 0.0, -np.inf
    for rows in _strips(image.height):
        values = _numbers(_part(image, rows))
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    usual = [limit for limit in (1.0, 255.0, 65535.0) if low == 0 and high <= limit]
    factor = 255.0 / (usual[0] if usual else high - low)
    return lambda part: ((_numbers(part) - low) * factor).astype(np.uint8)[..., None]


def _numbers(part: Image.Image) -> NDArray[np.float32]:
    return np.nan_to_num(np.asarray(part, dtype=np.float32), posinf=0.0, neginf=0.0)
