"""Marks of generated pictures, written as generators write them."""

import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from fer_core.photos import provenance

PICTURE = Image.fromarray(np.arange(48 * 48, dtype=np.uint16).reshape(48, 48).astype(np.uint8))
PARAMETERS = "a portrait\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description Iptc4xmpExt:DigitalSourceType='
    '"http://cv.iptc.org/newscodes/digitalsourcetype/{}"/></x:xmpmeta>'
)


def png(compressed=False, **texts):
    chunks = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        chunks.add_text(name, text, zip=compressed)
    stream = io.BytesIO()
    PICTURE.save(stream, "PNG", pnginfo=chunks)
    return stream.getvalue()


def jpeg(**options):
    stream = io.BytesIO()
    PICTURE.save(stream, "JPEG", **options)
    return stream.getvalue()


def with_comment(text):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode("utf-16-be")
    return jpeg(exif=exif)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png(parameters=PARAMETERS), "Stable Diffusion"),
        (png(compressed=True, parameters=PARAMETERS), "Stable Diffusion"),
        (with_comment(PARAMETERS), "Stable Diffusion"),
        (png(prompt='{"3": {"class_type": "KSampler"}}'), "ComfyUI"),
        (png(Software="NovelAI"), "NovelAI"),
        (jpeg(xmp=XMP.format("trainedAlgorithmicMedia").encode()), "IPTC: made by a trained model"),
        (
            jpeg(xmp=XMP.format("compositeWithTrainedAlgorithmicMedia").encode()),
            "IPTC: composed with output of a trained model",
        ),
        (jpeg(extra=b"\xff\xeb\x00\x20JP\x00\x01\x00\x00\x00\x01" + b"\0\0\0\x14jumb\0\0\0\x0cjumdc2pa"), "C2PA"),
    ],
)
def test_marks_are_found(data, words):
    assert any(words in mark for mark in provenance.marks(data))


@pytest.mark.parametrize(
    "data",
    [
        png(),
        png(Description="Steps of the temple, a portrait"),
        jpeg(xmp=XMP.format("digitalCapture").encode()),
        jpeg(comment=b"made with a camera, parameters unknown"),
        b"",
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 40,
    ],
)
def test_pictures_without_marks_have_none(data):
    assert provenance.marks(data) == ()


def test_a_mark_is_said_once_and_a_missing_file_has_none(tmp_path):
    assert len(provenance.marks(png(parameters=PARAMETERS))) == 1
    assert provenance.marks_of(tmp_path / "none.png") == ()
