"""A real server in a process of its own, asked by a real client. It serves models/house when that is there."""

import shutil
import sys

import cv2
import numpy as np
import pytest
from brightness import write_network
from paths import ROOT
from servers import start, stop


@pytest.fixture(scope="session")
def networks(tmp_path_factory):
    """models/ with `house` and a second network that answers otherwise and is never sure."""
    folder = tmp_path_factory.mktemp("space") / "models"
    if (ROOT / "models" / "house" / "model.onnx").is_file():
        shutil.copytree(ROOT / "models" / "house", folder / "house")
    else:
        write_network(folder / "house")
    write_network(folder / "second", calibration={"temperature": 30.0, "threshold": 0.99, "coverage": 0.1})
    return folder


@pytest.fixture(scope="session")
def server(networks, tmp_path_factory):
    command = [sys.executable, "-m", "space.app"]
    settings = {"FER_MODELS": str(networks), "FER_YUNET": str(networks / "no_yunet.onnx")}
    running = start(command, tmp_path_factory.mktemp("server"), **settings)
    yield running
    stop(running)


@pytest.fixture
def same_here(monkeypatch, networks):
    """This process has the networks and the detector of the server."""
    monkeypatch.setenv("FER_MODELS", str(networks))
    monkeypatch.setenv("FER_YUNET", str(networks / "no_yunet.onnx"))


@pytest.fixture(scope="session")
def client(server):
    from gradio_client import Client

    return Client(server.address, verbose=False, httpx_kwargs={"timeout": 120})


@pytest.fixture(scope="session")
def eight_faces(astronaut, hopper, tmp_path_factory):
    """Two rows of four portraits, as JPEG."""
    cut = [image[:500, 60:500] for image in (astronaut, hopper)]
    portraits = [cv2.resize(image, (320, 360), interpolation=cv2.INTER_AREA) for image in cut]
    picture = np.vstack([np.hstack(portraits * 2), np.hstack(portraits[::-1] * 2)])
    return _written(picture, tmp_path_factory.mktemp("eight") / "eight.jpg")


@pytest.fixture(scope="session")
def no_face(tmp_path_factory):
    return _written(np.full((300, 400, 3), 90, np.uint8), tmp_path_factory.mktemp("wall") / "wall.png")


def _written(picture, path):
    cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return path
