"""Faces of the samples, cut off, shrunk, blurred, covered and turned in the ways that take evidence away."""

import cv2
import numpy as np
import pytest

from fer_core.photos import faces, visibility
from fer_core.photos.detection.face import Face

BOX = (178, 62, 92, 115)
MARKS = np.float32([[204, 103], [244, 100], [226, 126], [208, 144], [246, 142]])
"""Eyes, nose and mouth of the astronaut, by eye."""


def moved(face, x, y, scale=1.0):
    left, top, width, height = face.box
    box = tuple(round(value * scale) for value in (left + x, top + y, width, height))
    return Face(box, face.score, face.roll, (face.landmarks + np.float32([x, y])) * np.float32(scale))


@pytest.fixture
def face():
    return Face(BOX, 0.94, 0.0, MARKS)


def doubt_of(photo, face):
    crop = faces.crop(photo, [face], visibility.SIDE, 1)[0, ..., 0]
    return visibility.doubt(face, photo.shape[1::-1], crop)


def test_a_face_that_is_seen_well_leaves_no_doubt(astronaut, hopper, face):
    assert doubt_of(astronaut, face) is None
    (found,) = faces.find(hopper)
    assert doubt_of(hopper, found) is None


def test_a_face_at_the_border_leaves_no_doubt_while_it_is_whole(astronaut, face):
    left, top, width, height = BOX
    whole = np.ascontiguousarray(astronaut[top : top + height, left : left + width])
    assert doubt_of(whole, moved(face, -left, -top)) is None


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
@pytest.mark.parametrize(("share", "words"), [(0.5, "only half of the face"), (0.65, "part of the face is outside")])
def test_half_a_face(astronaut, face, side, share, words):
    left, top, width, height = BOX
    part = {
        "left": astronaut[:, : left + round(share * width)],
        "right": astronaut[:, left + width - round(share * width) :],
        "top": astronaut[: top + round(share * height)],
        "bottom": astronaut[top + height - round(share * height) :],
    }[side]
    x = part.shape[1] - 512 if side == "right" else 0
    y = part.shape[0] - 512 if side == "bottom" else 0
    found = doubt_of(np.ascontiguousarray(part), moved(face, x, y))
    assert found.decides
    assert words in found.reason


@pytest.mark.parametrize("roll", [0.0, 30.0, 90.0, 180.0])
def test_a_face_from_the_side(astronaut, roll):
    """The nose stands before the eye on the right, whichever way the photo is held."""
    marks = MARKS.copy()
    marks[2, 0] = 246
    turn = cv2.getRotationMatrix2D((224, 120), -roll, 1)
    turned = cv2.warpAffine(astronaut, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    one = Face(BOX, 0.9, roll, cv2.transform(marks[None], turn)[0].astype(np.float32))
    assert doubt_of(turned, one) == visibility.Doubt("the face is turned away", decides=True)
    front = Face(BOX, 0.9, roll, cv2.transform(MARKS[None], turn)[0].astype(np.float32))
    assert doubt_of(turned, front) is None


def test_tiny_faces_decide_and_small_ones_explain(astronaut, face):
    tiny, small = (cv2.resize(astronaut, None, fx=f, fy=f, interpolation=cv2.INTER_AREA) for f in (0.15, 0.25))
    assert doubt_of(tiny, moved(face, 0, 0, 0.15)) == visibility.Doubt("the face is only 17 pixels high", decides=True)
    assert doubt_of(small, moved(face, 0, 0, 0.25)) == visibility.Doubt(
        "the face is only 29 pixels high", decides=False
    )


def test_blur_explains_and_smear_decides(astronaut, face):
    blurred, smeared = (cv2.GaussianBlur(astronaut, (0, 0), width) for width in (3.5, 9))
    assert doubt_of(blurred, face) == visibility.Doubt("the face is blurred", decides=False)
    assert doubt_of(smeared, face) == visibility.Doubt("the face is blurred", decides=True)


def test_a_covered_mouth(astronaut, face):
    masked = astronaut.copy()
    cv2.fillPoly(masked, [np.int32([[190, 122], [260, 120], [250, 175], [200, 177]])], (205, 205, 210))
    assert doubt_of(masked, face) == visibility.Doubt("the mouth is covered", decides=True)


def test_without_landmarks_only_place_size_and_blur_are_judged(astronaut):
    unknown = np.full((5, 2), np.nan, np.float32)
    for marks in (None, unknown):
        assert doubt_of(astronaut, Face(BOX, 0.9, 0.0, marks)) is None
        assert doubt_of(astronaut[:, : BOX[0] + 40], Face(BOX, 0.9, 0.0, marks)).decides
