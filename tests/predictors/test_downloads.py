import hashlib
import io
from urllib.error import URLError

import pytest

from fer_core import settings
from fer_core.predictors import downloads

CONTENT = b"a detector for tests" * 50


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """An empty cache, and a network that must not be touched."""
    monkeypatch.delenv("FER_YUNET", raising=False)
    monkeypatch.setattr(settings, "downloads_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(downloads, "YUNET_SHA256", hashlib.sha256(CONTENT).hexdigest())
    monkeypatch.setattr("urllib.request.urlopen", refuse)
    return tmp_path / "cache"


def refuse(*_, **__):
    raise AssertionError("the network was asked")


def answer(content):
    return lambda *_, **__: io.BytesIO(content)


def test_fetches_once_and_checks(monkeypatch):
    assert downloads.yunet_path() is None
    monkeypatch.setattr("urllib.request.urlopen", answer(CONTENT))
    assert downloads.fetch_yunet().startswith("Fetched the face detector YuNet")
    path = downloads.yunet_path()
    assert path.read_bytes() == CONTENT
    assert list(path.parent.iterdir()) == [path]
    monkeypatch.setattr("urllib.request.urlopen", refuse)
    assert "is there already" in downloads.fetch_yunet()


@pytest.mark.parametrize("content", [b"<html>log in to this network</html>", CONTENT[:-1], b"", CONTENT * 2000])
def test_throws_away_what_is_not_the_file(monkeypatch, content):
    monkeypatch.setattr("urllib.request.urlopen", answer(content))
    assert "not the face detector expected" in downloads.fetch_yunet()
    assert downloads.yunet_path() is None


def test_replaces_a_damaged_file(monkeypatch):
    path = downloads.cache_file()
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half")
    monkeypatch.setattr("urllib.request.urlopen", answer(CONTENT))
    assert downloads.fetch_yunet().startswith("Fetched")
    assert path.read_bytes() == CONTENT


def test_without_network_says_what_to_do(monkeypatch):
    def offline(*_, **__):
        raise URLError("no route")

    monkeypatch.setattr("urllib.request.urlopen", offline)
    sentence = downloads.fetch_yunet()
    assert "no route" in sentence
    assert "FER_YUNET" in sentence
    assert downloads.yunet_path() is None


def test_gives_up_when_nothing_answers(monkeypatch):
    # The real question runs in a thread, as a stuck name server would block it; here it never puts an answer down.
    monkeypatch.setattr(downloads, "_ask", lambda *_: None)
    assert "no answer from https://huggingface.co" in downloads.fetch_yunet(timeout=0.01)


def test_a_folder_that_cannot_be_written_is_told(monkeypatch, cache):
    cache.write_text("a file where the folder should be")
    monkeypatch.setattr("urllib.request.urlopen", answer(CONTENT))
    assert "could not be fetched" in downloads.fetch_yunet()


def test_a_mirror_may_be_named(monkeypatch):
    asked = []

    def note(request, **options):
        asked.append((request.full_url, options["timeout"]))
        return io.BytesIO(CONTENT)

    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example/")
    monkeypatch.setattr("urllib.request.urlopen", note)
    downloads.fetch_yunet()
    assert asked == [("https://mirror.example" + downloads.YUNET_ADDRESS, 5.0)]


def test_a_file_named_by_hand_is_taken(monkeypatch, tmp_path):
    mine = tmp_path / "mine.onnx"
    monkeypatch.setenv("FER_YUNET", str(mine))
    assert downloads.yunet_path() is None
    assert "is not there" in downloads.fetch_yunet()
    mine.write_bytes(CONTENT)
    assert downloads.yunet_path() == mine
    assert "nothing was fetched" in downloads.fetch_yunet()


def test_another_file_named_by_hand_is_not_taken(monkeypatch, tmp_path):
    other = tmp_path / "other.onnx"
    other.write_bytes(b"another network")
    monkeypatch.setenv("FER_YUNET", str(other))
    assert downloads.yunet_path() is None
    assert "another file" in downloads.fetch_yunet()
    assert "not the file of the face detector YuNet" in downloads.why_no_yunet()
