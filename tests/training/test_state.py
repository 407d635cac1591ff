"""The moving average of weights that is selected and served."""

import keras
import numpy as np
import pytest

from training import state

pytestmark = pytest.mark.tensorflow


def averaged(values, momentum, power=10.0):
    """The average after one batch with each value as the network's only weights."""
    average = state.WeightAverage(momentum, power)
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
    assert near == pytest.approx(1 - 0.9 ** (state.EVERY * 5), rel=1e-3)
