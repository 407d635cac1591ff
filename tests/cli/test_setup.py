"""`fer setup` and `fer cache`; nothing is fetched here."""

import pytest

from fer_core.predictors import downloads
from fer_core.predictors.baselines import fetching


def test_setup_fetches_the_detector_once(run, monkeypatch):
    monkeypatch.setattr(downloads, "fetch_yunet", lambda: "Fetched it.")

    assert run("setup") == (0, "Fetched it.\n", "")


def test_setup_of_the_baselines(run, monkeypatch):
    monkeypatch.setattr(downloads, "fetch_yunet", lambda: "Fetched it.")
    monkeypatch.setattr(fetching, "fetch_deepface", lambda: "Fetched the other.")
    monkeypatch.setattr(fetching, "convert_mini_xception", lambda: "Converted.")

    assert run("setup", "--baselines")[1].splitlines() == ["Fetched it.", "Fetched the other.", "Converted."]


@pytest.fixture
def cache(tmp_path):
    folder = tmp_path / "cache"
    (folder / "unpacked-1" / "train").mkdir(parents=True)
    (folder / "unpacked-1" / "train" / "a.png").write_bytes(bytes(2_000_000))
    (folder / "fer2013-1.npz").write_bytes(bytes(1_000_000))
    (folder / downloads.YUNET_FILE).write_bytes(b"the detector")
    return folder


def test_cache_shows_what_is_kept(run, cache):
    code, out, _ = run("cache", "show")

    assert code == 0
    assert ["unpacked-1", "2.0"] in [line.split() for line in out.splitlines()]
    assert f"{cache}: 2 entries, 3.0 MB" in out


def test_cache_is_cleared_and_the_detector_stays(run, cache):
    assert "Removed 2 entries, 3.0 MB" in run("cache", "clear")[1]
    assert [path.name for path in cache.iterdir()] == [downloads.YUNET_FILE]
    assert "0 entries" in run("cache", "show")[1]


def test_a_cache_that_is_not_there(run):
    assert "0 entries" in run("cache", "show")[1]
