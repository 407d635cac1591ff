"""Networks that tell how bright a photo is, and folders of photos that are one face each."""

import pytest
from batches import picture
from brightness import two_networks


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    two_networks(tmp_path, monkeypatch)


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
