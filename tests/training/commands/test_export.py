"""A Keras network of one's own becomes a model of every list."""

import numpy as np
import pytest

from fer_core import predictors
from fer_core.cli.main import main
from fer_core.labels import SEVEN

pytestmark = pytest.mark.tensorflow


def network(path, outputs=7, activation="softmax", shape=(12, 12, 1)):
    import keras

    layers = [keras.layers.Flatten(), keras.layers.Dense(outputs, activation=activation)]
    keras.Sequential([keras.Input(shape), *layers]).save(path)
    return path


def test_a_keras_file_becomes_a_model_that_answers_the_same(tmp_path, monkeypatch):
    import keras

    file = network(tmp_path / "mine.keras")
    assert main(["export", str(file), str(tmp_path / "models" / "mine"), "--divide-by", "255"]) == 0
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    crops = np.random.default_rng(0).integers(0, 256, (5, 12, 12, 1), np.uint8)
    expected = keras.saving.load_model(file).predict_on_batch(crops / np.float32(255))
    given = predictors.load("mine")
    assert given.classes == SEVEN
    assert np.allclose(given.predict(crops), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("options", "flags", "said"),
    [
        ({"outputs": 5}, [], "gives 5 probabilities and 0 expressions were named"),
        ({"outputs": 2}, ["--classes", "happy,glad"], "Name all of them in the order of its output"),
        ({"activation": "sigmoid"}, [], "does not sum to 1. Add a softmax"),
        ({"shape": (12, 10, 1)}, [], "expected one picture (size, size, 1 or 3)"),
    ],
)
def test_another_shape_is_a_sentence(tmp_path, capsys, options, flags, said):
    file = network(tmp_path / "mine.keras", **options)
    assert main(["export", str(file), str(tmp_path / "models" / "mine"), *flags]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_what_is_no_network_is_a_sentence(tmp_path, capsys):
    (tmp_path / "mine.keras").write_bytes(b"nothing")
    assert main(["export", str(tmp_path / "mine.keras"), str(tmp_path / "models" / "mine")]) == 2
    assert "cannot be opened as a Keras network" in capsys.readouterr().err


def test_a_network_among_photos_is_named_with_the_way_in(tmp_path, capsys):
    (tmp_path / "mine.h5").write_bytes(b"x")
    assert main(["predict", str(tmp_path / "mine.h5")]) == 2
    assert "is a neural network" in capsys.readouterr().out
