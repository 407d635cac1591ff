"""A damaged network is listed with the reason, and stops nothing else: not a list, not a page, not the Space."""

import json

import pytest
from tiny_networks import CONFIG, random_crops, write_json, write_network

from fer_core import predictors
from fer_core.errors import FerError, PredictorError
from fer_core.evaluation import measured
from fer_core.predictors import architecture, networks

ROW = {"data": "fer2013", "split": "private_test", "labels": "fer2013", "n": 10, "accuracy": 0.5, "recall": {"sad": 1}}


def config(**changes):
    return lambda folder: write_json(folder, "config.json", {**CONFIG, **changes})


def metrics(content):
    return lambda folder: write_json(folder, "metrics.json", content)


def written(name, content):
    return lambda folder: (folder / name).write_bytes(content)


DAMAGE = {
    "classes twice": config(classes=["happy", "happy"]),
    "no classes": config(classes=[]),
    "no pixels": config(input_size=0),
    "endless pixels": config(input_size=10**9),
    "two channels": config(channels=2),
    "a size beyond numbers": written("config.json", json.dumps(CONFIG).replace("16", "1e999").encode()),
    "a metric without its key": metrics({"evaluations": [{k: v for k, v in ROW.items() if k != "accuracy"}]}),
    "an impossible accuracy": metrics({"evaluations": [ROW | {"accuracy": 7}]}),
    "no temperature": metrics({"calibration": {"temperature": 0}}),
    "a temperature that is no number": written("metrics.json", b'{"calibration": {"temperature": NaN}}'),
    "deep metrics": written("metrics.json", b"[" * 100_000),
    "calibration of another kind": metrics({"calibration": [1]}),
    "an architecture of another kind": written("architecture.json", b'{"parameters": {}}'),
    "an architecture in another code": written("architecture.json", b"\xff\xfe{"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_it_is_listed_with_the_reason_and_the_others_run(house, models, damage):
    write_network(models / "other")
    damage(house)
    assert predictors.names()[0] == "house"
    assert predictors.info("house").name == "house"
    state = predictors.availability("house")
    assert not state.ready
    assert "export the network again" in state.reason
    with pytest.raises(PredictorError, match="house cannot run"):
        predictors.load("house")
    assert predictors.load("other").predict(random_crops(2)).shape == (2, 7)


@pytest.mark.parametrize("content", [b"", b"no network", b"\x08\x08" * 4000])
def test_a_wrong_network_without_a_checksum_is_told_when_it_is_loaded(house, models, content):
    write_network(models / "other")
    (house / "model.onnx").write_bytes(content)
    with pytest.raises(PredictorError, match="house"):
        predictors.load("house")
    assert predictors.load("other").name == "other"


@pytest.mark.usefixtures("house")
def test_strangers_read_no_path(house, monkeypatch):
    monkeypatch.setenv("FER_PUBLIC", "1")
    for damage in (written("model.onnx", b"no network"), written("config.json", b"{")):
        damage(house)
        with pytest.raises(PredictorError) as told:
            predictors.load("house")
        assert str(house.parent) not in str(told.value)


def test_a_card_in_another_code_is_shown_as_far_as_it_can_be_read(house):
    (house / "README.md").write_bytes(b"# House\n\xff\xfe")
    assert networks.card(house).startswith("# House")
    (house / "README.md").unlink()
    (house / "README.md").mkdir()
    assert networks.card(house) == ""


def test_a_link_to_nowhere_is_passed_over(house):
    before = networks.changed(house)
    (house / "link").symlink_to("nowhere")
    assert networks.changed(house) == before


def test_a_damaged_figure_hides_itself_alone(house):
    write_json(house, "metrics.json", {"evaluations": [ROW, ROW | {"accuracy": "high"}, 7, ROW | {"recall": [1]}]})
    assert [row.accuracy for row in measured.measured(local=False) if row.model == "house"] == [0.5]


@pytest.mark.parametrize(
    "content", ['{"layers": 3}', '{"layers": [[]], "parameters": 1}', '{"layers": [{"name": {}}]}']
)
def test_a_damaged_architecture_is_told_without_the_place(house, content):
    (house / "architecture.json").write_text(content, encoding="utf-8")
    with pytest.raises(FerError, match=r"models/house/architecture\.json") as told:
        architecture.read(house)
    assert str(house.parent) not in str(told.value)
