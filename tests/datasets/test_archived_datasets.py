"""Datasets as they were downloaded: zip and tar, one inside the other; errors name what the user gave."""

import io
import tarfile
import zipfile

import pytest
from faulty_data import picture, write

from fer_core.datasets import open_dataset
from fer_core.errors import ArchiveError, DatasetError

COUNTS = {"train": {"happy": 2, "sad": 2}, "test": {"happy": 2, "sad": 2}}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def files(tmp_path):
    """Names and contents of class folders within two splits."""
    root = tmp_path / "set"
    for number in range(8):
        split, label = ("train", "test")[number % 2], ("happy", "sad")[number // 2 % 2]
        write(root / split / label / f"{number}.png", picture(number))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.png"))}


def zipped(files, separator="/"):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"data{separator}{name.replace('/', separator)}", content)
    return stream.getvalue()


def tarred(files, mode):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"./data/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["linux.zip", "powershell.zip", "set.tar", "set.tar.gz", "set.tgz", "nested.zip"])
def test_an_archive_is_opened_like_the_folder_in_it(kind, files, tmp_path):
    made = {
        "linux.zip": lambda: zipped(files),
        "powershell.zip": lambda: zipped(files, "\\"),
        "set.tar": lambda: tarred(files, "w"),
        "set.tar.gz": lambda: tarred(files, "w:gz"),
        "set.tgz": lambda: tarred(files, "w:gz"),
        "nested.zip": lambda: zipped({"inner.tar.gz": tarred(files, "w:gz")}),
    }
    path = tmp_path / kind
    path.write_bytes(made[kind]())
    data = open_dataset(path)
    assert data.counts() == COUNTS
    assert data.path == path
    assert data.image(0).shape == (48, 48)


def test_errors_name_the_archive_and_not_the_cache(tmp_path):
    (tmp_path / "notes.zip").write_bytes(zipped({"readme.txt": b"x"}))
    with pytest.raises(DatasetError) as caught:
        open_dataset(tmp_path / "notes.zip")
    assert "notes.zip" in str(caught.value)
    assert "unpacked-" not in str(caught.value)
    assert "cache" not in str(caught.value)


def test_a_cache_that_cannot_be_written_is_a_sentence(files, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "set.zip").write_bytes(zipped(files))
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(ArchiveError, match=r"set\.zip cannot be unpacked into .*variable FER_CACHE"):
        open_dataset(tmp_path / "set.zip")
