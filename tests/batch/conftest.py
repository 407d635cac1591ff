"""Networks that tell how bright a photo is, and folders of photos that are one face each."""

import pytest
from batches import picture
from brightness import write_network


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Our own models; no detector file, so that the built-in one serves."""
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("FER_YUNET", str(tmp_path / "none.onnx"))
    write_network(tmp_path / "models" / "house")
    write_network(tmp_path / "models" / "second", size=16)


@pytest.fixture
def photos(tmp_path):
    """Makes a folder of so many pictures, a fifth of them in a folder below."""

    def make(count, name="photos"):
        folder = tmp_path / name
        (folder / "below").mkdir(parents=True, exist_ok=True)
        for number in range(count):
            place = folder / "below" if number % 5 == 4 else folder
            (place / f"{number:05d}.png").write_bytes(picture(number))
        return folder

    return make


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"
