from pathlib import Path

import numpy as np
import pytest
from tiny_networks import FEATURES, SIZE, random_crops, write_onnx

from benchmarks.memory import LIMIT, growth, on_crops
from fer_core import predictors
from fer_core.errors import PredictorError
from fer_core.predictors import Predictor
from fer_core.predictors.common import BATCH


@pytest.fixture
def network(house):  # noqa: ARG001 - the folder it is loaded from
    return predictors.load("house")


def test_it_is_a_predictor(network):
    assert isinstance(network, Predictor)
    assert (network.name, network.input_size, network.classes) == ("house", SIZE, network.info.classes)


@pytest.mark.parametrize("count", [0, 1, 2, BATCH, 2 * BATCH + 1])
def test_any_number_of_faces(network, count):
    rows = network.predict(random_crops(count))
    assert rows.shape == (count, 7)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-6)


def test_a_face_gets_the_same_answer_alone_and_among_others(network):
    crops = random_crops(BATCH + 3)
    alone = np.concatenate([network.predict(crop[np.newaxis]) for crop in crops])
    np.testing.assert_allclose(network.predict(crops), alone, atol=1e-6)


def test_a_view_of_an_array_will_do(network):
    crops = random_crops(4)
    np.testing.assert_allclose(network.predict(crops[::-1, :, ::-1]), network.predict(crops[::-1, :, ::-1].copy()))


@pytest.mark.parametrize(
    ("crops", "came"),
    [
        (np.zeros((1, 48, 48, 1), np.uint8), "uint8 (1, 48, 48, 1)"),
        (np.zeros((SIZE, SIZE, 1), np.uint8), "uint8 (16, 16, 1)"),
        (np.zeros((1, SIZE, SIZE, 3), np.uint8), "uint8 (1, 16, 16, 3)"),
        (np.zeros((1, SIZE, SIZE, 1), np.float32), "float32 (1, 16, 16, 1)"),
        ([[0]], "a list"),
    ],
)
def test_what_does_not_fit_is_refused(network, crops, came):
    for method in (network.predict, network.features):
        with pytest.raises(PredictorError) as caught:
            method(crops)
        assert came in str(caught.value)
        assert "expects uint8 (n, 16, 16, 1)" in str(caught.value)


def test_features_are_there_and_crowd_is_not(network):
    assert network.features(random_crops(3)).shape == (3, FEATURES)
    assert network.features(random_crops(0)).shape == (0, FEATURES)
    with pytest.raises(PredictorError, match="no output 'crowd'; it has features, probabilities"):
        network.crowd(random_crops(1))


def test_only_what_is_asked_for_is_computed(network, monkeypatch):
    asked = []

    class Recorder:
        def run(self, outputs, inputs):
            asked.extend(outputs)
            return [np.full((len(inputs["crops"]), 7), 1 / 7, np.float32)]

    monkeypatch.setattr(network, "_session", Recorder())
    network.predict(random_crops(1))
    assert asked == ["probabilities"]


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        ({"outputs": 8}, "'probabilities' of 7 classes"),
        ({"input_name": "image"}, r"has the inputs \['image'\]"),
    ],
)
def test_a_graph_that_is_not_ours_is_refused(house, graph, reason):
    write_onnx(house / "model.onnx", **graph)
    with pytest.raises(PredictorError, match=reason):
        predictors.load("house")


@pytest.mark.parametrize(
    "content", [b"", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", b"\x08\x07" * 50]
)
def test_a_file_that_is_no_graph_is_refused(house, content):
    (house / "model.onnx").write_bytes(content)
    with pytest.raises(PredictorError, match="no network that ONNX Runtime can read"):
        predictors.load("house")


def test_damaged_weights_are_noticed_and_not_called_angry(house):
    write_onnx(house / "model.onnx", scale=np.nan)
    with pytest.raises(PredictorError, match="no number"):
        predictors.load("house").predict(random_crops(1))


@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="reads Linux's /proc")
def test_a_thousand_predictions_leave_memory_where_it_was(network):
    assert growth(on_crops(network)) < LIMIT
