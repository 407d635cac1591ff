import numpy as np
import pytest
from tiny_networks import CONFIG, random_crops, write_json

from fer_core import predictors
from fer_core.errors import PredictorError
from fer_core.predictors.keras_runtime import import_keras
from fer_core.predictors.networks import folders

pytestmark = [
    pytest.mark.tensorflow,
    # Keras 3.15 turns its weights into arrays in a way NumPy 2.4 announces the end of
]

COMMITTED = tuple(folder.name for folder in folders() if (folder / "model.keras").is_file())


def largest_difference(name, method, count=5):
    info = predictors.info(name)
    crops = random_crops(count, info.input_size, info.channels)
    one, other = (getattr(predictors.load(name + runtime), method)(crops) for runtime in ("", ":keras"))
    return np.abs(one - other).max()


@pytest.mark.usefixtures("both_runtimes")
@pytest.mark.parametrize("method", ["predict", "features", "crowd"])
def test_both_runtimes_agree(method):
    assert largest_difference("house", method) < 1e-4


@pytest.mark.usefixtures("both_runtimes")
def test_it_answers_by_the_same_rules():
    network = predictors.load("house:keras")
    assert network.name == "house:keras"
    assert network.predict(random_crops(0)).shape == (0, 7)
    assert network.predict(random_crops(40)).shape == (40, 7)
    assert network.features(random_crops(2)).shape == (2, 8)
    with pytest.raises(PredictorError, match="expects uint8"):
        network.predict(random_crops(1, 48))


@pytest.mark.skipif(not COMMITTED, reason="models/ has no network")
@pytest.mark.parametrize("name", COMMITTED)
def test_both_runtimes_of_every_network_we_publish_agree(name):
    assert largest_difference(name, "predict", 16) < 1e-4


def test_a_damaged_file_is_refused(models):
    write_json(models / "house", "config.json", CONFIG)
    (models / "house" / "model.keras").write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(PredictorError, match="no network that Keras can read"):
        predictors.load("house:keras")


def test_code_inside_a_file_never_runs(models):
    keras = import_keras()
    crops = keras.Input((16, 16, 1), dtype="uint8", name="crops")
    model = keras.Model(crops, {"probabilities": keras.layers.Lambda(lambda value: value)(crops)})
    write_json(models / "house", "config.json", CONFIG)
    model.save(models / "house" / "model.keras")
    with pytest.raises(PredictorError, match="no network that Keras can read"):
        predictors.load("house:keras")


def test_a_model_without_named_outputs_is_refused(models):
    keras = import_keras()
    crops = keras.Input((16, 16, 1), dtype="uint8", name="crops")
    write_json(models / "house", "config.json", CONFIG)
    keras.Model(crops, keras.layers.Flatten()(crops)).save(models / "house" / "model.keras")
    with pytest.raises(PredictorError, match="no named outputs"):
        predictors.load("house:keras")
