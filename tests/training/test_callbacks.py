"""What a training says of its pace, by a clock that the test turns; the moving average of weights."""

import keras
import numpy as np
import pytest

from training import callbacks

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(callbacks.time, "monotonic", lambda: now[0])
    return now


def batches(told, clock, seconds):
    for batch, took in enumerate(seconds):
        clock[0] += took
        told.on_train_batch_end(batch, {"loss": 1.25})


def test_the_rate_and_the_time_left_leave_out_the_batch_that_compiles(clock, capsys):
    told = callbacks.Progress([24, 48], every=0)
    told.begin(0, steps=11, batch=10)
    batches(told, clock, [60, 2, 2, 2, 2, 2])
    *_, last = capsys.readouterr().out.splitlines()
    assert "epoch 1/2 24 px 6/11  loss 1.250  5 images/s" in last
    assert told.left(6) == pytest.approx(5 * 2 + 11 * 2 * 4)
    assert last.endswith("2 min left")


def test_the_pace_of_finished_epochs_counts(clock):
    told = callbacks.Progress([24, 24, 24])
    told.begin(0, steps=5, batch=10)
    batches(told, clock, [30, 1, 1, 1, 1])
    assert told.finish() == pytest.approx(34)
    told.begin(1, steps=5, batch=10)
    batches(told, clock, [3, 3, 3])
    assert told.rate == pytest.approx(10 / 3)
    assert told.left(3) == pytest.approx((2 + 5) * (4 + 6) / (4 + 2))


def test_an_epoch_of_one_batch_has_a_rate(clock):
    told = callbacks.Progress([24, 24])
    told.begin(0, steps=1, batch=10)
    batches(told, clock, [5])
    assert told.rate == pytest.approx(2)
    told.finish()
    told.begin(1, steps=1, batch=10)
    assert told.left(0) == pytest.approx(5)


def averaged(values, momentum, power=10.0):
    """The average after one batch with each value as the network's only weights."""
    average = callbacks.WeightAverage(momentum, power)
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    average.set_model(network)
    for value in values:
        network.set_weights([np.full((1, 1), value, np.float32), np.full((1,), value, np.float32)])
        average.on_train_batch_end(0)
    average.on_epoch_end(0)
    return float(average.average[0][0, 0])


def test_without_momentum_the_weights_are_taken_as_they_are():
    assert averaged([1, 2, 4], 0.0) == 4


def test_early_weights_do_not_linger():
    assert averaged([100, *[1] * 60], 0.999) == pytest.approx(1, abs=1e-3)
    assert averaged([100, *[1] * 60], 0.999, power=1) > 2


def test_a_power_of_one_averages_all_weights_and_the_first_twice():
    assert averaged([3, 6, 9, 12], 0.9999, power=1) == pytest.approx((2 * 3 + 6 + 9 + 12) / 5, rel=1e-5)


def test_the_momentum_bounds_how_far_the_average_looks_back():
    far, near = (averaged([*[0] * 200, *[1] * 5], momentum, power=1) for momentum in (0.9999, 0.9))
    assert far < 0.05
    assert near == pytest.approx(1 - 0.9 ** (callbacks.EVERY * 5), rel=1e-3)
