"""FER2013 and FER+ from the files people have, and from files that are something else."""

import gzip

import numpy as np
import pytest
from brightness import write_fer2013
from paths import SHARED

from fer_core import settings
from fer_core.datasets import open_dataset
from fer_core.datasets.tabular import pixel_table
from fer_core.datasets.votes import by_majority
from fer_core.errors import DatasetError

ROWS = [(0, 10, "Training"), (3, 120, "Training"), (6, 240, "PublicTest"), (1, 50, "PrivateTest")]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path):
    return write_fer2013(tmp_path / "data", ROWS)


def write_votes(folder):
    """FER+ votes for ROWS; gives the file's text."""
    columns = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    text = "\n".join([columns, *[",".join("1" * 10)] * len(ROWS)])
    (folder / "fer2013new.csv").write_text(text, encoding="utf-8")
    return text


def check(data):
    images = data.images(range(4), 48)
    assert images.shape == (4, 48, 48, 1)
    assert images[:, 0, 0, 0].tolist() == [10, 120, 240, 50]
    assert data.labels.tolist() == [0, 3, 6, 1]
    assert [data.split_names[split] for split in data.splits] == ["train", "train", "public_test", "private_test"]


def test_a_folder_and_its_file_read_alike(folder):
    check(open_dataset(folder))
    check(open_dataset(folder / "fer2013.csv"))


def test_the_second_reading_comes_from_the_cache(folder, monkeypatch):
    open_dataset(folder)
    monkeypatch.setattr(pixel_table, "_parse", lambda *_: pytest.fail("read again"))
    check(open_dataset(folder))


def test_an_edited_file_is_read_again(folder):
    open_dataset(folder)
    write_fer2013(folder, [*ROWS, (2, 9, "Training")])
    assert len(open_dataset(folder).labels) == 5


def test_a_damaged_cache_is_no_error(folder):
    open_dataset(folder)
    for file in settings.cache_folder().glob("*.np?"):
        file.write_bytes(b"PK\x03\x04 cut short")
    check(open_dataset(folder))


def test_the_compressed_file_and_the_one_with_spaces_in_its_heading(folder):
    text = (folder / "fer2013.csv").read_text(encoding="utf-8")
    (folder / "fer2013.csv").unlink()
    (folder / "fer2013.csv.gz").write_bytes(gzip.compress(text.encode()))
    check(open_dataset(folder))
    (folder / "fer2013.csv.gz").unlink()
    heading, *lines = text.splitlines()
    rows = [line.split(",") for line in lines]
    spaced = ["emotion, Usage, pixels", *(f"{emotion},{usage},{pixels}" for emotion, pixels, usage in rows)]
    (folder / "icml_face_data.csv").write_text("\n".join(spaced) + "\n", encoding="utf-8")
    check(open_dataset(folder))
    assert heading == "emotion,pixels,Usage"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,age\nx,1\n", "lacks the columns"),
        ("", "is empty"),
        ("emotion,pixels,Usage\n", "no images"),
        ("emotion,pixels,Usage\n9," + "0 " * 2304 + ",Training\n", "class of 0 to 6"),
        ("emotion,pixels,Usage\n0,1 2 3,Training\n", "3 pixels"),
        ("emotion,pixels,Usage\n0,a b,Training\n", "row 0"),
        ("emotion,pixels,Usage\n0," + "0 " * 2304 + ",Somewhere\n", "usage 'Somewhere'"),
    ],
)
def test_another_file_is_answered_with_a_sentence(tmp_path, text, said):
    path = tmp_path / "fer2013.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=said):
        open_dataset(path)


def test_a_place_without_fer2013_says_how_to_get_it(tmp_path):
    with pytest.raises(DatasetError, match=r"FER2013.*Kaggle"):
        open_dataset(tmp_path, "fer2013")


def test_votes_go_with_the_images_row_for_row(folder):
    votes = [[0] * 9 + [10], [10] + [0] * 9, [5, 5] + [0] * 8, [0] * 10]
    write_fer2013(folder, ROWS, votes)
    assert open_dataset(folder).votes.tolist() == votes
    write_fer2013(folder, ROWS, votes[:2])
    data = open_dataset(folder)
    assert data.votes is None
    assert "2 rows and the images 4" in data.problems[0].place
    with pytest.raises(DatasetError, match="2 rows and the images 4"):
        by_majority(data)


@pytest.mark.parametrize("cell", ["", "many", "9" * 30])
def test_votes_that_are_no_numbers_are_told_by_line(folder, cell):
    heading, *lines = write_votes(folder).splitlines()
    (folder / "fer2013new.csv").write_text("\n".join([heading, *lines[:-1], cell + ",0" * 9]) + "\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="line 5: expected numbers of votes"):
        open_dataset(folder, "ferplus")


def test_an_unknown_split_names_those_that_are_there(folder):
    with pytest.raises(DatasetError, match="train, public_test, private_test"):
        open_dataset(folder).rows("validation")


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "datasets").is_dir(), reason="../shared is not here")
def test_the_real_file_has_the_official_counts(monkeypatch):
    monkeypatch.delenv("FER_CACHE")
    data = open_dataset(SHARED / "datasets" / "fer2013")
    assert {split: len(data.rows(split)) for split in ("train", "public_test", "private_test")} == {
        "train": 28709,
        "public_test": 3589,
        "private_test": 3589,
    }
    assert np.bincount(data.labels).tolist() == [4953, 547, 5121, 8989, 6077, 4002, 6198]
