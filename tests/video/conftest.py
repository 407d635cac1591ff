"""Bright squares that are found as faces, and a network that tells how bright they are: quick, and certain."""

import hashlib

import numpy as np
import pytest
from bright_square import SIDE, write_detector
from brightness import write_network

from fer_core import predictors
from fer_core.photos.detection import yunet
from fer_core.predictors import downloads

CLASSES = ("angry", "disgust", "fear", "sad", "surprise", "happy", "neutral")
BRIGHTNESS = {"surprise": 160, "happy": 200, "neutral": 240}
"""Of a square that the network takes for that expression."""


@pytest.fixture(scope="session")
def square_file(tmp_path_factory):
    """A detector of bright squares with YuNet's inputs and outputs."""
    return write_detector(tmp_path_factory.mktemp("detector") / "squares.onnx")


@pytest.fixture
def squares(square_file, tmp_path, monkeypatch):
    """Its file stands where YuNet's would; a loaded network called house.

    The detector's cells are 32 pixels wide: a box is exact where x and y of a square are 16 more than a multiple of 32.
    """
    digest = hashlib.sha256(square_file.read_bytes()).hexdigest()
    for module in (yunet, downloads):
        monkeypatch.setattr(module, "YUNET_SHA256", digest)
    monkeypatch.setenv("FER_YUNET", str(square_file))
    write_network(tmp_path / "models" / "house", classes=CLASSES, calibration={"threshold": 0.5})
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    monkeypatch.delenv("FER_PUBLIC", raising=False)
    return predictors.load("house")


@pytest.fixture(scope="session")
def square():
    """Draws a square of an expression; a pattern on it makes it sharp."""
    pattern = np.random.default_rng(0).integers(-15, 16, (SIDE, SIDE, 1))

    def drawn(label):
        return np.clip(BRIGHTNESS[label] + pattern, 0, 255).astype(np.uint8).repeat(3, axis=2)

    return drawn
