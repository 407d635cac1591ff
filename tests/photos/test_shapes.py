"""No picture, however it is shaped, costs more than its own answer."""

import io

import numpy as np
import pytest
from brightness import write_network
from PIL import Image

from fer_core import predictors
from fer_core.compare import testsets
from fer_core.compare.run import ComparisonRun, run_to_end
from fer_core.errors import FerError, PhotoError
from fer_core.photos import drawing, images
from fer_core.photos.analysis import analyse

SHAPES = [
    *((1, 1), (1, 7), (15, 40), (16, 16), (16, 17), (17, 4000), (16, 31_999), (31_999, 16), (33, 20_000)),
    *((16, 32_001), (32_766, 17), (16, 32_767), (40_000, 20), (16, 1_000_000), (1_000_000, 16), (5, 1_000_000)),
]
"""Height and width."""


@pytest.fixture
def network(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_MODELS", str(tmp_path))
    write_network(tmp_path / "house")
    return predictors.load("house")


def png(shape):
    file = io.BytesIO()
    Image.fromarray(np.full(shape, 120, np.uint8)).save(file, "PNG")
    return file.getvalue()


def shown(photo, network, **options):
    """Everything that the pages do with a photo."""
    found = analyse(photo, [network], **options)
    boxed = [face.face for face in found.faces]
    words = [face.predictions[0].label for face in found.faces]
    drawing.to_jpeg(drawing.labelled(found.photo, boxed, words, divisor=found.divisor))
    for face in found.faces:
        drawing.enlarged(face.predictions[0].crop)
    return True


@pytest.mark.usefixtures("detector")
@pytest.mark.parametrize("already_face", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_file_is_answered_or_refused_with_a_sentence(shape, already_face, network):
    allowed = min(shape) >= images.MIN_SIDE and max(shape) <= images.MAX_SIDE
    if allowed:
        assert shown(png(shape), network, already_face=already_face)
    else:
        with pytest.raises(PhotoError, match="pixels"):
            shown(png(shape), network, already_face=already_face)


@pytest.mark.parametrize("shape", [(16, 1_000_000, 3), (0, 5, 3), (5, 0, 3)])
def test_an_array_is_refused_with_a_sentence(shape, network):
    with pytest.raises(PhotoError):
        shown(np.zeros(shape, np.uint8), network, already_face=True)


def test_an_array_of_one_pixel_is_answered(network):
    assert shown(np.zeros((1, 1, 3), np.uint8), network, already_face=True)


@pytest.mark.usefixtures("no_yunet")
def test_in_a_comparison_the_others_go_on(network, astronaut):
    good = io.BytesIO()
    Image.fromarray(astronaut).save(good, "PNG")
    files = [("happy_1.png", png((16, 1_000_000))), ("happy_2.png", good.getvalue()), ("sad_1.png", b"no picture")]
    given = testsets.labelled(testsets.from_files(files), "three")
    done = run_to_end(ComparisonRun(given, [network]))
    assert done.names == ("happy_2.png",)
    assert sum("was left out" in note for note in done.notes) == 2


def test_a_face_crop_that_fails_does_not_cost_its_batch(network):
    pictures = [np.full((20, 20), 200, np.uint8), np.zeros((2, 2, 7, 9), np.uint8), np.full((20, 20), 40, np.uint8)]
    given = testsets.LabelledSet(
        "crops", ("one", "odd", "two"), np.zeros(3, np.int64), network.classes, pictures.__getitem__, already_face=True
    )
    done = run_to_end(ComparisonRun(given, [network]))
    assert done.names == ("one", "two")
    assert [note for note in done.notes if "'odd' was left out" in note]


def test_the_owner_of_a_photo_that_breaks_something_gets_a_sentence(monkeypatch, network, astronaut):
    def broken(*_, **__):
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr("fer_core.photos.faces.whole", broken)
    with pytest.raises(FerError, match="nobody foresaw") as told:
        analyse(astronaut, [network], already_face=True)
    assert "RuntimeError" not in str(told.value)
