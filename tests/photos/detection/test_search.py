"""Large photos that are made of the samples: what is in them is known."""

import itertools

import cv2
import numpy as np
import pytest

from fer_core.photos import faces
from fer_core.photos.detection import search
from fer_core.photos.detection.face import Face
from fer_core.photos.detection.search import RULES
from fer_core.photos.geometry import part_of_view, view_of_whole
from fer_core.photos.images import Photo

ASTRONAUT = (178, 62, 92, 115)
"""Box of the face in the sample, by eye."""


def thumbnail(sample, height):
    """Head and shoulders, the face `height` pixels high; the picture and the middle of the face in it."""
    x, y, width, tall = ASTRONAUT
    part = sample[y - 40 : y + 220, x - 70 : x + 170]
    scale = height / tall
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return small, ((70 + width / 2) * scale, (40 + tall / 2) * scale)


def paste(photo, sample, height, middle):
    small, (x, y) = thumbnail(sample, height)
    left, top = round(middle[0] - x), round(middle[1] - y)
    photo[top : top + small.shape[0], left : left + small.shape[1]] = small


def gray(width, height):
    return np.full((height, width, 3), (108, 124, 138), np.uint8)


def jpeg(photo):
    return cv2.imencode(".jpg", photo[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


def found_at(photo, places, height):
    """Whether there is one face at each place, and none elsewhere."""
    middles = [face.center for face in faces.find(photo, detector="yunet")]
    near = [[np.hypot(*np.subtract(middle, place)) < 0.3 * height for middle in middles] for place in places]
    return [sum(row) for row in near] == [1] * len(places) and len(middles) == len(places)


@pytest.fixture(autouse=True)
def _yunet(yunet):
    pass


@pytest.mark.shared
@pytest.mark.parametrize("size", [(1600, 1200), (4000, 3000), (6000, 4000)])
@pytest.mark.parametrize("height", [40, 100])
def test_a_class_is_found_whole(astronaut, size, height):
    photo = gray(*size)
    places = [(x * size[0] // 4, y * size[1] // 4) for x in (1, 2, 3) for y in (1, 2, 3)]
    for place in places:
        paste(photo, astronaut, height, place)
    assert found_at(Photo(jpeg(photo)), places, height)
    assert found_at(photo, places, height)


@pytest.mark.shared
def test_a_panorama(astronaut):
    photo = gray(12_000, 1500)
    places = [(700 + step * 1500, 750) for step in range(8)]
    for place in places:
        paste(photo, astronaut, 60, place)
    assert found_at(Photo(jpeg(photo)), places, 60)


@pytest.mark.shared
@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_a_face_on_the_border_of_two_parts_is_one_face(astronaut, scale):
    photo = gray(4000, 3000)
    part = search._part_side(round(4000 * scale))
    second = search._starts(round(4000 * scale), part)[1]  # the parts share what lies from here to the first one's end
    borders = [second / scale, part / scale, (second + part) / 2 / scale]
    places = [(round(border), 400 + 900 * row) for row, border in enumerate(borders)]
    for place in places:
        paste(photo, astronaut, 60, place)
    assert found_at(photo, places, 60)


@pytest.mark.shared
def test_a_crowd_behind_a_portrait(astronaut):
    photo = cv2.resize(astronaut, (3600, 3600), interpolation=cv2.INTER_CUBIC)
    portrait = np.multiply((ASTRONAUT[0] + 46, ASTRONAUT[1] + 57), 3600 / 512)
    places = [(2700 + 300 * column, 600 + 500 * row) for column in range(2) for row in range(3)]
    for place in places:
        paste(photo, astronaut, 60, place)
    middles = [face.center for face in faces.find(Photo(jpeg(photo)))]
    assert np.hypot(*np.subtract(middles[0], portrait)) < 150
    for place in places:
        assert sum(np.hypot(*np.subtract(middle, place)) < 20 for middle in middles) == 1


@pytest.mark.shared
def test_a_sideways_class(astronaut):
    photo = gray(3000, 2250)
    places = [(x * 750, y * 560) for x in (1, 2, 3) for y in (1, 2, 3)]
    for place in places:
        paste(photo, astronaut, 60, place)
    found = faces.find(np.ascontiguousarray(np.rot90(photo)))
    assert len(found) == 9
    assert all(abs(abs(face.roll) - 90) < 15 for face in found)


@pytest.mark.shared
def test_a_usual_portrait_needs_few_of_its_pixels(astronaut):
    photo = Photo(jpeg(cv2.resize(astronaut, (4000, 4000), interpolation=cv2.INTER_CUBIC)))
    (face,) = faces.find(photo)
    assert photo.divisor == 4
    assert photo.size == (4000, 4000)
    assert face.side == pytest.approx(115 * 4000 / 512, rel=0.15)


def test_parts_cover_the_photo_and_share_their_borders():
    for side in (100, 640, 641, 1000, 5000):
        part = search._part_side(side)
        starts = search._starts(side, part)
        assert part <= min(side, RULES.tile)
        assert (starts[0], starts[-1]) == (0, side - part)
        assert all(later - earlier <= part - RULES.shared for earlier, later in itertools.pairwise(starts))


def test_behind_a_portrait_a_part_is_as_large_as_what_is_sharp_needs():
    part = part_of_view(view_of_whole((4000, 3000), 2000), 600, 300, 640, 640)
    around = search._around(part, np.array([[1400.0, 1000.0], [1500.0, 1100.0], [100.0, 100.0]]))
    assert around is not None
    assert (around.width, around.height) == (50 + 2 * RULES.shared, 50 + 2 * RULES.shared)
    np.testing.assert_allclose(around.from_photo(np.array([[1400.0, 1000.0]])), [[RULES.shared] * 2], atol=1e-9)
    assert search._around(part, np.array([[100.0, 100.0]])) is None


def test_sharp_places_are_where_the_detail_is(astronaut):
    photo = cv2.GaussianBlur(cv2.resize(astronaut, (2000, 2000), interpolation=cv2.INTER_CUBIC), (0, 0), 6)
    assert not len(search._sharp_places(Photo(photo), []))
    photo[1400:1600, 300:500] = np.random.default_rng(0).integers(0, 256, (200, 200, 1), np.uint8)
    places = search._sharp_places(Photo(photo), [])
    assert len(places)
    assert (np.abs(places - (400, 1500)) < 140).all()
    assert not len(search._sharp_places(Photo(photo), [Face((250, 1350, 300, 300), 0.9)]))


def test_nothing_is_flat_that_may_be_a_face(astronaut):
    """Not in the dark either: the face of 44 pixels has a tenth of its light."""
    photo = gray(4000, 3000)
    assert not len(search._uneven_places(Photo(photo)))
    paste(photo, astronaut, 44, (1000, 800))
    for pixels in (photo, cv2.convertScaleAbs(photo, alpha=0.1)):
        places = search._uneven_places(Photo(jpeg(pixels)))
        assert (np.hypot(*(places - (1000, 800)).T) < 24).any()  # the border of what was pasted is farther away


def test_a_strip_thinner_than_a_square_is_looked_at():
    assert len(search._uneven_places(Photo(np.zeros((20, 4000, 3), np.uint8)))) > 100


def test_a_photo_as_wide_as_a_panorama_gets_as_many_pixels_as_others():
    one = search.Search.__new__(search.Search)
    one._photo = Photo(np.zeros((1000, 8000, 3), np.uint8))
    assert one._searched(640) == 1280
    assert view_of_whole(one._photo.size, 1280).height == 160
