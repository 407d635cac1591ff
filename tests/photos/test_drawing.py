import cv2
import numpy as np
import pytest

from fer_core.photos import drawing
from fer_core.photos.faces import Face

GRAY = np.full((600, 800, 3), 128, np.uint8)


def changed(photo, faces):
    picture = drawing.labelled(photo, faces)
    return picture, (picture != drawing.labelled(photo, [])).any(axis=2)


def test_a_box_stands_around_its_face_and_leaves_the_face_alone():
    picture, touched = changed(GRAY, [Face((300, 200, 200, 240), 0.9)])
    assert picture.shape == GRAY.shape
    assert tuple(picture[320, 300]) == drawing.BOX
    assert not touched[210:430, 310:490].any()
    assert not touched[460:].any()


def test_the_photo_itself_is_not_drawn_on():
    photo = GRAY.copy()
    drawing.labelled(photo, [Face((300, 200, 200, 240), 0.9)])
    assert (photo == GRAY).all()


@pytest.mark.parametrize(("shape", "longest"), [((3000, 4000, 3), 1280), ((48, 48, 3), 320), ((600, 800, 3), 800)])
def test_pictures_have_a_size_for_the_page(shape, longest):
    assert max(drawing.labelled(np.zeros(shape, np.uint8), []).shape) == longest


def test_a_slanted_face_has_a_slanted_box():
    _, touched = changed(GRAY, [Face((300, 200, 200, 200), 0.9, roll=45.0)])
    assert touched[300, 400 - 141]
    assert not touched[390, 310]


def written(box):
    """How many pixels of a picture are those of the number's white strokes."""
    return int((drawing.labelled(GRAY, [Face(box, 0.9)]) == 255).all(axis=2).sum())


@pytest.mark.parametrize("place", [(-50, -50), (750, 550), (-190, 300), (780, -190), (400, 0)])
def test_a_number_stays_inside_the_picture(place):
    whole = written((300, 300, 200, 200))
    assert whole > 20
    assert written((*place, 200, 200)) == whole


def test_heat_shows_where_it_is():
    heat = np.zeros((16, 16), np.float32)
    heat[:, 8:] = 1
    picture = drawing.heated(np.full((16, 16, 1), 100, np.uint8), heat).astype(int)
    yellow = picture[..., 0] - picture[..., 2]
    assert picture.shape == (192, 192, 3)
    assert yellow[:, 110:].min() > 30
    assert yellow[:, :80].max() < 0


def test_a_jpeg_keeps_its_colours():
    red = np.zeros((32, 32, 3), np.uint8)
    red[..., 0] = 200
    back = cv2.imdecode(np.frombuffer(drawing.to_jpeg(red), np.uint8), cv2.IMREAD_COLOR_RGB)
    assert np.abs(back.astype(int) - red).max() < 12
