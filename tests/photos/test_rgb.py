"""What is brought to RGB in strips has the pixels of what is brought there at once."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from fer_core.photos import images, rgb

COLOUR = np.random.default_rng(0).integers(0, 256, (50, 30, 4), np.uint8)
NUMBERS = np.random.default_rng(1).uniform(-3, 900, (50, 30)).astype(np.float32)


def saved(picture, kind, **options):
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def deep(most, suffix=".png"):
    values = np.random.default_rng(most).integers(0, most, (50, 30, 3)).astype(np.uint16)
    return cv2.imencode(suffix, values)[1].tobytes()


FILES = {
    "transparent": saved(Image.fromarray(COLOUR), "PNG"),
    "palette with a clear colour": saved(Image.fromarray(COLOUR[..., :3]).quantize(64), "PNG", transparency=3),
    "gray with transparency": saved(Image.fromarray(COLOUR).convert("LA"), "PNG"),
    "CMYK": saved(Image.fromarray(COLOUR[..., :3]).convert("CMYK"), "TIFF"),
    "numbers": saved(Image.fromarray(NUMBERS), "TIFF"),
    "12 bits": deep(4000),
    "16 bits": deep(65535, ".tiff"),
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_strips_change_no_pixel(data, monkeypatch):
    at_once = images.decode(data)
    assert at_once.std() > 0
    monkeypatch.setattr(rgb, "STRIP", 7)
    assert np.array_equal(images.decode(data), at_once)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("most", [200, 900, 4000, 16000, 65535])
def test_a_large_deep_picture_has_the_pixels_of_a_small_one(most, suffix, monkeypatch):
    """To the level where the upper byte is not enough, else within one of 255 levels."""
    data = deep(most, suffix)
    whole = images.decode(data)
    assert whole.std() > 0
    monkeypatch.setattr(images, "DEEP_AT_ONCE", 100)
    monkeypatch.setattr(rgb, "STRIP", 7)
    differences = np.abs(images.decode(data).astype(int) - whole)
    assert differences.max() <= (most == 65535)
