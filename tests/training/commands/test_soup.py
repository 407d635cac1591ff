"""The mean of runs is a run: its weights, its folder, its card; networks that do not fit are refused."""

import json

import numpy as np
import pytest

from fer_core.cli.main import main
from training import checkpoints, serving
from training.commands import soup
from training.releasing import card

pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def runs(recipe_file, light, tmp_path_factory):
    folder = tmp_path_factory.mktemp("soups")
    first, second = folder / "first", folder / "second"
    assert main(["train", str(recipe_file), "--run", str(first), *light]) == 0
    begun = ["--training.start_from", json.dumps(str(first))]
    assert main(["train", str(recipe_file), "--run", str(second), *light, *begun]) == 0
    return first, second


def test_the_mean_is_served_like_any_run(runs, tmp_path, capsys):
    mixed = tmp_path / "mixed"
    assert main(["soup", *map(str, runs), "--run", str(mixed), "--shares", "1", "3"]) == 0
    parts = [checkpoints.best_weights(run) for run in (*runs, mixed)]
    for first, second, mean in zip(*parts, strict=True):
        assert mean == pytest.approx(first * 0.25 + second * 0.75, abs=1e-6)
    assert not all(np.array_equal(first, second) for first, second, _ in zip(*parts, strict=True))
    images = np.zeros((1, 24, 24, 1), np.uint8)
    assert np.isfinite(serving.serving_model(mixed).predict(images, verbose=0)["probabilities"]).all()
    printed = [line for line in capsys.readouterr().out.splitlines() if "val_accuracy" in line]
    assert [line.split()[0] for line in printed] == [str(run) for run in (*runs, mixed)]


def test_the_card_names_the_runs_and_the_command(runs, tmp_path):
    soup.make(runs, tmp_path / "mixed", [1, 1])
    config = json.loads((tmp_path / "mixed" / "config.json").read_text(encoding="utf-8"))
    assert config["recipe"]["training"]["start_from"] == str(runs[0])
    assert "(50.0 % first and 50.0 % second; arXiv 2203.05482)" in card.soup(config)
    again = card.again(config | {"name": "tiny", "crowd_share": 0, "began_with": ["first"]})
    assert "`fer soup runs/first runs/second --run runs/tiny_soup --shares 0.5 0.5`" in again
    assert "`fer release runs/tiny_soup --name tiny`" in again


def test_what_does_not_fit_is_a_sentence(runs, trained, tmp_path, capsys):
    mixed = ["--run", str(tmp_path / "mixed")]
    assert main(["soup", str(trained), str(runs[1]), *mixed]) == 2
    assert "has another network, other heads or another image size" in capsys.readouterr().err
    assert main(["soup", *map(str, runs), *mixed, "--shares", "1"]) == 2
    assert "2 runs need as many shares" in capsys.readouterr().err
    assert main(["soup", *map(str, runs), "--run", str(runs[0])]) == 2
    assert "is a run already" in capsys.readouterr().err
