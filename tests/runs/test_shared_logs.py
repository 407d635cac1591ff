"""The log files of ../shared/cases, each with the value that its README states."""

import numpy as np
import pytest
from paths import SHARED

from fer_core.runs import folders, logs

LOGS = SHARED / "cases" / "logs"
VAL_ACCURACY = [0.33, 0.43, 0.47, 0.5, 0.51]

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not LOGS.is_dir(), reason=f"needs {LOGS}")]


@pytest.mark.parametrize(
    "name", ["excel_de.csv", "header_again.csv", "lightning_lr_metrics.csv", "fastai_history.csv", "lightning_events"]
)
def test_five_epochs_with_the_validations_accuracy(name):
    path = LOGS / name
    history = folders.read(folders.at(path)) if path.is_dir() else logs.read(path)
    assert history.epochs.tolist() == [0, 1, 2, 3, 4]
    assert history.columns["val_accuracy"].tolist() == pytest.approx(VAL_ACCURACY)
    assert history.columns["loss"].tolist() == pytest.approx([1.8, 1.5, 1.3, 1.1, 1.0])
    assert history.columns["val_loss"].tolist() == pytest.approx([1.7, 1.5, 1.4, 1.35, 1.34])
    if name != "fastai_history.csv":
        assert history.columns["accuracy"].tolist() == pytest.approx([0.3, 0.42, 0.5, 0.58, 0.62])


def test_one_run_of_weights_and_biases_without_least_and_largest():
    (history,) = logs.read_all(LOGS / "wandb_export.csv")
    assert history.title == "resnet18-fer"
    assert {name: values.tolist() for name, values in history.columns.items()} == {"val_accuracy": VAL_ACCURACY}


def test_validation_every_second_epoch():
    history = logs.read(LOGS / "history_valfreq.json")
    there = np.isfinite(history.columns["val_accuracy"])
    assert (history.epochs[there] + 1).tolist() == [2, 4, 6]
    assert "validation_freq=2" in history.notes[0]
