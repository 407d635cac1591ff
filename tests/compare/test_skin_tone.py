"""The typology angle of a painted face."""

import numpy as np
import pytest

from fer_core.compare import conditions
from fer_core.compare.skin_tone import typology_angle
from fer_core.photos import faces

DARK, LIGHT = (92, 62, 48), (232, 198, 176)


def painted(shade, side=96):
    return np.full((side, side, 3), shade, np.uint8)


def test_darker_skin_has_a_lower_angle():
    dark, light = typology_angle(painted(DARK), None), typology_angle(painted(LIGHT), None)
    assert dark < -30
    assert light > 50


def test_it_looks_at_the_cheeks_alone():
    picture = painted((10, 10, 10))
    picture[48:62, 18:84] = LIGHT
    assert typology_angle(picture, None) == pytest.approx(typology_angle(painted(LIGHT), None), abs=1)


def test_a_gray_picture_is_told_by_its_lightness():
    dark, light = (typology_angle(np.full((96, 96), level, np.uint8), None) for level in (60, 200))
    assert dark < 0 < light
    assert typology_angle(painted((200, 200, 200)), None) == pytest.approx(light, abs=0.5)


def test_landmarks_say_where_the_cheeks_are():
    picture = painted(DARK)
    picture[:, :48] = LIGHT
    marks = np.array([[0.1, 0.4], [0.3, 0.4], [0.2, 0.6], [0.1, 0.7], [0.3, 0.7]])
    assert typology_angle(picture, marks) > 50


def test_a_face_without_cheeks_in_the_picture_has_no_tone():
    assert np.isnan(typology_angle(painted(LIGHT), np.full((5, 2), 3.0)))


def test_the_conditions_of_a_face_hold_it():
    picture = painted(LIGHT)
    measured = conditions.measure(faces.whole(picture), picture, in_photo=False)
    assert measured["skin_tone"] == pytest.approx(typology_angle(picture, None))
