import numpy as np
import pytest

from fer_core.runs import curves
from fer_core.runs.histories import History

NAN = float("nan")


def history(**columns):
    epochs = columns.pop("epochs", None)
    count = len(next(iter(columns.values())))
    return History(
        np.array(range(count) if epochs is None else epochs, float),
        {name: np.array(values, float) for name, values in columns.items()},
    )


def test_a_gap_is_where_the_log_has_one():
    pieces = list(curves.pieces(np.array([0.0, 1, 2, 3, 40, 41])))
    assert pieces == [slice(0, 4), slice(4, 6)]


@pytest.mark.parametrize("epochs", [[], [7], [0, 5, 10, 15], [0, 1, 2]])
def test_even_steps_have_no_gap(epochs):
    assert list(curves.pieces(np.array(epochs, float))) == [slice(0, len(epochs))]


def test_an_epoch_without_a_value_is_a_gap_of_its_line_only():
    log = history(loss=[4, 3, 2, 1], val_loss=[4, NAN, 3, 2])
    assert [list(curves.pieces(curves.line(log, name)[0])) for name in ("loss", "val_loss")] == [
        [slice(0, 4)],
        [slice(0, 1), slice(1, 3)],
    ]


def test_smoothing_is_the_unbiased_moving_average():
    smooth = curves.smoothed(np.arange(3.0), np.array([1.0, 2.0, 4.0]), 0.5)
    assert smooth == pytest.approx([1, (0.5 * 1 + 2) / 1.5, (0.25 * 1 + 0.5 * 2 + 4) / 1.75])


def test_smoothing_begins_anew_behind_a_gap():
    smooth = curves.smoothed(np.array([0.0, 1, 2, 30, 31]), np.array([1.0, 1, 1, 9, 9]), 0.9)
    assert smooth == pytest.approx([1, 1, 1, 9, 9])


def test_without_weight_nothing_is_smoothed():
    values = np.array([3.0, 1.0, 2.0])
    assert curves.smoothed(np.arange(3.0), values, 0).tolist() == values.tolist()


def test_the_best_epoch_is_highest_accuracy_or_lowest_loss():
    log = history(val_accuracy=[0.1, 0.5, 0.5, NAN], val_loss=[3, 2, 1, 1.5])
    assert curves.best(log, "val_accuracy") == (1, 0.5)
    assert curves.best(log, "val_loss") == (2, 1)


def test_what_is_not_logged_is_not_monitored():
    assert curves.monitor(history(accuracy=[0.1], loss=[2]), "val_loss") == "accuracy"
    assert curves.monitor(history(val_loss=[2], loss=[2]), "val_loss") == "val_loss"


def keras_stops_at(values, patience):
    """EarlyStopping as Keras' documentation states it: no improvement for `patience` epochs."""
    best, since = min(values[:1]), 0
    for epoch, value in enumerate(values[1:], start=1):
        best, since = (value, 0) if value < best else (best, since + 1)
        if since >= patience:
            return epoch
    return None


@pytest.mark.parametrize("patience", [1, 2, 3, 5, 40])
@pytest.mark.parametrize("seed", range(5))
def test_early_stopping_is_where_keras_would_stop(seed, patience):
    values = np.random.default_rng(seed).random(30).tolist()
    found = curves.early_stop(history(val_loss=values), "val_loss", patience)
    assert (None if found is None else found.epoch) == keras_stops_at(values, patience)


def test_early_stopping_judges_only_what_was_logged_from_the_start():
    falling = [0.9, 0.8, 0.7, 0.6]
    assert curves.early_stop(history(val_accuracy=falling), "val_accuracy", 2).epoch == 2
    assert curves.early_stop(history(epochs=range(44, 48), val_accuracy=falling), "val_accuracy", 2) is None
    gapped = history(epochs=[0, 1, 30, 31], val_accuracy=falling)
    assert curves.early_stop(gapped, "val_accuracy", 2) is None
    assert curves.early_stop(history(val_accuracy=falling), "val_accuracy", 0) is None


def test_the_gap_grows_when_training_runs_ahead():
    log = history(accuracy=[0.3, 0.9], val_accuracy=[0.4, 0.6], loss=[2, 0.1], val_loss=[1.5, 1.1])
    assert curves.gap(log, "accuracy")[1] == pytest.approx([-0.1, 0.3])
    assert curves.gap(log, "loss")[1] == pytest.approx([-0.5, 1.0])
    assert not curves.gap(history(accuracy=[0.3]), "accuracy")[0].size
