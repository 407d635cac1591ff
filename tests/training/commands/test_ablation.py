"""The table of the ablation is made from run folders, and says which differences are chance."""

import json

import pytest

from fer_core.recipes import schema
from training.commands import ablation

pytestmark = pytest.mark.tensorflow

HEADING = "epoch,accuracy,val_accuracy,val_loss,size,seconds,images_per_second"


def write(folder, *rows):
    folder.mkdir(parents=True)
    (folder / "history.csv").write_text("\n".join([HEADING, *rows]) + "\n", encoding="utf-8")


@pytest.fixture
def runs(tmp_path, monkeypatch):
    write(tmp_path / "base", "0,0.4,0.5,1.2,32,10,100", "1,0.5,0.6,1.0,32,10,100")
    write(tmp_path / "plain", "0,0.6,0.5,1.4,32,10,100", "1,0.7,0.55,1.3,32,10,100")
    write(tmp_path / "mixup", "0,0.7,0.55,1.3,32,10,100")  # not finished
    model = tmp_path / "house"
    write(model, "0,0.4,0.5,1.2,32,10,300", "1,0.5,0.6,1.0,48,30,100", "2,0.5,0.6,1.0,48,30,50")
    stages = {"recipe": {"training": {"stages": [{"size": 48}]}}, "epochs_before": 2}
    (model / "config.json").write_text(json.dumps(stages), encoding="utf-8")
    row = {"split": "private_test", "labels": "fer2013", "tta": "flip", "accuracy": 0.71, "ece": 0.02}
    (model / "metrics.json").write_text(json.dumps({"evaluations": [row, row | {"subset": "x"}]}), encoding="utf-8")
    monkeypatch.setattr(ablation, "MODEL", model)
    return tmp_path


def test_each_finished_run_is_a_row_with_its_difference(runs):
    page = ablation.page(runs)
    assert "| the recipe as it stands | 60.0 % | +0.0 | 1.000 | 50.0 % |" in page
    assert "| no augmentation | 55.0 % | -5.0 | 1.300 | 70.0 % |" in page
    assert "mixup" not in page
    assert "2 epochs" in page


def test_differences_are_from_the_mean_of_the_unchanged_runs(runs):
    write(runs / "seed", "0,0.4,0.5,1.2,32,10,100", "1,0.5,0.64,1.0,32,10,100")
    page = ablation.page(runs)
    assert "| the recipe as it stands | 60.0 % | -2.0 |" in page
    assert "| another seed | 64.0 % | +2.0 |" in page
    assert "| no augmentation | 55.0 % | -7.0 |" in page


def test_the_full_network_shows_its_rates_and_views(runs):
    page = ablation.page(runs)
    assert "| 32 px | 300 |" in page
    assert "| 48 px | 100 |" in page, "not the rate of the last run, which did not grow"
    assert page.count("| flip | 71.0 % | 2.0 % |") == 1


def test_pretraining_is_compared_once_both_runs_are_there(runs):
    assert "Pretraining" not in ablation.page(runs)
    write(runs / "pretrained", "0,0.4,0.5,1.2,64,10,100")
    write(runs / "scratch", "0,0.3,0.4,1.2,64,10,100")
    page = ablation.page(runs)
    assert "64 pixels, 1 epochs" in page
    assert "| from scratch | 40.0 % | -10.0 | 1.200 | 30.0 % |" in page


@pytest.mark.parametrize("change", ablation.PRETRAINING, ids=lambda change: change.name)
def test_pretraining_differs_by_its_weights_alone(change):
    changed = schema.load(change.recipe, change.flags)
    pretrained = schema.load(change.recipe, ablation.SHORT)
    assert changed.model_copy(update={"options": pretrained.options}) == pretrained
    assert (changed == pretrained) == (change.name == "pretrained")


@pytest.mark.parametrize("change", ablation.CHANGES, ids=lambda change: change.name)
def test_every_change_fits_the_recipe(change):
    base = schema.load(ablation.RECIPE)
    changed = schema.load(ablation.RECIPE, change.flags)
    assert (changed == base) == (change.name == "base")
