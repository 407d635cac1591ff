"""Weights on the disk: what a training needs to go on after a kill, and the best weights that are served.

Each file is replaced as a whole, so that a kill leaves the old one.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.errors import RunError
from training import sharpness
from training.callbacks import WeightAverage, Weights

OTHER_NETWORK = (
    "{start} has {given} weights, other ones than the {own} of the network that should begin with them: architecture, "
    "options, classes and image channels must be the same."
)


def save(path: Path, model: keras.Model, average: WeightAverage, epoch: int, best: float, *, history: str = "") -> None:
    """Write weights, optimizer, average, number of finished epochs, best score and the history up to here.

    The old file stands until then.
    """
    arrays: dict[str, ArrayLike] = {"epoch": epoch, "best": best, "updates": average.updates, "history": history}
    for group, values in _groups(model, average).items():
        arrays |= {f"{group}/{row}": value for row, value in enumerate(values)}
    write_arrays(path, arrays)


def write_arrays(path: Path, arrays: Mapping[str, ArrayLike]) -> None:
    """Write arrays by name into one .npz file, which is replaced as a whole: a kill leaves the old one."""
    part = path.with_suffix(".part.npz")
    try:
        np.savez(part, allow_pickle=False, **arrays)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)  # of a disk that is full, above all
        raise


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


def is_sound(path: Path) -> bool:
    """Whether a saved state can be read to its end."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:  # NumPy leaves a bad file open
            return all(stored[name] is not None for name in stored.files) and {"epoch", "best"} <= set(stored.files)
    except Exception:  # NumPy and zipfile raise what they like on damaged files
        return False


def history(path: Path) -> str:
    """The text of history.csv as it was when a state was saved; nothing in states of earlier versions."""
    with np.load(path, allow_pickle=False) as stored:
        return str(stored["history"]) if "history" in stored.files else ""


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
    try:
        weights = keras.saving.load_model(released, compile=False).weights
    except Exception as error:  # Keras raises what the libraries below it raise
        raise RunError(
            f"{released} is damaged ({type(error).__name__}). Put it back from a copy, or release its run again."
        ) from None
    served = {weight.path: weight for weight in weights if weight.path.split("/")[0] != sharpness.NAME}
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
        RunError: the run has none yet, or they are damaged, or it is a released network that is too large to keep what
            training needs.
    """
    path = run / "best.npz"
    if not path.is_file():
        if (run / "model.onnx").is_file():
            raise RunError(
                f"{run} is a released network without model.keras: above 25 MB a half-precision ONNX file alone is "
                "kept, and no training begins with that. Name the run folder it came from, or train its recipe anew."
            )
        raise RunError(f"{run} has no best.npz yet: no epoch at the final image size has finished.")
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            count = sum(name.startswith("weights/") for name in stored.files)
            return [stored[f"weights/{row}"] for row in range(count)]
    except Exception as error:  # NumPy and zipfile raise what they like on damaged files
        raise RunError(
            f"{path} is damaged ({type(error).__name__}). Delete it and run the same fer train again: where epochs are "
            "left, the best of them is kept anew; else train again into another --run."
        ) from None


def _groups(model: keras.Model, average: WeightAverage) -> dict[str, list[NDArray[Any]]]:
    return {
        "weights": model.get_weights(),
        "average": average.average,
        "optimizer": [np.asarray(variable) for variable in model.optimizer.variables],
    }
