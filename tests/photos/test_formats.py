"""One list of picture formats, and a name for what is not read."""

import io

import numpy as np
import pytest
from PIL import Image

from fer_core.errors import PhotoError
from fer_core.photos import formats, images


def encoded(kind, **options):
    stream = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(stream, kind, **options)
    return stream.getvalue()


NOT_READ = {
    "mp4": (b"\x00\x00\x00\x18ftypmp42\0\0\0\0mp42isom" + bytes(100), formats.VIDEO),
    "mov": (b"\0\0\0\x14ftypqt  \0\0\x02\0qt  " + bytes(100), formats.VIDEO),
    "webm": (b"\x1aE\xdf\xa3\x93\x42\x82\x88webm" + bytes(100), formats.VIDEO),
    "avi": (b"RIFF\x10\0\0\0AVI LIST" + bytes(100), formats.VIDEO),
    "jxl stream": (b"\xff\x0a\xfa\x7f\x01\x90\x08\x00" + bytes(200), formats.JPEG_XL),
    "jxl boxes": (b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl " + bytes(200), formats.JPEG_XL),
    "jp2": (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(200), formats.JPEG_2000),
    "j2k": (b"\xff\x4f\xff\x51" + bytes(200), formats.JPEG_2000),
    "cr2": (b"II*\0\x10\0\0\0CR\x02\0" + bytes(300), formats.RAW),
    "cr3": (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(300), formats.RAW),
    "raf": (b"FUJIFILMCCD-RAW 0201FF393101" + bytes(300), formats.RAW),
    "pdf": (b"%PDF-1.7 \n%..", formats.PDF),
    "svg": (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'></svg>", formats.SVG),
    "svg alone": (b"\xef\xbb\xbf <svg></svg>", formats.SVG),
    "html": (b"<!DOCTYPE html><html></html>", formats.HTML),
    "psd": (b"8BPS\0\1" + bytes(100), "a Photoshop file"),
}


@pytest.mark.parametrize("name", NOT_READ)
def test_what_is_not_read_is_named_by_what_it_is(name):
    data, kind = NOT_READ[name]
    assert formats.what_is(data) == kind
    with pytest.raises(PhotoError) as caught:
        images.decode(data)
    assert kind in str(caught.value)
    assert "A photo was expected" in str(caught.value)


@pytest.mark.parametrize(
    "data", [b"", b"I am no photo.", np.random.default_rng(0).bytes(5000), encoded("PNG"), encoded("GIF")]
)
def test_what_is_unknown_or_read_has_no_other_name(data):
    assert formats.what_is(data) is None


def test_a_raw_photos_preview_is_not_taken_for_the_photo():
    preview = encoded("TIFF", tiffinfo={254: 1})
    with pytest.raises(PhotoError, match="a raw photo of a camera"):
        images.decode(preview)
    dng = encoded("TIFF", tiffinfo={50706: b"\1\4\0\0"})
    with pytest.raises(PhotoError, match="export the photo as JPEG"):
        images.decode(dng)


@pytest.mark.parametrize("suffix", sorted(formats.SUFFIXES))
def test_a_suffix_is_either_read_or_not(suffix):
    assert formats.is_read(f"A{suffix.upper()}")
    assert formats.not_read(f"a{suffix}") is None


def test_what_people_mix_with_photos_is_named_by_its_suffix():
    assert formats.not_read("film.MOV") == formats.VIDEO
    assert formats.not_read("notes.txt") is None
