"""What is kept comes back as it was, or is made again; what is left over goes; there is a limit."""

import errno
import os
import random
import zipfile

import numpy as np
import pytest

from fer_core import settings
from fer_core.datasets import open_dataset
from fer_core.datasets.store import cache, recent_paths

ARRAYS = {"codes": np.arange(50), "names": np.array(["anna", "ben"])}
TABLE = np.arange(4000, dtype=np.uint8).reshape(40, 10, 10)
HOUR_AGO = 5000


def entry(suffix):
    (path,) = settings.cache_folder().glob(f"*{suffix}")
    return path


def kept():
    return {path.name for path in settings.cache_folder().iterdir()}


def same(found):
    return found is not None and set(found) == set(ARRAYS) and all((found[k] == ARRAYS[k]).all() for k in ARRAYS)


def test_what_was_stored_comes_back():
    cache.write("facts", ARRAYS)
    cache.write_array("table", TABLE)
    assert same(cache.read("facts"))
    assert (cache.read_array("table") == TABLE).all()
    assert kept() == {"facts.npz", "table.npy"}
    assert cache.read("other") is None
    assert cache.read_array("other") is None


def mutations(content, number):
    """Bits turned, bytes set, pieces cut out, doubled, put elsewhere, ends cut or added: seeded."""
    rng = random.Random(number)
    at, length = rng.randrange(len(content)), rng.randint(1, 64)
    ways = (
        lambda: content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :],
        lambda: content[:at] + rng.randbytes(length) + content[at + length :],
        lambda: content[:at] + content[at + length :],
        lambda: content[:at] + content[at : at + length] * 2 + content[at + length :],
        lambda: content[:at],
        lambda: content + rng.randbytes(length),
        lambda: content[length:] + content[:length],
        lambda: bytes(len(content)),
    )
    return ways[number % len(ways)]()


@pytest.mark.parametrize("number", range(160))
def test_a_damaged_entry_is_never_taken(number):
    cache.write("facts", ARRAYS)
    cache.write_array("table", TABLE)
    for suffix, read in ((".npz", lambda: cache.read("facts")), (".npy", lambda: cache.read_array("table"))):
        path = entry(suffix)
        whole = path.read_bytes()
        damaged = mutations(whole, number)
        path.write_bytes(damaged)
        os.utime(path, (1, number))
        assert damaged == whole or read() is None
        assert damaged == whole or not path.exists(), "a damaged entry stays in the way"


def test_an_entry_of_an_earlier_version_is_made_again():
    settings.cache_folder().mkdir(parents=True, exist_ok=True)
    np.savez(settings.cache_folder() / "facts.npz", **ARRAYS)
    assert cache.read("facts") is None


def test_a_full_disk_is_no_error_and_leaves_nothing(monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(np, "savez", full)
    cache.write("facts", ARRAYS)
    assert kept() == set()


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "file" / "inside"))
    cache.write("facts", ARRAYS)
    assert cache.read("facts") is None
    assert cache.entries() == []
    recent_paths.add("somewhere")


def aged(path, seconds):
    past = path.stat().st_mtime - seconds
    os.utime(path, (past, past))
    return path


def test_what_a_killed_run_left_goes_and_what_another_run_writes_stays():
    folder = settings.cache_folder()
    cache.write("facts", ARRAYS)
    for name in ("old.npz-1.part", "new.npz-2.part"):
        (folder / name).write_bytes(b"half")
    for name in ("unpacked-abc-old", "unpacked-abc-new", "unpacked-abc"):
        (folder / name).mkdir()
    for name in ("old.npz-1.part", "unpacked-abc-old", "unpacked-abc"):
        aged(folder / name, HOUR_AGO)
    cache.trim()
    assert kept() == {"facts.npz", "new.npz-2.part", "unpacked-abc-new", "unpacked-abc"}


def test_above_the_limit_the_longest_unused_goes_first(monkeypatch):
    folder = settings.cache_folder()
    for number, name in enumerate(("first", "second", "third")):
        cache.write_array(name, TABLE)
        aged(folder / f"{name}.npy", HOUR_AGO - number)
    assert cache.read_array("first") is not None  # now it is the latest
    monkeypatch.setenv("FER_CACHE_GB", "0.00001")
    cache.trim()
    assert kept() == {"first.npy", "third.npy"}


@pytest.mark.parametrize(("value", "expected"), [("3", 3 * 10**9), ("", 20 * 10**9), ("many", 20 * 10**9), ("-1", 0)])
def test_the_limit_is_a_setting(value, expected, monkeypatch):
    monkeypatch.setenv("FER_CACHE_GB", value)
    assert settings.cache_bytes() == expected


def test_clearing_removes_what_is_ours_alone():
    cache.write("facts", ARRAYS)
    (settings.cache_folder() / "face_detection_yunet_2023mar.onnx").write_bytes(b"a detector")
    assert [found.path.name for found in cache.clear()] == ["facts.npz"]
    assert kept() == {"face_detection_yunet_2023mar.onnx"}


def test_an_unpacked_archive_that_lost_a_file_is_unpacked_again(tmp_path):
    from odd_inputs import encoded
    from PIL import Image

    path = tmp_path / "faces.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for label in ("happy", "sad"):
            for number in range(3):
                picture = Image.fromarray(np.full((24, 24), 40 * number, np.uint8))
                archive.writestr(f"{label}/{number}.png", encoded(picture, "PNG"))
    assert len(open_dataset(path)) == 6
    lost = next(settings.cache_folder().glob("unpacked-*/happy/1.png"))
    lost.unlink()
    assert len(open_dataset(path)) == 6
    assert lost.is_file()
