import io
import tempfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from odd_inputs import encoded, readable, refused
from paths import SAMPLES
from PIL import Image, ImageFile, PngImagePlugin

from fer_core.errors import PhotoError
from fer_core.photos import images

PICTURE = Image.fromarray(np.array(Image.open(SAMPLES / "astronaut.jpg"))[60:156, 161:289])
READABLE = {odd.name: odd for odd in readable(PICTURE)}
REFUSED = {odd.name: odd for odd in refused(PICTURE)}


def shown(like):
    colour = np.asarray(PICTURE)
    if like == "gray":
        return np.repeat(np.asarray(PICTURE.convert("L"))[..., None], 3, axis=2)
    return colour // 2 + 127 if like == "faded" else colour


@pytest.mark.parametrize("name", READABLE)
def test_reads_what_the_file_shows_upright(name):
    odd = READABLE[name]
    pixels = images.decode(odd.data)
    assert (pixels.dtype, pixels.shape) == (np.uint8, (96, 128, 3))
    assert pixels.flags.c_contiguous
    if odd.like:
        assert np.abs(pixels.astype(int) - shown(odd.like)).mean() < 6


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_with_a_sentence(name):
    with pytest.raises(PhotoError, match=REFUSED[name].refused) as caught:
        images.decode(REFUSED[name].data)
    sentence = str(caught.value)
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "Traceback" not in sentence


def test_there_are_enough_odd_inputs(odd_inputs, odd_folder):
    assert len(odd_inputs) >= 25
    assert {path.name for path in odd_folder.iterdir()} == set(odd_inputs)


def test_leaves_nothing_on_disk(odd_inputs, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for odd in odd_inputs.values():
        try:
            images.decode(odd.data)
        except PhotoError:
            assert odd.refused
    assert not list(Path(tmp_path).iterdir())


def test_sixteen_bits_are_scaled_not_clipped():
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (16, 1))
    pixels = images.decode(cv2.imencode(".png", ramp)[1].tobytes())
    assert np.abs(pixels[0, :, 0].astype(int) - np.arange(256)).max() <= 1


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.0, 200.0), (0.0, 40_000.0), (-3.0, 7.0)])
def test_floats_keep_their_order_and_fill_the_range(low, high):
    ramp = np.tile(np.linspace(low, high, 64, dtype=np.float32), (16, 1))
    row = images.decode(encoded(Image.fromarray(ramp), "TIFF"))[0, :, 0]
    assert (np.diff(row.astype(int)) >= 0).all()
    assert row[0] == 0
    assert row[-1] >= 150


def test_transparent_pixels_become_white():
    layer = np.zeros((16, 16, 4), np.uint8)
    layer[:8, :, 3] = 255
    pixels = images.decode(encoded(Image.fromarray(layer), "PNG"))
    assert (pixels[:8] == 0).all()
    assert (pixels[8:] == 255).all()


def test_fast_and_slow_way_agree_on_a_jpeg(astronaut):
    data = encoded(Image.fromarray(astronaut), "JPEG", quality=95, subsampling=0)
    by_pillow = np.asarray(Image.open(SAMPLES / "astronaut.jpg").convert("RGB"))
    assert np.abs(images.decode(data).astype(int) - by_pillow).mean() < 2


def test_size_limits_are_inclusive():
    assert images.decode(encoded(Image.new("RGB", (16, 16)), "PNG")).shape == (16, 16, 3)
    assert images.decode(encoded(Image.new("1", (10_000, 6_000)), "PNG")).shape == (6_000, 10_000, 3)
    with pytest.raises(PhotoError, match="megapixels"):
        images.decode(encoded(Image.new("1", (10_001, 6_000)), "PNG"))


def test_the_header_alone_decides(monkeypatch):
    def fail(*_):
        raise AssertionError("decoded")

    monkeypatch.setattr(images, "_decode_any", fail)
    monkeypatch.setattr(images, "_decode_jpeg", fail)
    with pytest.raises(PhotoError, match="megapixels"):
        images.decode(REFUSED["scan.png"].data)


def test_heic_without_its_library_is_refused_with_a_sentence(monkeypatch):
    monkeypatch.setattr(images, "_register_heif", lambda: False)
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)
    with pytest.raises(PhotoError, match="A photo was expected"):
        images.decode(READABLE["phone.heic"].data)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_the_size_is_told_by_the_header_alone(suffix, astronaut, monkeypatch):
    data = cv2.imencode(suffix, astronaut)[1].tobytes()
    photo = images.Photo(data)

    def decoded(*_):
        raise AssertionError("the picture was decoded")

    monkeypatch.setattr(Image.Image, "load", decoded)
    for kind in (PngImagePlugin.PngImageFile, ImageFile.ImageFile):
        monkeypatch.setattr(kind, "load", decoded, raising=False)
    assert photo.size == astronaut.shape[1::-1]


def test_a_png_that_tells_behind_its_pixels_how_it_is_turned_is_turned():
    exif = Image.Exif()
    exif[images.ORIENTATION_TAG] = 6
    stream = io.BytesIO()
    Image.new("RGB", (40, 20)).save(stream, "PNG", exif=exif)
    data = stream.getvalue()
    start, end = data.index(b"eXIf") - 4, data.index(b"IDAT") - 4
    behind = data[:start] + data[end:-12] + data[start:end] + data[-12:]
    assert images.decode(behind).shape == images.decode(data).shape == (40, 20, 3)
