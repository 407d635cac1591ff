"""Whether the files of a released network fit together: weights, classes, sizes, figures and card."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import RunError
from fer_core.labels import EIGHT
from fer_core.predictors import keras_runtime, networks, onnx_runtime
from fer_core.predictors.common import NetworkPredictor
from training.releasing.card import percent

TOLERANCE = 1e-4
CROPS = 32
FIGURES = ("labels", "images", "accuracy", "macro F1")
"""What a row of the card's table of figures is known by."""


def check(folder: Path) -> None:
    """Look at a network's folder, models/NAME/, as it will be used.

    Raises:
        RunError: the files do not fit together; the sentence says which, and how.
        PredictorError: one is missing or damaged.
    """
    if faults := list(_faults(folder)):
        raise RunError(f"The files in {folder} do not fit together: {'; '.join(faults)}. Release the network again.")


def _faults(folder: Path) -> Iterator[str]:
    config, network = (networks.read_json(folder / f"{name}.json") for name in ("config", "architecture"))
    yield from _classes(config)
    yield from _sizes(config, network)
    yield from _runtimes(folder)
    yield from _card(folder)


def _classes(config: dict[str, Any]) -> Iterator[str]:
    classes = config["classes"]
    if unknown := [name for name in classes if name not in EIGHT]:
        yield f"config.json names {', '.join(unknown)}, which is no expression"
    if len(set(classes)) < len(classes):
        yield "config.json names an expression twice"


def _sizes(config: dict[str, Any], network: dict[str, Any]) -> Iterator[str]:
    """A network that takes any size has none in architecture.json."""
    wanted = [config["input_size"], config["input_size"], config["channels"]]
    shape = network["input_shape"]
    if len(shape) != len(wanted) or any(side not in (None, want) for side, want in zip(shape, wanted, strict=True)):
        yield f"config.json has crops of {wanted}, architecture.json of {shape}"


def _runtimes(folder: Path) -> Iterator[str]:
    """ONNX and Keras answer alike, output by output. A network in half precision has no Keras file."""
    loaded = onnx_runtime.from_folder(folder)
    if not (folder / keras_runtime.WEIGHTS).is_file():
        return
    about = networks.read_info(folder, keras_runtime.WEIGHTS, name=folder.name)
    source = keras_runtime.KerasPredictor(about, folder / keras_runtime.WEIGHTS)
    crops = _crops(loaded)
    served, kept = loaded.heads(crops), source.heads(crops)
    if served.keys() != kept.keys():
        yield f"model.onnx has the outputs {', '.join(served)}, model.keras {', '.join(kept)}"
        return
    for name in served:
        apart = float(np.abs(served[name] - kept[name]).max())
        if not apart <= TOLERANCE:
            yield f"model.onnx and model.keras answer '{name}' {apart:.1e} apart; at most {TOLERANCE} is allowed"


def _crops(predictor: NetworkPredictor) -> NDArray[np.uint8]:
    shape = (CROPS, predictor.input_size, predictor.input_size, predictor.info.channels)
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def _card(folder: Path) -> Iterator[str]:
    """Every evaluation of metrics.json is a row of the card's table, and no row is anything else."""
    rows = networks.read_json(folder / "metrics.json")["evaluations"]
    measured = {(row["labels"], f"{row['n']:,}", percent(row["accuracy"]), f"{row['macro_f1']:.3f}") for row in rows}
    told = set(_told(folder / "README.md"))
    if told != measured:
        only = [" ".join(row) for row in sorted(measured - told)] or ["nothing"]
        also = [" ".join(row) for row in sorted(told - measured)] or ["nothing"]
        yield f"metrics.json alone has {', '.join(only)}, and the card alone {', '.join(also)} ({', '.join(FIGURES)})"


def _told(card: Path) -> Iterator[tuple[str, ...]]:
    """The rows of the table that has all of FIGURES in its heading."""
    places: list[int] | None = None
    for line in card.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if not line.startswith("|"):
            places = None
        elif places is not None and not set(line) <= set("|- "):
            yield tuple(cells[place].split(" (")[0] for place in places)
        elif places is None:
            heading = [cell.split(" (")[0] for cell in cells]
            places = [heading.index(name) for name in FIGURES] if set(FIGURES) <= set(heading) else None
