"""What is told of a path, what comes from the cache, and the sentence for everything that is no dataset."""

import io
import os
import zipfile

import numpy as np
import pytest
import small_datasets as make

from fer_core.datasets import archives, headers, listing, open_dataset
from fer_core.datasets.adapters.class_folders import OTHER_NAME, OUTSIDE
from fer_core.errors import ArchiveError, DatasetError


def zipped(path, root):
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(root.rglob("*.*")):
            archive.write(file, file.relative_to(root.parent))
    return path


@pytest.fixture
def folder(tmp_path):
    return make.class_folders(tmp_path / "data")


@pytest.fixture
def no_headers(monkeypatch):
    """From now on reading a header fails the test."""
    monkeypatch.setattr(headers, "sizes", lambda *_: pytest.fail("read again"))


def same(one, other):
    assert one.counts() == other.counts()
    assert [one.name_of(row) for row in range(len(one))] == [other.name_of(row) for row in range(len(other))]
    assert (one.kind, one.classes, one.problems, one.problem_counts) == (
        other.kind,
        other.classes,
        other.problems,
        other.problem_counts,
    )
    for name in ("labels", "splits", "sizes", "file_rows", "groups", "boxes"):
        first, second = getattr(one, name, None), getattr(other, name, None)
        assert (first is None) == (second is None)
        assert first is None or (first.dtype == second.dtype and np.array_equal(first, second))


@pytest.mark.parametrize("write", [make.class_folders, make.expw, make.ck_plus, make.raf_db])
def test_a_folder_comes_from_the_cache_as_it_was_read(write, tmp_path, request):
    path = write(tmp_path / "data")
    first = open_dataset(path)
    request.getfixturevalue("no_headers")
    same(open_dataset(path), first)


def test_names_that_are_no_utf8_survive_the_cache(folder):
    picture = (folder / "test" / "happy" / "1.bmp").read_bytes()
    try:
        with open(os.fsencode(folder / "test" / "happy") + b"/\xff\xe9.bmp", "wb") as stream:  # noqa: PTH123
            stream.write(picture)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    first = open_dataset(folder)
    assert len(first) == 6
    same(open_dataset(folder), first)
    assert open_dataset(folder).images(range(6), 8).shape == (6, 8, 8, 1)


def test_an_added_or_removed_image_is_seen(folder):
    assert len(open_dataset(folder)) == 5
    make.picture(folder / "train" / "angry" / "2.png")
    os.utime(folder / "train" / "angry", ns=(1, 1))
    assert len(open_dataset(folder)) == 6
    (folder / "train" / "angry" / "2.png").unlink()
    os.utime(folder / "train" / "angry", ns=(2, 2))
    assert len(open_dataset(folder)) == 5


def test_an_edited_label_file_is_seen(tmp_path):
    root = make.expw(tmp_path / "data")
    assert len(open_dataset(root)) == 2
    labels = make.text(root / "label" / "label.lst", "two_people.png 0 5 0 20 15 33.1 0")
    os.utime(labels, ns=(1, 1))
    assert open_dataset(root).counts()["all"]["angry"] == 1


def test_no_picture_is_kept_in_the_cache_of_a_folder(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "kept"))
    make.picture(folder / "train" / "angry" / "large.png", height=500, width=500)
    open_dataset(folder)
    kept = list((tmp_path / "kept").iterdir())
    assert [file.suffix for file in kept] == [".npz"]
    assert kept[0].stat().st_size < 10_000


def test_progress_is_told_and_may_end_the_reading(folder):
    seen = []
    open_dataset(folder, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (5, 5)
    assert all(done <= total or total == 0 for done, total in seen)
    make.picture(folder / "test" / "sad" / "1.png")

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_dataset(folder, progress=stop)


def test_a_table_tells_its_progress(tmp_path):
    path = make.pixel_rows(tmp_path / "fer2013.csv", (0, 1, "Training"))
    seen = []
    open_dataset(path, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


def test_outer_folders_are_passed_through_and_others_listed(tmp_path):
    make.class_folders(tmp_path / "archive" / "images")
    make.picture(tmp_path / "archive" / "images" / "train" / "cats" / "1.png")
    make.picture(tmp_path / "archive" / "cover.jpg")
    make.picture(tmp_path / "archive" / ".cache" / "angry" / "1.png")
    make.text(tmp_path / "archive" / "images" / "train" / "angry" / "readme.txt", "x")
    data = open_dataset(tmp_path)
    assert len(data) == 5
    assert data.problem_counts == {OTHER_NAME: 2}
    make.picture(tmp_path / "cover.jpg")
    os.utime(tmp_path, ns=(1, 1))
    assert open_dataset(tmp_path).problem_counts == {OTHER_NAME: 2, OUTSIDE: 1}


def test_a_folder_that_is_called_like_an_image_is_a_folder(tmp_path):
    make.picture(tmp_path / "set.png" / "angry" / "1.png")
    assert len(open_dataset(tmp_path)) == 1


def test_a_pipe_among_the_images_stops_nothing(folder):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes on this system")
    os.mkfifo(folder / "train" / "angry" / "pipe.png")
    (folder / "train" / "angry" / "gone.png").symlink_to("/nowhere.png")
    assert len(open_dataset(folder)) == 5


def test_a_linked_class_folder_is_read_and_a_loop_ends(folder):
    make.picture(folder.parent / "elsewhere" / "1.png")
    (folder / "train" / "sad").symlink_to(folder.parent / "elsewhere", target_is_directory=True)
    (folder / "train" / "angry" / "loop").symlink_to(folder, target_is_directory=True)
    assert open_dataset(folder).counts()["train"]["sad"] == 1
    assert len(open_dataset(folder)) == 6


def test_a_folder_that_cannot_be_read_is_counted(folder, monkeypatch):
    scandir = os.scandir

    def closed(path):
        if "angry" in str(path):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(listing.os, "scandir", closed)
    data = open_dataset(folder)
    assert (len(data), data.problem_counts) == (4, {"a folder that cannot be read": 1})
    assert data.problems[0].place == "train/angry/"


def test_a_zip_is_unpacked_once_into_the_cache(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    path = zipped(tmp_path / "data.zip", folder)
    data = open_dataset(path)
    assert (data.path, len(data), data.counts()["train"]["happy"]) == (path, 5, 2)
    assert data.image(0).dtype == np.uint8
    assert list((tmp_path / "cache").glob("unpacked-*/data/train/angry/1.png"))
    monkeypatch.setattr(archives, "unpack", lambda *_, **__: pytest.fail("unpacked again"))
    assert len(open_dataset(path)) == 5


def test_a_zip_with_the_table_further_down(tmp_path):
    make.pixel_rows(tmp_path / "fer2013" / "fer2013" / "fer2013.csv", (3, 7, "Training"))
    make.text(tmp_path / "fer2013" / "README.txt", "x")
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        for file in sorted((tmp_path / "fer2013").rglob("*.*")):
            archive.write(file, file.relative_to(tmp_path))
    data = open_dataset(tmp_path / "archive.zip")
    assert (data.kind, len(data), data.path.name) == ("fer2013", 1, "archive.zip")
    with pytest.raises(DatasetError, match=r"ExpW was not found at archive\.zip"):
        open_dataset(tmp_path / "archive.zip", "expw")


def test_a_zip_that_leads_outside_is_a_sentence(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("../angry/1.png", b"x")
    (tmp_path / "data.zip").write_bytes(stream.getvalue())
    with pytest.raises(ArchiveError, match="outside its own folder"):
        open_dataset(tmp_path / "data.zip")
    assert [file.name for file in tmp_path.iterdir()] == ["data.zip"]


def empty(tmp_path):
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


def other_folders(tmp_path):
    make.picture(tmp_path / "pets" / "cats" / "1.png")
    return tmp_path / "pets"


def numbers(tmp_path):
    make.picture(tmp_path / "faces" / "train" / "3" / "1.png")
    return tmp_path / "faces"


def odd_numbers(tmp_path):
    make.picture(tmp_path / "faces" / "train" / "12" / "1.png")
    return tmp_path / "faces"


def bare(tmp_path):
    make.picture(tmp_path / "bare" / "1.png")
    return tmp_path / "bare"


def broken(tmp_path):
    make.text(tmp_path / "broken" / "angry" / "1.png", "no picture")
    return tmp_path / "broken"


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda tmp_path: tmp_path / "missing", "There is nothing at"),
        (empty, "holds no image"),
        (lambda tmp_path: make.text(tmp_path / "people.csv", "name,age", "x,1"), "lacks the columns emotion"),
        (lambda tmp_path: make.text(tmp_path / "notes.txt", "x"), "no dataset that is known"),
        (lambda tmp_path: make.text(tmp_path / "data.zip", "x"), "no zip archive"),
        (other_folders, "came cats"),
        (bare, "came images alone"),
        (odd_numbers, "numbers that no dataset has: 12"),
        (broken, "no labelled image that can be read"),
        (lambda tmp_path: make.pixel_rows(tmp_path / "fer2013.csv", (8, 1, "Training")), "has a class of 0 to 6"),
    ],
)
def test_what_is_no_dataset_is_one_sentence(write, said, tmp_path):
    with pytest.raises((DatasetError, ArchiveError), match=said) as caught:
        open_dataset(write(tmp_path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("", "No path was given"),
        ("  ", "No path was given"),
        ("x" * 5000, "cannot be looked at"),
        ("~nobody-of-that-name/data", "cannot be looked at"),
        ("a\0b", "There is nothing at"),
    ],
)
def test_a_path_that_is_none_is_one_sentence(path, said):
    with pytest.raises(DatasetError, match=said):
        open_dataset(path)


def test_a_file_that_may_not_be_read_is_one_sentence(tmp_path, monkeypatch):
    path = make.pixel_rows(tmp_path / "fer2013.csv", (3, 7, "Training"))

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(DatasetError, match="Permission denied"):
        open_dataset(path)


def test_a_kind_that_does_not_exist_names_those_that_do(folder):
    with pytest.raises(DatasetError, match="raf_db"):
        open_dataset(folder, "rafdb")


@pytest.mark.parametrize("kind", ["affectnet", "expw", "ck_plus", "jaffe", "yolo"])
def test_a_folder_of_another_kind_than_said_is_a_sentence(folder, kind):
    with pytest.raises(DatasetError, match="no labelled image"):
        open_dataset(folder, kind)


def test_fer2013_without_its_file_names_takes_the_folders_word(folder):
    data = open_dataset(folder, "fer2013")
    assert (data.kind, len(data.classes), data.split_names) == ("fer2013", 7, ("train", "val", "test"))


@pytest.mark.parametrize(
    ("kind", "label"), [("fer2013", "happy"), ("raf_db", "disgust"), ("affectnet", "surprise"), ("expw", "happy")]
)
def test_numbered_class_folders_are_read_when_it_is_said_whose_numbers_they_are(kind, label, tmp_path):
    path = numbers(tmp_path)
    make.picture(path / "val_set" / "12" / "2.png")
    data = open_dataset(path, kind)
    assert (data.kind, data.counts()["train"][label], data.problem_count) == (kind, 1, 1)


def test_a_split_that_is_not_there_names_those_that_are(folder):
    with pytest.raises(DatasetError, match="train, val, test"):
        open_dataset(folder).rows("private_test")


def test_far_too_many_images_are_refused(folder, monkeypatch):
    monkeypatch.setattr(listing, "MOST", 4)
    with pytest.raises(DatasetError, match="over 4 images"):
        open_dataset(folder)


def test_headers_are_read_without_decoding(tmp_path):
    whole = make.picture(tmp_path / "1.png", height=30, width=20).read_bytes()
    (tmp_path / "2.png").write_bytes(whole[:33])
    (tmp_path / "3.png").write_bytes(whole[:10])
    assert headers.sizes(tmp_path, ["1.png", "2.png", "3.png", "4.png"]).tolist() == [
        [30, 20],
        [30, 20],
        [-1, -1],
        [-1, -1],
    ]
