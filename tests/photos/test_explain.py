import json
import shutil

import numpy as np
import pytest

from fer_core.errors import PredictorError
from fer_core.labels import SEVEN
from fer_core.photos import explain
from fer_core.predictors.keras_runtime import import_keras

pytestmark = [
    pytest.mark.tensorflow,
    # Keras 3.15 turns its weights into arrays in a way NumPy 2.4 announces the end of
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]

SIZE = 16


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A network whose 'happy' is brightness and whose 'sad' is darkness, wherever in the crop they are."""
    keras = import_keras()
    crops = keras.Input((SIZE, SIZE, 1), dtype="uint8", name="crops")
    maps = keras.layers.Rescaling(1 / 255)(crops)
    maps = keras.layers.AveragePooling2D(2)(maps)
    convolution = keras.layers.Conv2D(2, 1)
    maps = convolution(maps)
    convolution.set_weights([np.array([[[[1.0, -1.0]]]]), np.array([0.0, 1.0])])
    features = keras.layers.GlobalAveragePooling2D(name="features")(maps)
    dense = keras.layers.Dense(7, "softmax", name="probabilities")
    outputs = {"probabilities": dense(features), "features": features}
    kernel = np.zeros((2, 7))
    kernel[0, SEVEN.index("happy")] = kernel[1, SEVEN.index("sad")] = 50
    dense.set_weights([kernel, np.zeros(7)])
    folder = tmp_path_factory.mktemp("models") / "house"
    folder.mkdir()
    model = keras.Model(crops, outputs)
    model.trainable = False
    model.save(folder / "model.keras")
    config = {"name": "house", "title": "Bright and dark", "classes": SEVEN, "input_size": SIZE, "channels": 1}
    config |= {"origin": "a test", "licence": "MIT", "source": "none"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder.parent


@pytest.fixture(autouse=True)
def use_models(models, monkeypatch):
    monkeypatch.setenv("FER_MODELS", str(models))


@pytest.fixture
def bright_left():
    crop = np.zeros((SIZE, SIZE, 1), np.uint8)
    crop[:, : SIZE // 2] = 255
    return crop


@pytest.mark.parametrize("name", ["house", "house:keras"])
def test_the_map_shows_where_the_evidence_is(name, bright_left):
    for label, warm, cold in (("happy", slice(0, 6), slice(10, 16)), ("sad", slice(10, 16), slice(0, 6))):
        heat = explain.grad_cam(name, bright_left, label)
        assert heat.shape == (SIZE, SIZE)
        assert heat.dtype == np.float32
        assert (heat.min(), heat.max()) == (0, 1)
        assert heat[:, warm].min() > 0.9
        assert heat[:, cold].max() < 0.1


def test_a_certain_answer_is_still_explained():
    """Its probability is 1 in float32, and the plain gradient of it 0."""
    crop = np.full((SIZE, SIZE, 1), 255, np.uint8)
    assert explain.grad_cam("house", crop).min() > 0.99


def test_nothing_speaks_for_an_expression(bright_left):
    assert not explain.grad_cam("house", bright_left, "fear").any()


@pytest.mark.parametrize(
    ("name", "shape", "label", "reason"),
    [
        ("house", (SIZE, SIZE, 1), "contempt", "does not know 'contempt'"),
        ("house", (48, 48, 1), None, "expects uint8"),
        ("deepface", (224, 224, 3), None, "deepface cannot be explained"),
    ],
)
def test_what_cannot_be_explained_is_said(name, shape, label, reason):
    with pytest.raises(PredictorError, match=reason):
        explain.grad_cam(name, np.zeros(shape, np.uint8), label)


def test_a_network_trained_anew_is_opened_anew(models, tmp_path, monkeypatch, bright_left):
    folder = shutil.copytree(models, tmp_path / "models") / "house"
    monkeypatch.setenv("FER_MODELS", str(folder.parent))
    assert explain.grad_cam("house", bright_left).any()
    (folder / "model.keras").write_bytes(b"damaged since")
    with pytest.raises(PredictorError, match="no network that Keras can read"):
        explain.grad_cam("house", bright_left)


def test_only_networks_of_our_own_can_be_explained(models):
    assert explain.can_explain("house")
    assert not explain.can_explain("mini_xception")
    (models / "other").mkdir()
    assert not explain.can_explain("other")
    (models / "other").rmdir()
