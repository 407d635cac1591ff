"""Photos for all tests: the two samples, both of them in one photo, and a folder of odd files."""

import gc

import cv2
import numpy as np
import pytest
from odd_inputs import Odd, encoded, readable, refused
from paths import SAMPLES, SHARED
from PIL import Image

import fer_core  # noqa: F401  switches the libraries' reports off before a test imports one

DEAR = ("trained", "server")
"""Fixtures of a whole session that are dear: the tests that use one run in the process that made it."""
SHARED_YUNET = SHARED / "models" / "face_detection_yunet_2023mar.onnx"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """How `make test` shares the tests between two processes: by file or by dear fixture, the longest first."""
    for item in items:
        dear = next((name for name in DEAR if name in item.fixturenames), item.path.as_posix())
        item.add_marker(pytest.mark.xdist_group(dear))
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in ("tensorflow", "browser")))


@pytest.fixture(autouse=True, scope="module")
def young_heap():
    """What earlier tests loaded is no garbage: Streamlit looks for some after each run of a page, a second each time
    once TensorFlow is there."""
    gc.collect()
    gc.freeze()


def _sample(name):
    pixels = np.array(Image.open(SAMPLES / name).convert("RGB"))
    pixels.flags.writeable = False
    return pixels


@pytest.fixture(scope="session")
def astronaut():
    """RGB uint8 (512, 512, 3): one smiling face around (225, 120)."""
    return _sample("astronaut.jpg")


@pytest.fixture(scope="session")
def hopper():
    """RGB uint8 (600, 512, 3): one earnest face around (265, 220)."""
    return _sample("grace_hopper.jpg")


@pytest.fixture(scope="session")
def two_faces(astronaut, hopper):
    """RGB uint8 (600, 1024, 3): both samples side by side, the astronaut (the smaller face) on the left."""
    below = cv2.copyMakeBorder(astronaut, 0, len(hopper) - len(astronaut), 0, 0, cv2.BORDER_REPLICATE)
    return np.hstack([below, hopper])


@pytest.fixture(scope="session")
def two_faces_jpeg(two_faces, tmp_path_factory):
    """The same as a file, for uploads."""
    path = tmp_path_factory.mktemp("photos") / "two_faces.jpg"
    path.write_bytes(encoded(Image.fromarray(two_faces), "JPEG", quality=92))
    return path


@pytest.fixture(scope="session")
def odd_picture(astronaut):
    """RGB uint8 (96, 128, 3): what the odd files show."""
    return cv2.resize(astronaut[60:156, 161:289], (128, 96), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="session")
def odd_inputs(odd_picture) -> dict[str, Odd]:
    """At least 25 odd and bad files by name."""
    image = Image.fromarray(odd_picture)
    return {odd.name: odd for odd in (*readable(image), *refused(image))}


@pytest.fixture(scope="session")
def odd_folder(odd_inputs, tmp_path_factory):
    """The same in a folder, as somebody would pass them to the command line."""
    folder = tmp_path_factory.mktemp("odd")
    for odd in odd_inputs.values():
        (folder / odd.name).write_bytes(odd.data)
    return folder


@pytest.fixture
def no_yunet(monkeypatch, tmp_path):
    """Only the built-in detector, whatever this computer has."""
    monkeypatch.setenv("FER_YUNET", str(tmp_path / "missing.onnx"))


@pytest.fixture
def yunet(monkeypatch):
    """The detector of ../shared; tests that use it are marked `shared`."""
    if not SHARED_YUNET.is_file():
        pytest.skip(f"needs {SHARED_YUNET}")
    monkeypatch.setenv("FER_YUNET", str(SHARED_YUNET))


@pytest.fixture(params=["haar", pytest.param("yunet", marks=pytest.mark.shared)])
def detector(request):
    """Both detectors, one after the other; YuNet's file is extra."""
    request.getfixturevalue("no_yunet" if request.param == "haar" else "yunet")
    return request.param


@pytest.fixture
def shared_photos():
    """Folder of the photos outside the project."""
    folder = SHARED / "photos"
    if not folder.is_dir():
        pytest.skip(f"needs {folder}")
    return folder
