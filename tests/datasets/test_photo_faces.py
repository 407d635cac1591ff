"""Whole photos as a dataset: the face is found once, and cut as serving cuts it."""

import numpy as np
import small_datasets as make

from fer_core.datasets import open_dataset, photo_faces
from fer_core.datasets.adapters import wild_faces
from fer_core.datasets.base import read_image
from fer_core.datasets.files import NO_FACE
from fer_core.photos import faces


def test_a_crop_is_what_serving_shows_a_network(tmp_path):
    data = open_dataset(make.wild_faces(tmp_path / "data"))
    photo = read_image(tmp_path / "data" / data.name_of(0))
    found = faces.find(photo)
    np.testing.assert_array_equal(data.images([0], 48)[0], faces.crop(photo, found[:1], 48, 1)[0])
    side = round(faces.CROP_SIDE * max(found[0].box[2:]))
    assert data.image(0).shape == (side, side, 3)


def test_a_photo_without_a_face_is_left_out_and_counted(tmp_path):
    data = open_dataset(make.wild_faces(tmp_path / "data"))
    assert data.problem_counts == {NO_FACE: 1}
    assert [data.name_of(row) for row in range(len(data))] == ["images/a_1.jpg", "images/b_1.jpg", "images/b_2.jpg"]


def test_faces_are_searched_only_once(tmp_path, monkeypatch):
    root = make.wild_faces(tmp_path / "data")
    first = open_dataset(root)
    monkeypatch.setattr(photo_faces.faces, "find", lambda _photo: 1 / 0)
    again = open_dataset(root)
    np.testing.assert_array_equal(first.faces, again.faces)
    np.testing.assert_array_equal(first.image(1), again.image(1))


def test_a_part_of_the_photos_keeps_its_faces(tmp_path):
    data = open_dataset(make.wild_faces(tmp_path / "data"))
    part = data.take(data.rows("val"))
    np.testing.assert_array_equal(part.image(0), data.image(2))
    assert part.fingerprint() != data.fingerprint()


def test_a_person_stands_in_one_part_only():
    parts = {wild_faces.split_of(f"p{number}") for number in range(200)}
    assert parts == {"train", "val", "test"}
    shares = [wild_faces.split_of(f"p{number}") for number in range(5000)]
    assert abs(shares.count("train") / 5000 - 0.7) < 0.03
