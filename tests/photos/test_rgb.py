"""What is brought to RGB in strips has the pixels of what is brought there at once."""

import io
import zlib

import cv2
import deep_tiff
import numpy as np
import pytest
from PIL import Image

from fer_core.errors import PhotoError
from fer_core.photos import deep_colour, images, rgb

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
    monkeypatch.setattr(deep_colour, "AT_ONCE", 100)
    monkeypatch.setattr(rgb, "STRIP", 7)
    differences = np.abs(images.decode(data).astype(int) - whole)
    assert differences.max() <= (most == 65535)


TURNED = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.transpose(1, 0, 2),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].transpose(1, 0, 2),
    8: np.rot90,
}
"""What makes a picture of each orientation upright."""


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("most", [4000, 65535])
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("big_endian", [False, True])
def test_a_deep_tiff_stands_upright(orientation, most, large, big_endian, monkeypatch):
    values = np.random.default_rng(most).integers(0, most, (20, 30, 3), endpoint=True).astype(np.uint16)
    expected = TURNED[orientation](np.rint(values / (4095 if most == 4000 else 65535) * 255))
    if large:
        monkeypatch.setattr(deep_colour, "AT_ONCE", 100)
    photo = images.Photo(deep_tiff.write(values, orientation, big_endian=big_endian))
    assert photo.size == expected.shape[1::-1]
    assert photo.pixels.shape == expected.shape
    assert np.abs(photo.pixels - expected).max() <= 1
    assert photo.size == expected.shape[1::-1]


def test_a_deep_tiff_in_planes_is_a_sentence():
    with pytest.raises(PhotoError, match=r"separate planes of 16 bits.*Save it as PNG or JPEG"):
        images.decode(deep_tiff.write(np.zeros((20, 30, 3), np.uint16), planes=True))


def test_a_clear_pixel_does_not_hide_that_a_picture_is_dark(monkeypatch):
    stream = io.BytesIO(deep(4000))
    data = stream.getvalue()
    end = data.index(b"IDAT") - 4
    clear = b"tRNS" + b"\0\1\0\2\0\3"
    data = data[:end] + b"\0\0\0\6" + clear + zlib.crc32(clear).to_bytes(4, "big") + data[end:]
    whole = images.decode(data)
    monkeypatch.setattr(deep_colour, "AT_ONCE", 100)
    assert np.array_equal(images.decode(data), whole)
    assert whole.mean() > 100
