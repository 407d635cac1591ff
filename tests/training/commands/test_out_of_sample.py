"""Every training image is judged by a network that saw neither it nor a copy of it."""

import numpy as np
import pytest

from fer_core.auditing import suspects
from fer_core.auditing.findings import audit
from fer_core.cli.main import main
from fer_core.datasets import open_dataset
from fer_core.recipes.schema import read_exclusions
from training.commands import out_of_sample

pytestmark = pytest.mark.tensorflow


def test_copies_share_a_half_and_classes_are_even(recipe, monkeypatch, tmp_path):
    monkeypatch.setenv("FER_CACHE", str(tmp_path))
    found = audit(open_dataset(recipe.data.path))
    rows = found.dataset.rows("train")
    half = out_of_sample.halves(found, rows, seed=3)
    assert not half[found.dataset.rows("public_test")].any()
    assert set(half[rows].tolist()) == {1, 2}
    for label in np.unique(found.dataset.labels[rows]):
        counts = np.bincount(half[rows][found.dataset.labels[rows] == label], minlength=3)[1:]
        assert abs(counts[0] - counts[1]) <= 2
    for group in found.exact:
        assert len(set(half[group].tolist()) - {0}) <= 1


def test_the_command_judges_each_half_by_the_other(recipe_file, monkeypatch, tmp_path):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    short = ["--training.stages", "[{size = 24, epochs = 2}]"]
    folder = tmp_path / "made"
    assert main(["out-of-sample", str(recipe_file), "--out", str(folder), *short]) == 0
    left_out = [set(read_exclusions(folder / f"half_{number}.csv")) for number in out_of_sample.HALVES]
    dataset = open_dataset(recipe_file.parent / "data")
    assert left_out[0] | left_out[1] == set(dataset.rows("train").tolist())
    assert not left_out[0] & left_out[1]
    probabilities = suspects.read(folder / "probabilities.csv", dataset)
    assert not np.isnan(probabilities).any()
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-3)
    found = suspects.find(dataset.labels, probabilities, dataset.classes)
    assert len(found) < len(dataset) / 4
