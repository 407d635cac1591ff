import pytest

from fer_core.compare import kept_sets, testsets
from fer_core.compare.testsets import PhotoSet, SetPhoto
from fer_core.errors import DatasetError

PHOTOS = PhotoSet(
    (
        SetPhoto("a/happy.jpg", b"1", "happy"),
        SetPhoto("../../x y.png", b"2", None),
        SetPhoto("b/happy.jpg", b"3", "sad"),
    )
)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("FER_TESTSETS", str(tmp_path / "sets"))
    monkeypatch.delenv("FER_PUBLIC", raising=False)
    return tmp_path / "sets"


def test_a_kept_set_comes_back_with_its_labels(folder):
    assert kept_sets.listed() == []
    assert kept_sets.keep("our photos", PHOTOS) == folder / "our photos"
    assert kept_sets.listed() == ["our photos"]
    back = testsets.from_files(kept_sets.files("our photos"))
    assert {(photo.data, photo.label) for photo in back.photos} == {(b"1", "happy"), (b"2", None), (b"3", "sad")}
    kept_sets.delete("our photos")
    assert kept_sets.listed() == []


def test_nothing_is_written_outside_the_folder(folder, tmp_path):
    kept_sets.keep("../../evil", PHOTOS)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) == 3
    assert all(path.resolve().is_relative_to(folder) for path in written)


@pytest.mark.parametrize("name", ["", "..", "///", " . "])
def test_a_name_of_nothing_is_refused(name):
    with pytest.raises(DatasetError, match="letters and digits"):
        kept_sets.keep(name, PHOTOS)


def test_a_name_that_is_taken_is_refused():
    kept_sets.keep("one", PHOTOS)
    with pytest.raises(DatasetError, match="kept already"):
        kept_sets.keep("one", PHOTOS)


def test_what_is_gone_is_said():
    for call in (kept_sets.files, kept_sets.delete):
        with pytest.raises(DatasetError, match="no kept test set"):
            call("../sets")


def test_public_mode_keeps_reads_and_deletes_nothing(monkeypatch, folder):
    kept_sets.keep("one", PHOTOS)
    monkeypatch.setenv("FER_PUBLIC", "1")
    for call in (
        lambda: kept_sets.keep("two", PHOTOS),
        lambda: kept_sets.files("one"),
        lambda: kept_sets.delete("one"),
    ):
        with pytest.raises(DatasetError, match="Nothing is kept"):
            call()
    assert (folder / "one").is_dir()
    assert not (folder / "two").exists()
