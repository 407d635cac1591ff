from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from skimage import data

from fer_core.errors import FerError
from fer_core.photos import faces
from fer_core.photos.faces import Face

ASTRONAUT = (225, 120)
"""Middle of the face in the sample, by eye; its height is about 110 pixels."""


def middle(face):
    x, y, width, height = face.box
    return x + width / 2, y + height / 2


def near(face, point, distance):
    return np.hypot(*np.subtract(middle(face), point)) <= distance


def turned(image, degrees):
    """The image turned clockwise as a photo is, with room for its corners."""
    if degrees % 90 == 0:
        return np.ascontiguousarray(np.rot90(image, -degrees // 90 % 4))
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = round(width * cosine + height * sine), round(width * sine + height * cosine)
    matrix[:, 2] += np.subtract(size, (width, height)) / 2
    return cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REPLICATE)


def likeness(one, other):
    """Correlation of two crops: 1 for the same picture, about 0 for unrelated ones."""
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


def test_finds_the_face_of_each_sample(detector, astronaut, hopper):
    (first,) = faces.find(astronaut, detector=detector)
    (second,) = faces.find(hopper, detector=detector)
    assert near(first, ASTRONAUT, 15)
    assert 85 <= max(first.box[2:]) <= 135
    assert near(second, (265, 220), 25)
    assert all(abs(face.roll) < 10 and 0.7 <= face.score <= 1 for face in (first, second))


def test_finds_every_face_largest_first(detector, two_faces):
    found = faces.find(two_faces, detector=detector)
    assert len(found) == 2
    assert near(found[0], (512 + 265, 220), 25)
    assert near(found[1], ASTRONAUT, 15)


@pytest.mark.parametrize("degrees", [20, -20, 90, 180, 270])
@pytest.mark.parametrize("sample", ["astronaut", "hopper"])
def test_a_turned_photo_gives_the_same_level_crop(detector, degrees, sample, request):
    photo = request.getfixturevalue(sample)
    (upright,) = faces.find(photo, detector=detector)
    (slanted,) = faces.find(turned(photo, degrees), detector=detector)
    assert abs((slanted.roll - upright.roll - degrees + 180) % 360 - 180) < 10
    width, height = slanted.box[2:]
    assert (width > height) == (degrees in (90, 270))
    expected = faces.crop(photo, [upright], 48, 1)
    assert likeness(expected, faces.crop(turned(photo, degrees), [slanted], 48, 1)) > 0.7


@pytest.mark.parametrize("degrees", [90, 180])
def test_a_sideways_photo_shows_all_its_faces(detector, two_faces, degrees):
    assert len(faces.find(turned(two_faces, degrees), detector=detector)) == 2


@pytest.mark.parametrize("picture", ["coffee", "rocket", "chelsea", "page", "brick", "moon"])
def test_things_landscapes_and_a_cat_have_no_face(detector, picture):
    image = getattr(data, picture)()
    image = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.ndim == 2 else image
    assert faces.find(image, detector=detector) == []


def test_noise_and_blank_images_have_no_face(detector):
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)
    assert faces.find(noise, detector=detector) == []
    assert faces.find(np.full((300, 300, 3), 128, np.uint8), detector=detector) == []


@pytest.mark.parametrize("side", [48, 96, 160])
def test_finds_a_face_in_a_small_image(detector, astronaut, side):
    small = cv2.resize(astronaut[10:230, 115:335], (side, side), interpolation=cv2.INTER_AREA)
    (face,) = faces.find(small, detector=detector)
    assert near(face, (side / 2, side / 2), 0.12 * side)


@pytest.mark.parametrize("side", [3_000, 7_700])
def test_finds_a_face_in_a_large_photo(detector, astronaut, side):
    (face,) = faces.find(cv2.resize(astronaut, (side, side)), detector=detector)
    assert near(face, np.array(ASTRONAUT) * side / 512, 15 * side / 512)


def test_finds_a_small_face_in_a_large_photo(detector, astronaut):
    photo = np.full((1500, 2000, 3), 90, np.uint8)
    photo[900:1100, 1200:1400] = cv2.resize(astronaut[10:230, 115:335], (200, 200))
    (face,) = faces.find(photo, detector=detector)
    assert near(face, (1300, 1000), 25)


@pytest.mark.parametrize("shape", [(16, 16), (16, 20_000), (20_000, 16), (17, 33)])
def test_slivers_have_no_face(detector, shape):
    assert faces.find(np.full((*shape, 3), 200, np.uint8), detector=detector) == []


def test_a_face_over_the_border_repeats_it():
    image = np.full((40, 40, 3), 10, np.uint8)
    image[:, :5] = 250
    crop = faces.crop(image, [Face((-30, -20, 60, 60), 1.0)], 60, 1)[0, ..., 0]
    assert (crop[:, :34] == 250).all()
    assert (crop[:, 36:] == 10).all()


def test_nothing_is_sure_enough_for_an_impossible_score(detector, astronaut):
    assert faces.find(astronaut, min_score=1.01, detector=detector) == []


def test_threads_may_search_at_once(detector, two_faces):
    def boxes(_):
        return [face.box for face in faces.find(two_faces, detector=detector)]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(boxes, range(8)))
    assert results == [results[0]] * 8


@pytest.mark.usefixtures("no_yunet")
def test_without_its_file_the_built_in_detector_serves(astronaut):
    assert faces.detector_name() == "haar"
    assert len(faces.find(astronaut)) == 1
    with pytest.raises(FerError, match="FER_YUNET"):
        faces.find(astronaut, detector="yunet")


def test_an_unknown_detector_is_refused_with_the_names(astronaut):
    with pytest.raises(FerError, match="'yunet' and 'haar'"):
        faces.find(astronaut, detector="retina")


def test_a_wrong_detector_file_is_refused_with_a_sentence_and_the_built_in_one_serves(astronaut, monkeypatch, tmp_path):
    wrong = tmp_path / "wrong.onnx"
    wrong.write_bytes(b"no network")
    monkeypatch.setenv("FER_YUNET", str(wrong))
    with pytest.raises(FerError, match="not the file of the face detector"):
        faces.find(astronaut, detector="yunet")
    assert faces.detector_name() == "haar"
    assert len(faces.find(astronaut)) == 1


@pytest.mark.shared
@pytest.mark.usefixtures("yunet")
def test_yunet_is_taken_when_its_file_is_there(astronaut):
    assert faces.detector_name() == "yunet"
    (face,) = faces.find(astronaut)
    left_eye, right_eye, nose, left_mouth, right_mouth = face.landmarks
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])


@pytest.mark.shared
@pytest.mark.usefixtures("yunet")
def test_both_detectors_cut_the_same_square(astronaut, hopper):
    for photo in (astronaut, hopper):
        (one,) = faces.find(photo, detector="yunet")
        (other,) = faces.find(photo, detector="haar")
        side = max(one.box[2:])
        assert near(other, middle(one), 0.12 * side)
        assert 0.8 < max(other.box[2:]) / side < 1.2


@pytest.mark.shared
@pytest.mark.usefixtures("yunet")
def test_finds_all_faces_of_a_real_group(shared_photos):
    assert len(faces.find(_read(shared_photos / "max" / "group.jpeg"))) == 5


@pytest.mark.shared
def test_selfies_have_one_face_each(detector, shared_photos):
    found = {path.name: len(faces.find(_read(path), detector=detector)) for path in shared_photos.glob("selfies/*")}
    assert found == dict.fromkeys(found, 1)
    assert len(found) == 8


def _read(path):
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


@pytest.mark.parametrize("side", [1.0, 1.1])
def test_a_face_crop_passes_through_unchanged_whatever_the_margin(side, monkeypatch):
    monkeypatch.setattr(faces, "CROP_SIDE", side)
    image = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    assert np.array_equal(faces.crop(image, [faces.whole(image)], 48, 3)[0], image)
    gray = np.repeat(image[..., :1], 3, axis=2)
    assert np.array_equal(faces.crop(gray, [faces.whole(gray)], 48, 1)[0], gray[..., :1])


def test_a_crop_of_an_oblong_image_repeats_its_border():
    image = np.zeros((40, 20, 3), np.uint8)
    image[:, :10] = 200
    crop = faces.crop(image, [faces.whole(image)], 40, 1)[0, ..., 0]
    assert (crop[:, :19] == 200).all()
    assert (crop[:, 21:] == 0).all()


def test_gray_crops_are_luma():
    pure = np.zeros((16, 16, 3), np.uint8)
    values = []
    for channel in range(3):
        image = pure.copy()
        image[..., channel] = 255
        values.append(int(faces.crop(image, [faces.whole(image)], 16, 1)[0, 8, 8, 0]))
    assert values == [76, 150, 29]


def test_no_faces_make_an_empty_batch(astronaut):
    assert faces.crop(astronaut, [], 64, 3).shape == (0, 64, 64, 3)


def test_large_faces_are_averaged_not_sampled():
    board = np.indices((1600, 1600)).sum(axis=0) % 2 * 255
    image = np.repeat(board[..., None], 3, axis=2).astype(np.uint8)
    crop = faces.crop(image, [Face((100, 100, 1300, 1400), 1.0, roll=12.0)], 48, 1)
    assert crop.std() < 6
    assert abs(crop.mean() - 127) < 4


def test_a_crop_turns_the_face_level():
    image = np.zeros((200, 200, 3), np.uint8)
    cv2.line(image, (100, 100), (160, 135), (255, 255, 255), 3)  # falls to the right by 30 degrees
    row = faces.crop(image, [Face((40, 40, 120, 120), 1.0, roll=30.26)], 120, 1)[0, ..., 0]
    ys, xs = np.nonzero(row > 128)
    assert np.ptp(ys) <= 5
    assert np.ptp(xs) > 50
