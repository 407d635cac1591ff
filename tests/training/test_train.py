"""A real training, small: it learns, writes what pages read, stops, and goes on where it stopped."""

import csv
import json

import keras
import numpy as np
import pytest

from fer_core.errors import RecipeError, RunError
from training import architectures, data, serving, train
from training.architectures import house

pytestmark = pytest.mark.tensorflow


def history(run):
    with (run / "history.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def finished(recipe_file, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "whole"
    assert train.main([str(recipe_file), "--run", str(run)]) == 0
    return run


def test_it_writes_a_row_an_epoch_in_the_columns_that_pages_read(finished):
    rows = history(finished)
    assert [row["epoch"] for row in rows] == ["0", "1", "2", "3"]
    assert [row["size"] for row in rows] == ["24", "24", "32", "32"]
    assert {"accuracy", "loss", "val_accuracy", "val_loss", "learning_rate", "seconds", "images_per_second"} <= set(
        rows[0]
    )


def test_it_learns_bright_from_dark(finished):
    assert float(history(finished)[-1]["val_accuracy"]) > 0.9


def test_the_resolved_recipe_is_saved_with_the_run(finished):
    config = json.loads((finished / "config.json").read_text(encoding="utf-8"))
    assert config["recipe"]["training"]["batch"] == 16
    assert config["recipe"]["regularization"]["class_weights"] is False
    assert config["left_out"] == {"exact copies of test images": 1}


def test_a_stopped_training_ends_where_an_unbroken_one_does(finished, recipe, tmp_path, monkeypatch):
    splits = data.load(recipe.data)
    keras.utils.set_random_seed(recipe.training.seed)
    trainer = train.Trainer(recipe, tmp_path, splits)
    fit = trainer.fit_epoch

    def stop_in_the_second_epoch():
        trainer.interrupt.asked = trainer.epoch == 1
        return fit()

    monkeypatch.setattr(trainer, "fit_epoch", stop_in_the_second_epoch)
    trainer.run_epochs()
    assert len(history(tmp_path)) == 1
    train.Trainer(recipe, tmp_path, splits).run_epochs()
    assert len(history(tmp_path)) == 4
    whole, parts = (float(history(run)[-1]["val_loss"]) for run in (finished, tmp_path))
    assert parts == pytest.approx(whole, abs=0.02)


def test_a_run_folder_belongs_to_one_recipe(finished, recipe_file, capsys):
    assert train.main([str(recipe_file), "--run", str(finished), "--training.seed", "2"]) == 2
    assert "begun with another recipe (differs in training)" in capsys.readouterr().err


def test_a_mistake_is_a_sentence_and_exit_code_2(recipe_file, capsys):
    assert train.main([str(recipe_file), "--data.path", "/nowhere"]) == 2
    assert "FER2013 was not found at" in capsys.readouterr().err


def test_the_house_network_has_its_heads_for_any_size():
    model = house.build({"fer2013": 7, "ferplus": 8}, input_size=None, widths=(4, 8), depths=(1, 1))
    for size in (16, 40):
        outputs = model.predict_on_batch(np.zeros((2, size, size, 1), np.uint8))
        assert {name: output.shape for name, output in outputs.items()} == {
            "fer2013": (2, 7),
            "ferplus": (2, 8),
            "features": (2, 8),
        }
        assert np.allclose(outputs["fer2013"].sum(1), 1, atol=1e-5)


def test_the_house_network_is_as_small_as_promised():
    assert house.build({"fer2013": 7, "ferplus": 8}).count_params() < 5_000_000


@pytest.mark.parametrize("arguments", [{"widths": (4, 8), "depths": (1,)}, {"classes": {}}], ids=["lengths", "no head"])
def test_a_network_that_cannot_be_is_refused_before_it_is_built(arguments):
    with pytest.raises(ValueError, match=r"stages|head"):
        house.build(**{"classes": {"fer2013": 7}} | arguments)


def test_an_unknown_architecture_names_the_known_ones():
    with pytest.raises(RecipeError, match="house"):
        architectures.get("hose")


def test_a_folder_that_is_no_run_says_so(tmp_path):
    with pytest.raises(RunError, match="no run folder"):
        serving.serving_model(tmp_path)
