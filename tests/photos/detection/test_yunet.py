import cv2
import numpy as np
import pytest
from paths import SHARED

from fer_core.errors import FerError
from fer_core.photos.detection import yunet

PATH = SHARED / "models" / "face_detection_yunet_2023mar.onnx"


@pytest.fixture(scope="module")
def network():
    if not PATH.is_file():
        pytest.skip(f"needs {PATH}")
    return yunet.Network(PATH)


def by_opencv(picture, least):
    detector = cv2.FaceDetectorYN.create(str(PATH), "", picture.shape[1::-1], least, 0.3, 5000)
    _, rows = detector.detect(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return np.empty((0, 15), np.float32) if rows is None else rows


@pytest.mark.shared
@pytest.mark.parametrize("size", [(640, 640), (333, 517), (64, 48), (100, 200)])
def test_it_finds_what_opencv_finds(network, two_faces, size, monkeypatch):
    """Not with 31 pixels: there OpenCV answers differently to the same picture at times."""
    monkeypatch.setattr(yunet, "AGREEMENT", 1.0)  # OpenCV lets the best cell alone speak
    picture = cv2.resize(two_faces, size, interpolation=cv2.INTER_AREA)
    found, expected = network(picture, 0.3), by_opencv(picture, 0.3)
    assert found.shape == expected.shape
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_cells_that_agree_share_a_box(monkeypatch):
    monkeypatch.setattr(yunet, "WEIGHT", 1)

    def row(x, score):
        return [x, 10, 100, 100, *[x] * 10, score]

    found = yunet._without_doubles(np.array([row(10, 0.6), row(20, 0.9), row(300, 0.8), row(70, 0.5)], np.float32))
    assert found[:, 14].tolist() == pytest.approx([0.9, 0.8])  # 70 goes, but shares too little with 20 to vote
    np.testing.assert_allclose(found[0, :5], [16, 10, 100, 100, 16], rtol=1e-6)
    np.testing.assert_allclose(found[1, :5], [300, 10, 100, 100, 300], rtol=1e-6)


@pytest.mark.shared
def test_neighbours_steady_the_box(network, astronaut):
    """The same face in 20 pictures that differ by a few grey levels and by parts of a pixel."""
    random = np.random.default_rng(0)

    def heights():
        for shift in np.linspace(0, 4, 20):
            move = np.array([[1, 0, shift], [0, 1, shift]])
            moved = cv2.warpAffine(astronaut, move, (512, 512)) + random.normal(0, 2, astronaut.shape)
            yield network(np.clip(moved, 0, 255).astype(np.uint8), 0.6)[0, 3]

    voted = np.std(list(heights()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yunet, "AGREEMENT", 1.0)
        alone = np.std(list(heights()))
    assert voted < 0.9 * alone


@pytest.mark.shared
def test_there_is_something_to_compare(network, two_faces):
    assert len(network(two_faces, 0.8)) == 2


@pytest.mark.shared
def test_a_blank_picture_has_no_face(network):
    assert network(np.zeros((64, 64, 3), np.uint8), 0.3).shape == (0, 15)


def test_another_file_is_refused(tmp_path):
    (tmp_path / "other.onnx").write_bytes(b"another network")
    with pytest.raises(FerError, match=r"other\.onnx is not the file of the face detector YuNet"):
        yunet.Network(tmp_path / "other.onnx")
