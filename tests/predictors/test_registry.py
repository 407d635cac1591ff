import json

import pytest
from tiny_networks import CONFIG, random_crops, write_json, write_network

from fer_core import predictors
from fer_core.errors import PredictorError, UnknownPredictorError
from fer_core.labels import EIGHT
from fer_core.predictors import networks


def test_the_default_comes_first_and_baselines_last(models):
    for name in ("zebra", "house", "alpha"):
        write_network(models / name)
    (models / ".cache").mkdir()
    (models / "README.md").write_text("no network")
    assert predictors.names() == (
        *("house", "house:keras", "alpha", "alpha:keras", "zebra", "zebra:keras"),
        *("deepface", "mini_xception"),
    )


def test_without_any_network_the_baselines_remain(models):
    models.rmdir()
    assert predictors.names() == ("deepface", "mini_xception")


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("act", [predictors.info, predictors.availability, predictors.load])
def test_an_unknown_name_is_answered_with_those_that_exist(act):
    with pytest.raises(UnknownPredictorError, match=r"no model 'hause'.*house, house:keras, deepface"):
        act("hause")


@pytest.mark.parametrize("name", predictors.names())
def test_every_predictor_says_what_it_is(name):
    row = predictors.info(name)
    assert row.name == name
    assert set(row.classes) <= set(EIGHT)
    assert len(set(row.classes)) >= 7
    assert row.input_size >= 48
    assert row.channels in (1, 3)
    assert 0 < row.parameters <= (5_000_000 if name.startswith("house") else 12_000_000)
    assert all((row.title, row.origin, row.licence, row.source))
    assert row.accuracy is None or (0 < row.accuracy < 1 and row.accuracy_note)
    assert row.temperature > 0
    assert 0 <= row.threshold <= 1
    state = predictors.availability(name)
    assert state.ready or state.reason


def test_what_was_measured_is_read_from_the_folder(house):
    write_json(house, "architecture.json", {"parameters": 42})
    rows = [
        {"split": "public_test", "labels": "fer2013", "tta": None, "n": 3589, "accuracy": 0.9},
        {"split": "private_test", "labels": "ferplus", "tta": None, "n": 3000, "accuracy": 0.8},
        {"split": "private_test", "labels": "fer2013", "tta": "flip", "n": 3589, "accuracy": 0.7},
        {"split": "private_test", "labels": "fer2013", "tta": None, "n": 3301, "accuracy": 0.5, "subset": "no copies"},
        {"split": "private_test", "labels": "fer2013", "tta": None, "n": 3589, "accuracy": 0.6},
    ]
    calibration = {"temperature": 1.5, "threshold": 0.4, "coverage": 0.75}
    write_json(house, "metrics.json", {"calibration": calibration, "evaluations": rows})
    row = predictors.info("house")
    assert (row.parameters, row.temperature, row.threshold, row.coverage) == (42, 1.5, 0.4, 0.75)
    assert row.accuracy == 0.6
    assert "3589" in row.accuracy_note
    assert row.megabytes == round((house / "model.onnx").stat().st_size / 1e6, 2)
    config = json.loads((house / "config.json").read_text(encoding="utf-8"))
    write_json(house, "config.json", config | {"recipe": {"data": {"leave_out_copies": False}}})
    row = predictors.info("house")
    assert row.accuracy == 0.5
    assert "3301 images (those of which its training had no copy)" in row.accuracy_note


@pytest.mark.parametrize("folder", networks.folders(), ids=lambda folder: folder.name)
def test_every_network_we_publish_answers_and_says_why_a_file_is_missing(folder):
    network = predictors.load(folder.name)
    answers = network.predict(random_crops(3, network.info.input_size, network.info.channels))
    assert answers.sum(axis=1) == pytest.approx(1, abs=1e-5)
    if not (folder / "model.keras").is_file():
        assert (folder / "model.onnx").stat().st_size < 2.1 * network.info.parameters
        assert "networks above 25 MB are kept as ONNX alone" in predictors.availability(f"{folder.name}:keras").reason


@pytest.mark.usefixtures("house")
def test_a_network_without_metrics_is_not_given_any():
    row = predictors.info("house")
    assert (row.temperature, row.threshold, row.coverage, row.accuracy) == (1, 0, None, None)


def write_text(name, text):
    return lambda folder: (folder / name).write_text(text)


BROKEN = {
    "no weights": (lambda folder: (folder / "model.onnx").unlink(), "model.onnx is missing"),
    "no config": (lambda folder: (folder / "config.json").unlink(), "config.json is missing"),
    "cut config": (write_text("config.json", '{"name": "hou'), "cannot be read as JSON"),
    "config of another kind": (write_text("config.json", "[]"), "JSON object is expected"),
    "binary config": (lambda folder: (folder / "config.json").write_bytes(b"\xff\xfe\x00"), "cannot be read as JSON"),
    "config without licence": (
        lambda folder: write_json(folder, "config.json", {**CONFIG, "licence": None, "classes": 7}),
        "do not fit together",
    ),
    "empty config": (write_text("config.json", "{}"), "lacks name, title"),
    "cut metrics": (write_text("metrics.json", "{"), "metrics.json cannot be read"),
    "odd metrics": (write_text("metrics.json", '{"calibration": {"temperature": "warm"}}'), "do not fit together"),
}


@pytest.mark.parametrize(("damage", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_folder_says_why_and_leaves_the_others_alone(house, models, damage, reason):
    write_network(models / "other")
    damage(house)
    state = predictors.availability("house")
    assert not state.ready
    assert reason in state.reason
    assert predictors.info("house").name == "house"
    with pytest.raises(PredictorError, match="house cannot run"):
        predictors.load("house")
    assert predictors.load("other").name == "other"


@pytest.mark.usefixtures("house")
def test_no_keras_file_only_stops_the_keras_runtime():
    assert predictors.availability("house").ready
    assert "model.keras is missing" in predictors.availability("house:keras").reason


@pytest.mark.usefixtures("house")
def test_a_runtime_that_is_not_installed_says_so(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert predictors.availability("house").reason == "onnxruntime is not installed; pip install onnxruntime."
