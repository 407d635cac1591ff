"""When the rate is cut, when a training stops, and which epochs share an optimizer."""

import keras
import pytest

from fer_core.recipes.schema import Optimizer, Training
from training import schedule

pytestmark = pytest.mark.tensorflow

LOSSES = [1.0, 0.9, 0.91, 0.92, 0.93, 0.89995, 0.95, 0.8, 0.85, 0.86, 0.87]


def keras_cuts(losses, patience):
    """How often Keras' own callback cuts the rate."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(1.0), loss="mse")
    callback = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=patience)
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
    rate, made = float(model.optimizer.learning_rate), 0
    while rate < 0.99:
        rate, made = rate * 2, made + 1
    return made


@pytest.mark.parametrize("patience", [1, 2, 3, 5])
def test_a_plateau_cuts_as_often_as_keras_does(patience):
    assert schedule.cuts(LOSSES, patience) == keras_cuts(LOSSES, patience)


def test_it_stops_when_the_lowest_loss_lies_too_far_back():
    assert not schedule.stalled(LOSSES, 4)
    assert schedule.stalled(LOSSES, 3)
    assert not schedule.stalled(LOSSES, 0)
    assert not schedule.stalled([], 2)


def test_stages_that_release_layers_are_phases_of_their_own():
    stages = [
        {"size": 32, "epochs": 1, "released": 0, "share": 0.2},
        {"size": 32, "epochs": 2, "released": 0},
        {"size": 48, "epochs": 3, "released": 4, "learning_rate": 1e-5},
    ]
    training = Training.model_validate({"stages": stages})
    frozen, released = schedule.phases(training)
    assert (frozen.first, frozen.end, released.first, released.end) == (0, 3, 3, 6)
    assert [stage.share for stage in frozen.stages] == [0.2, 1.0, 1.0]
    assert schedule.phase_at(training, 2) == frozen
    assert schedule.phase_at(training, 6) == released


def test_a_cycle_rises_and_falls_to_nothing():
    rate = schedule.learning_rate(Optimizer(schedule="one_cycle", warm_up=0.25), 1.0, 100)
    values = [float(rate(step)) for step in (0, 25, 60, 100)]
    assert values == pytest.approx([0.04, 1.0, 0.55, 0.001], abs=0.01)
    assert schedule.learning_rate(Optimizer(schedule="plateau"), 0.3, 100) == 0.3
