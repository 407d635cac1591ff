import numpy as np
import pytest

from fer_core.compare import conditions
from fer_core.compare.corruptions import CORRUPTIONS, EYES, GRAY, MOUTH, STEPS, spoiled
from fer_core.photos.faces import Face


@pytest.fixture(params=[(48, 48), (112, 112, 3)])
def picture(request, astronaut):
    import cv2

    face = cv2.resize(astronaut[60:180, 165:285], request.param[:2], interpolation=cv2.INTER_AREA)
    return face if len(request.param) == 3 else cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_each_step_spoils_more_and_keeps_the_shape(name, picture):
    original = picture.copy()
    off = []
    for step in range(STEPS + 1):
        made = spoiled(name, step, picture, seed=3)
        assert (made.shape, made.dtype) == (picture.shape, np.uint8)
        off.append(float(np.abs(made.astype(float) - picture).mean()))
    assert off[0] == 0
    assert off == sorted(off)
    assert off[1] < off[5]
    assert (picture == original).all()


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_seed_makes_it_repeat(name, picture):
    assert (spoiled(name, 4, picture, 7) == spoiled(name, 4, picture, 7)).all()


def test_noise_differs_from_face_to_face(picture):
    assert (spoiled("noise", 4, picture, 7) != spoiled("noise", 4, picture, 8)).any()


@pytest.mark.parametrize(("name", "row", "height"), [("eyes", slice(0, 2), EYES), ("mouth", slice(3, 5), MOUTH)])
def test_bars_lie_where_the_landmarks_are(name, row, height):
    picture = np.zeros((100, 100), np.uint8)
    marks = np.full((5, 2), 0.1)
    marks[row, 1] = 0.55
    for known, middle in ((marks, 0.55), (None, height), (np.full((5, 2), np.nan), height)):
        covered = np.flatnonzero((spoiled(name, 2, picture, 0, known) == GRAY).all(axis=1))
        assert covered.mean() + 0.5 == pytest.approx(100 * middle, abs=1)
        assert len(covered) == 12


def test_landmarks_stand_where_the_level_crop_shows_them():
    """A face turned by 90 degrees clockwise: its eyes are on the right in the photo, above in the crop."""
    marks = np.array([[130, 80], [130, 120], [100, 100], [70, 85], [70, 115]], np.float32)
    level = conditions.marks_in_crop(Face((50, 50, 100, 100), 0.9, roll=90.0, landmarks=marks))
    assert level == pytest.approx(np.array([[0.3, 0.2], [0.7, 0.2], [0.5, 0.5], [0.35, 0.8], [0.65, 0.8]]))
    assert conditions.marks_in_crop(Face((0, 0, 9, 9), 1.0)) is None


def test_turn_is_the_nose_off_the_middle_of_the_eyes():
    marks = np.array([[40, 40], [80, 40], [70, 60], [45, 80], [75, 80]], np.float32)
    measured = conditions.measure(
        Face((0, 0, 120, 120), 1.0, 8.0, marks), np.full((50, 50), 77, np.uint8), in_photo=True
    )
    level = conditions.measure(Face((0, 0, 120, 120), 1.0, 0.0, marks), np.full((50, 50), 77, np.uint8), in_photo=True)
    assert level["turn"] == pytest.approx(0.25)
    assert measured["turn"] == pytest.approx(0.25, abs=0.08)
    assert (measured["size"], measured["brightness"], measured["tilt"]) == (120, 77, 8)


def test_a_blurred_face_is_less_sharp_whatever_its_contrast(picture):
    face = Face((0, 0, 100, 100), 1.0)
    sharp, soft, pale = (
        conditions.measure(face, one, in_photo=False)["sharpness"]
        for one in (picture, spoiled("blur", 5, picture, 0), (picture // 2 + 60).astype(np.uint8))
    )
    assert soft < 0.7 * sharp
    assert pale == pytest.approx(sharp, rel=0.1)


def test_groups_hold_every_known_face_once():
    values = np.array([10.0, 64, 127.9, 128, 5000, np.nan])
    found = dict(conditions.groups("size", values))
    assert [int(inside.sum()) for inside in found.values()] == [1, 2, 1, 1]
    thirds = conditions.groups("sharpness", np.arange(9.0))
    assert [int(inside.sum()) for _, inside in thirds] == [3, 3, 3]
    assert conditions.groups("turn", np.full(3, np.nan)) == []
