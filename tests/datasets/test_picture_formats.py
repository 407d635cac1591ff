"""Every picture that predict reads, a dataset reads, at its size and with its brightness."""

import io

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image

from fer_core.datasets import open_dataset
from fer_core.datasets.base import read_image
from fer_core.errors import DatasetError
from fer_core.photos import formats

GRAY = np.tile(np.linspace(20, 230, 60).astype(np.uint8), (40, 1))
COLOUR = np.dstack([GRAY, GRAY[:, ::-1], np.full_like(GRAY, 90)])


def encoded(kind, pixels=COLOUR, **options):
    pillow_heif.register_heif_opener()
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


LOSSY = {"quality": 95}
FILES = {
    **{suffix: encoded("JPEG", **LOSSY) for suffix in (".jpg", ".jpeg", ".jpe", ".jfif")},
    **{suffix: encoded("HEIF", **LOSSY) for suffix in (".heic", ".heif", ".hif")},
    ".png": encoded("PNG"),
    ".webp": encoded("WEBP", **LOSSY),
    ".avif": encoded("AVIF", **LOSSY),
    ".tif": encoded("TIFF"),
    ".tiff": encoded("TIFF", compression="tiff_lzw"),
    ".bmp": encoded("BMP"),
    ".gif": encoded("GIF", save_all=True, append_images=[Image.new("RGB", (60, 40))]),
    ".ppm": encoded("PPM"),
}


@pytest.mark.parametrize("suffix", FILES)
def test_a_dataset_reads_the_format(suffix, tmp_path):
    (tmp_path / "happy").mkdir()
    (tmp_path / "happy" / f"a{suffix}").write_bytes(FILES[suffix])
    data = open_dataset(tmp_path)
    assert data.sizes.tolist() == [[40, 60]]
    picture = data.image(0)
    assert picture.shape == (40, 60, 3)
    assert np.abs(picture.astype(int) - COLOUR).mean() < (12 if suffix == ".gif" else 6)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("pixels", [GRAY, COLOUR], ids=["gray", "colour"])
def test_bits_within_sixteen(bits, suffix, pixels, tmp_path):
    wide = (pixels.astype(np.float64) / 230 * (2**bits - 1)).astype(np.uint16)
    stored = wide[..., ::-1] if wide.ndim == 3 else wide
    (tmp_path / f"a{suffix}").write_bytes(cv2.imencode(suffix, stored)[1].tobytes())
    picture = read_image(tmp_path / f"a{suffix}")
    assert picture.shape == pixels.shape
    assert np.abs(picture.astype(float) - pixels / 230 * 255).max() <= 1


def test_a_photo_is_turned_by_its_exif_entry(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    for suffix, kind in ((".jpg", "JPEG"), (".heic", "HEIF")):
        (tmp_path / f"a{suffix}").write_bytes(encoded(kind, exif=exif.tobytes()))
        assert read_image(tmp_path / f"a{suffix}").shape == (60, 40, 3)


def test_a_picture_of_any_size_is_read(tmp_path):
    (tmp_path / "a.gif").write_bytes(encoded("GIF", GRAY[:5, :7]))
    assert read_image(tmp_path / "a.gif").shape[:2] == (5, 7)


def test_what_is_no_picture_says_what_it_is(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"%PDF-1.7 \n%..")
    with pytest.raises(DatasetError, match=r"a\.jpg cannot be read as a picture.*a PDF document"):
        read_image(tmp_path / "a.jpg")


def test_predict_and_datasets_share_the_list():
    from fer_core.datasets import listing

    assert listing.IMAGES == formats.SUFFIXES
