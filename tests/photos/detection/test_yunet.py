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
@pytest.mark.parametrize("size", [(640, 640), (333, 517), (64, 48), (31, 200)])
def test_it_finds_what_opencv_finds(network, two_faces, size):
    picture = cv2.resize(two_faces, size, interpolation=cv2.INTER_AREA)
    found, expected = network(picture, 0.3), by_opencv(picture, 0.3)
    assert found.shape == expected.shape
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=0.01)


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
