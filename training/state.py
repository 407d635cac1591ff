"""What a training needs to go on after a kill, in one file that is replaced as a whole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.errors import RunError

Weights = list[NDArray[np.float32]]
EVERY = 4
OTHER_NETWORK = (
    "{start} has {given} weights, other ones than the {own} of the network that should begin with them: architecture, "
    "options, classes and image channels must be the same."
)


class WeightAverage(keras.callbacks.Callback):
    """Exponential moving average of all weights, batch norm's statistics included (Polyak averaging).

    Updated every `EVERY` batches, which costs little and averages as well; a momentum of 0 takes the weights as they
    are. Keras' own (`use_ema`) leaves out the statistics and writes the average into the network at the end of each
    call of fit, of which the trainer makes one an epoch.

    Until the momentum is reached the newest weights count power / (updates + power): polynomial-decay averaging
    (arXiv 1212.1824), so that early weights do not linger. With a low power and a constant rate it is stochastic weight
    averaging (arXiv 1803.05407).
    """

    def __init__(self, momentum: float, power: float) -> None:
        super().__init__()
        self.momentum, self.power, self.updates = momentum, power, 0
        self.average: Weights = []

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        if not self.momentum or (self.average and batch % EVERY):
            return
        current = self.model.get_weights()
        self.updates += 1
        if not self.average:
            self.average = current
            return
        momentum = min(self.momentum**EVERY, self.updates / (self.updates + self.power))
        for average, weight in zip(self.average, current, strict=True):
            average += (1 - momentum) * (weight - average)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        if not self.momentum:
            self.average = self.model.get_weights()


def save(path: Path, model: keras.Model, average: WeightAverage, epoch: int, best: float) -> None:
    """Write weights, optimizer, average, number of finished epochs and best score; the old file stands until then."""
    arrays: dict[str, ArrayLike] = {"epoch": epoch, "best": best, "updates": average.updates}
    for group, values in _groups(model, average).items():
        arrays |= {f"{group}/{row}": value for row, value in enumerate(values)}
    write_arrays(path, arrays)


def write_arrays(path: Path, arrays: Mapping[str, ArrayLike]) -> None:
    """Write arrays by name into one .npz file, which is replaced as a whole: a kill leaves the old one."""
    part = path.with_suffix(".part.npz")
    np.savez(part, allow_pickle=False, **arrays)
    part.replace(path)


def save_weights(path: Path, weights: Weights) -> None:
    """Weights in the order of Model.get_weights; `best_weights` reads them."""
    write_arrays(path, {f"weights/{row}": value for row, value in enumerate(weights)})


def restore(path: Path, model: keras.Model, average: WeightAverage) -> tuple[int, float]:
    """Put a saved state back; gives the number of finished epochs and the best score."""
    with np.load(path, allow_pickle=False) as stored:
        groups = {
            group: [stored[f"{group}/{row}"] for row in range(len(stored.files)) if f"{group}/{row}" in stored.files]
            for group in ("weights", "average", "optimizer")
        }
        epoch, best, average.updates = int(stored["epoch"]), float(stored["best"]), int(stored["updates"])
    model.set_weights(groups["weights"])
    average.average = groups["average"]
    model.optimizer.build(model.trainable_variables)
    for variable, value in zip(model.optimizer.variables, groups["optimizer"], strict=True):
        variable.assign(value)
    return epoch, best


def epochs(path: Path) -> int:
    """Number of finished epochs in a saved state."""
    with np.load(path, allow_pickle=False) as stored:
        return int(stored["epoch"])


def begin_with(model: keras.Model, run: Path) -> None:
    """Give a network the weights of a run's best epoch, or those of a released folder as in `models/NAME`.

    Raises:
        RunError: the run has none yet, or its weights are those of another network.
    """
    released = run / "model.keras"
    if (run / "best.npz").is_file() or not released.is_file():
        _set_weights(model, run)
        return
    served = {weight.path: weight for weight in keras.saving.load_model(released, compile=False).weights}
    own = {weight.path: weight.shape for weight in model.weights}
    if own != {path: weight.shape for path, weight in served.items()}:
        raise RunError(OTHER_NETWORK.format(start=released, given=len(served), own=len(own)))
    for weight in model.weights:
        weight.assign(served[weight.path])


def _set_weights(model: keras.Model, run: Path) -> None:
    given, own = best_weights(run), model.get_weights()
    if [weight.shape for weight in given] != [weight.shape for weight in own]:
        raise RunError(OTHER_NETWORK.format(start=run / "best.npz", given=len(given), own=len(own)))
    model.set_weights(given)


def best_weights(run: Path) -> Weights:
    """Weights of a run's best epoch, in the order of Model.get_weights.

    Raises:
        RunError: the run has none yet, or it is a released network that is too large to keep what training needs.
    """
    path = run / "best.npz"
    if not path.is_file():
        if (run / "model.onnx").is_file():
            raise RunError(
                f"{run} is a released network without model.keras: above 25 MB a half-precision ONNX file alone is "
                "kept, and no training begins with that. Name the run folder it came from, or train its recipe anew."
            )
        raise RunError(f"{run} has no best.npz yet: no epoch at the final image size has finished.")
    with np.load(path, allow_pickle=False) as stored:
        count = sum(name.startswith("weights/") for name in stored.files)
        return [stored[f"weights/{row}"] for row in range(count)]


def _groups(model: keras.Model, average: WeightAverage) -> dict[str, list[NDArray[Any]]]:
    return {
        "weights": model.get_weights(),
        "average": average.average,
        "optimizer": [np.asarray(variable) for variable in model.optimizer.variables],
    }
