"""From a run folder to a model that the registry serves, with the figures of its card measured on the served file."""

import json
import os
import shutil

import keras
import numpy as np
import pytest

from fer_core import predictors
from fer_core.cli.main import main
from fer_core.datasets import open_dataset
from fer_core.errors import RunError
from fer_core.evaluation import scored_images, scoring
from fer_core.labels import SEVEN
from fer_core.predictors import checksums
from fer_core.predictors.calibration import apply_temperature
from training import checkpoints, serving
from training.architectures import house
from training.commands import calibrate, export, soup
from training.releasing import int8

pytestmark = pytest.mark.tensorflow


def own_settings():
    return {name: value for name, value in os.environ.items() if name.startswith("FER_")}


@pytest.fixture(scope="module", autouse=True)
def heavy_files_in_8_bits_too():
    """A network as small as the one here is no lighter in 8 bits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(int8, "LIGHT", 10.0)
        yield


@pytest.fixture(scope="module")
def released(trained, tmp_path_factory):
    models = tmp_path_factory.mktemp("release") / "models"
    before = own_settings()
    assert main(["release", str(trained), "--models", str(models), "--crowd-share", "0.5"]) == 0
    assert own_settings() == before
    return models / "tiny"


@pytest.fixture
def served(released, monkeypatch):
    monkeypatch.setenv("FER_MODELS", str(released.parent))


def test_the_folder_has_the_files_of_the_contract(released):
    assert {path.name for path in released.iterdir()} == {
        "README.md",
        "SHA256SUMS",
        "architecture.json",
        "config.json",
        "history.csv",
        "metrics.json",
        "model.keras",
        "model.onnx",
        "model_int8.onnx",
    }


@pytest.mark.usefixtures("served")
def test_both_runtimes_serve_the_same_answers():
    crops = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 1), np.uint8)
    onnx, keras = (predictors.load(name).predict(crops) for name in ("tiny", "tiny:keras"))
    assert np.abs(onnx - keras).max() < 1e-4


@pytest.mark.usefixtures("served")
def test_the_answer_is_the_mean_of_both_heads_over_seven_classes():
    predictor = predictors.load("tiny")
    crops = np.random.default_rng(1).integers(0, 256, (4, 32, 32, 1), np.uint8)
    crowd = predictor.crowd(crops)[:, :7]
    first = 2 * predictor.predict(crops) - crowd / crowd.sum(1, keepdims=True)
    assert np.allclose(first.sum(1), 1, atol=1e-4)
    assert first.min() > -1e-4
    assert np.allclose(calibrate.blend(first, predictor.crowd(crops), 0.5), predictor.predict(crops), atol=1e-4)


@pytest.mark.usefixtures("served")
def test_the_figures_of_the_folder_are_those_of_an_evaluation_of_its_file(released, recipe):
    measured = json.loads((released / "metrics.json").read_text(encoding="utf-8"))
    written = next(row for row in measured["evaluations"] if row["split"] == "private_test")
    given = scored_images.examples(open_dataset(recipe.data.path), "private_test")
    again = scoring.answer(predictors.load("tiny"), given, data="fer2013", split="private_test").evaluation.to_json()
    assert again == written | {"model": "tiny", "data": "fer2013"}


def test_a_network_measured_again_has_its_figures_again_and_keeps_its_weights(released, tmp_path):
    folder = tmp_path / "models" / "tiny"
    shutil.copytree(released, folder)
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    wrong = metrics | {"calibration": metrics["calibration"] | {"threshold": 0.999}, "evaluations": []}
    (folder / "metrics.json").write_text(json.dumps(wrong), encoding="utf-8")
    assert main(["release", str(folder), "--again"]) == 0
    for path in released.iterdir():
        assert (folder / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_damaged_file_of_figures_is_a_sentence_when_measured_again(released, tmp_path, capsys):
    folder = tmp_path / released.name
    shutil.copytree(released, folder)
    (folder / "metrics.json").write_text('{"evaluations": ', encoding="utf-8")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(["release", str(folder), "--again"]) == 2
    assert "metrics.json is damaged. Put it back from a copy." in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_only_a_released_network_is_measured_again(trained, capsys):
    assert main(["release", str(trained), "--again"]) == 2
    assert "is no released network: expected model.onnx and metrics.json in it" in capsys.readouterr().err


def test_the_8_bit_file_is_vouched_for_and_what_it_costs_is_told(released):
    noted = (released / "SHA256SUMS").read_text(encoding="utf-8")
    assert [line.split()[1] for line in noted.splitlines()] == ["model.keras", "model.onnx", "model_int8.onnx"]
    assert checksums.fits(released / "model_int8.onnx")
    costs = json.loads((released / "metrics.json").read_text(encoding="utf-8"))["int8"]
    assert [(row["split"], row["n"]) for row in costs] == [("public_test", 24), ("private_test", 24)]
    assert all(row["accuracy"] - row["accuracy_int8"] <= int8.MOST_LOST for row in costs[:1])
    card = (released / "README.md").read_text(encoding="utf-8")
    assert "In 8 bits, for the frames of a film in a browser" in card
    assert "model_int8.onnx 0.0 MB" in card


def test_a_network_that_loses_too_much_gets_no_8_bit_file(released, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "models" / "tiny"
    shutil.copytree(released, folder)
    monkeypatch.setattr(int8, "MOST_LOST", -0.01)
    assert main(["release", str(folder), "--again"]) == 0
    assert "No 8-bit file: +0.0 points lost" in capsys.readouterr().out
    assert not (folder / "model_int8.onnx").exists()
    assert "int8" not in json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert "8 bits" not in (folder / "README.md").read_text(encoding="utf-8")
    assert "int8" not in (folder / "SHA256SUMS").read_text(encoding="utf-8")


def test_a_file_that_would_not_be_lighter_is_not_made(released, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "models" / "tiny"
    shutil.copytree(released, folder)
    monkeypatch.setattr(int8, "LIGHT", 0.1)
    assert main(["release", str(folder), "--again"]) == 0
    assert "it would not be lighter" in capsys.readouterr().out
    assert not (folder / "model_int8.onnx").exists()


def test_copies_in_training_are_told_apart(released):
    rows = json.loads((released / "metrics.json").read_text(encoding="utf-8"))["evaluations"]
    private = [row for row in rows if row["split"] == "private_test" and row["labels"] == "fer2013"]
    assert [(row["n"], row["tta"]) for row in private] == [
        (count, tta) for tta in (None, "flip", "flip_crops") for count in (24, 23)
    ]
    crowd = [row for row in rows if row["labels"] == "ferplus"]
    assert [(row["n"], row["head"]) for row in crowd] == [(24, "crowd"), (23, "crowd")] * 3
    assert all(row["intervals"]["ece"][0] <= row["intervals"]["ece"][1] for row in rows)


def test_the_card_quotes_the_measured_figures(released):
    card = (released / "README.md").read_text(encoding="utf-8")
    rows = json.loads((released / "metrics.json").read_text(encoding="utf-8"))["evaluations"]
    assert f"{100 * rows[1]['accuracy']:.1f} %" in card
    assert "1 exact copies of test images" in card
    assert "not what the person feels" in card


def test_the_layers_add_up_to_the_whole(released):
    network = json.loads((released / "architecture.json").read_text(encoding="utf-8"))
    assert sum(layer["parameters"] for layer in network["layers"]) == network["parameters"]
    stem = next(layer for layer in network["layers"] if layer["name"] == "stem_conv")
    assert stem["multiply_adds"] == 32 * 32 * 3 * 3 * 1 * 4


def test_calibration_is_fitted_so_that_answers_are_right_often_enough():
    generator = np.random.default_rng(5)
    targets = generator.integers(0, 3, 3000)
    logits = generator.normal(0, 1, (3000, 3)) + 1.5 * np.eye(3)[targets]
    sharp = np.exp(3 * logits) / np.exp(3 * logits).sum(1, keepdims=True)
    fitted = calibrate.calibration(sharp, targets, "public_test")
    calibrated = apply_temperature(sharp, fitted["temperature"])
    answered = calibrated.max(1) >= fitted["threshold"]
    assert fitted["temperature"] > 1.5
    assert fitted["ece_after"] < fitted["ece_before"] / 3
    assert (calibrated.argmax(1) == targets)[answered].mean() >= 0.8
    assert answered.mean() == pytest.approx(fitted["coverage"])


@pytest.fixture(scope="module")
def continued(recipe_file, tmp_path_factory):
    """A network of two classes, from three epochs that follow one."""
    folder = tmp_path_factory.mktemp("continued")
    flags = ["--data.targets", '["labels"]', "--data.classes", '["happy", "sad"]']
    flags += ["--options", "{widths = [4], depths = [1]}"]
    first = [
        *flags,
        "--name",
        "first",
        "--training.stages",
        "[{size = 32, epochs = 1}]",
        "--run",
        str(folder / "first"),
    ]
    second = [*flags, "--training.stages", "[{size = 32, epochs = 3}]", "--training.start_from", str(folder / "first")]
    assert main(["train", str(recipe_file), *first]) == 0
    assert main(["train", str(recipe_file), *second, "--run", str(folder / "run")]) == 0
    assert main(["release", str(folder / "run"), "--models", str(folder / "models")]) == 0
    return folder / "models" / "tiny"


def test_a_network_of_some_classes_is_scored_on_all_of_them(continued):
    assert json.loads((continued / "config.json").read_text(encoding="utf-8"))["classes"] == ["happy", "sad"]
    rows = json.loads((continued / "metrics.json").read_text(encoding="utf-8"))["evaluations"]
    assert set(rows[0]["recall"]) == set(SEVEN)
    assert rows[0]["n"] == 24


def test_the_history_begins_where_the_first_run_began(continued):
    lines = (continued / "history.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in lines] == ["epoch", "0", "1", "2", "3"]
    assert "the first 1 by what it began with, first" in (continued / "README.md").read_text(encoding="utf-8")


def test_a_released_network_is_begun_with_like_the_run_it_came_from(released, trained):
    images = np.random.default_rng(3).integers(0, 256, (4, 32, 32, 1), np.uint8)
    answers, expected = (serving.heads_model(folder).predict(images, verbose=0) for folder in (released, trained))
    for head in ("fer2013", "ferplus"):
        assert answers[head] == pytest.approx(expected[head], abs=1e-5)


def test_a_release_that_goes_on_from_a_released_network_has_the_whole_history(released, recipe_file, tmp_path):
    run, models = tmp_path / "run", tmp_path / "models"
    flags = ["--training.stages", "[{size = 32, epochs = 1}]", "--training.start_from", str(released)]
    assert main(["train", str(recipe_file), *flags, "--run", str(run)]) == 0
    assert main(["release", str(run), "--models", str(models)]) == 0
    assert len((models / "tiny" / "history.csv").read_text(encoding="utf-8").splitlines()) == 1 + 4 + 1
    assert json.loads((models / "tiny" / "config.json").read_text(encoding="utf-8"))["began_with"] == ["tiny"]


def test_a_mean_takes_released_networks(released, trained, tmp_path):
    soup.make([released, trained], tmp_path / "mixed", [1, 1])
    for mean, one in zip(checkpoints.best_weights(tmp_path / "mixed"), checkpoints.best_weights(trained), strict=True):
        assert mean == pytest.approx(one, abs=1e-6)


def test_another_network_does_not_begin_with_a_released_one(released):
    network = house.build({"fer2013": 7}, input_size=32, widths=(4, 8), depths=(1, 1))
    with pytest.raises(RunError, match="architecture, options, classes and image channels must be the same"):
        checkpoints.begin_with(keras.Model(network.input, network.output["fer2013"]), released)


def test_another_network_does_not_begin_with_a_run(trained):
    network = house.build({"fer2013": 7}, input_size=32, widths=(4, 8), depths=(1, 1))
    with pytest.raises(RunError, match=r"best\.npz has .* architecture, options, classes and image channels"):
        checkpoints.begin_with(keras.Model(network.input, network.output["fer2013"]), trained)


def test_nothing_begins_with_a_network_that_is_onnx_alone(released, tmp_path):
    shutil.copy(released / "model.onnx", tmp_path)
    with pytest.raises(RunError, match=r"released network without model\.keras.*run folder it came from"):
        checkpoints.begin_with(keras.Sequential(), tmp_path)


def test_a_heavy_network_is_half_precision_and_answers_alike(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "HEAVIEST", 10_000)
    network = house.build({"fer2013": 7}, input_size=24, widths=(32, 64), depths=(1, 1))
    model = keras.Model(
        network.input, {"probabilities": network.output["fer2013"], "features": network.output["features"]}
    )
    export.export(model, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"SHA256SUMS", "architecture.json", "model.onnx"}
    whole = sum(weights.size for weights in model.get_weights()) * 4
    assert (tmp_path / "model.onnx").stat().st_size < 0.7 * whole
    assert 0 < export.compare(model, tmp_path / "model.onnx") < 1e-2
