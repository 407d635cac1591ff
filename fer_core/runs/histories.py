"""What a training logged: epochs and columns of numbers, brought to one form whoever wrote them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import RunError

Floats = NDArray[np.float64]

MEASURES = ("accuracy", "loss", "val_accuracy", "val_loss")
MAX_EPOCHS = 50_000
MAX_COLUMNS = 200
EXPECTED = (
    "expected is a CSV file of keras.callbacks.CSVLogger, the JSON of History.history or a TensorBoard event file, "
    "with a column of loss or accuracy"
)

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "acc": "accuracy",
        "categorical_accuracy": "accuracy",
        "sparse_categorical_accuracy": "accuracy",
        "epoch_accuracy": "accuracy",
        "epoch_loss": "loss",
        "lr": "learning_rate",
        "epoch_lr": "learning_rate",
        "epoch_learning_rate": "learning_rate",
        "epoch_time": "seconds",
        "epoch_seconds": "seconds",
    }
)
SIDES: Mapping[str, str] = MappingProxyType(
    {"train": "", "training": "", "val": "val_", "valid": "val_", "validation": "val_", "eval": "val_"}
)
"""How loggers name the split of a measure, before or behind it."""

EPOCH_COLUMNS = ("epoch", "epochs", "", "unnamed: 0", "step")
NO_VALUE = frozenset(("", "na", "n/a", "none", "null"))


@dataclass(frozen=True, eq=False)
class History:
    """One row an epoch.

    Attributes:
        epochs: (n,) ascending, as logged: Keras counts from 0. Missing epochs are missing.
        columns: by name, accuracy and loss named as in MEASURES; (n,), nan where there is no value. Accuracy 0 to 1.
        seconds: (n,) since the start, at the end of each epoch; None when nobody logged it.
        notes: sentences about what had to be read in an unusual way.
    """

    epochs: Floats
    columns: Mapping[str, Floats]
    seconds: Floats | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.epochs)


def column_name(name: str) -> str:
    """Our name of a logged column: 'Loss/train' is 'loss', 'valid_acc' is 'val_accuracy', others stay as they are."""
    words = [word for word in re.split(r"[\s/.\-_]+", name.strip().lower()) if word]
    side = ""
    for place in (0, -1):
        if len(words) > 1 and words[place] in SIDES:
            side = SIDES[words.pop(place)]
            break
    plain = "_".join(words)
    return side + ALIASES.get(plain, plain)


def from_table(name: str, table: Mapping[str, Sequence[object]]) -> History:
    """A history from cells by heading.

    Args:
        name: of the file, for the sentences.
        table: as many cells under each heading, an epoch each.

    Raises:
        RunError: there is no epoch, too many, or no loss and no accuracy.
    """
    count = len(next(iter(table.values()), ()))
    check_size(name, count, len(table))
    index = _epoch_heading(list(table))
    numbers = {heading: _numbers(cells) for heading, cells in table.items()}
    epochs = np.arange(count, dtype=np.float64) if index is None else numbers.pop(index)
    if not np.isfinite(epochs).all():
        raise RunError(f"The column '{index}' of {name} has cells that are no numbers; whole epochs are expected.")
    return from_numbers(name, epochs, numbers)


def from_numbers(name: str, epochs: Floats, numbers: Mapping[str, Floats], seconds: Floats | None = None) -> History:
    """A history from numbers by heading; nan for no value, inf for what was no number.

    Raises:
        RunError: there is no loss and no accuracy, or an accuracy that cannot be one.
    """
    notes: list[str] = []
    columns: dict[str, Floats] = {}
    for heading, values in numbers.items():
        known = column_name(heading)
        columns.setdefault(known if known not in columns else heading, values)
    epochs = _counted_on(epochs, notes)
    epochs, columns = _one_row_an_epoch(epochs, columns)
    columns = {key: _finite(key, values, notes) for key, values in columns.items()}
    columns = {key: _share(name, key, values, notes) for key, values in columns.items() if np.isfinite(values).any()}
    if not any(measure in columns for measure in MEASURES):
        found = ", ".join(list(numbers)[:8]) or "none"
        raise RunError(f"{name} has no loss and no accuracy with a number in it (columns: {found}); {EXPECTED}.")
    if seconds is None and "seconds" in columns:
        seconds = np.cumsum(columns["seconds"])
    order = sorted(columns, key=lambda key: (key not in MEASURES, MEASURES.index(key) if key in MEASURES else 0))
    return History(epochs, {key: columns[key] for key in order}, seconds, tuple(notes))


def check_size(name: str, epochs: int, columns: int) -> None:
    """RunError when there is no epoch, or more than anybody would look at."""
    if not epochs or not columns:
        raise RunError(f"{name} has no epoch in it; {EXPECTED}.")
    if epochs > MAX_EPOCHS or columns > MAX_COLUMNS:
        raise RunError(
            f"{name} has {epochs:,} rows and {columns:,} columns; at most {MAX_EPOCHS:,} epochs and {MAX_COLUMNS} "
            "columns are expected. Log once an epoch, not once a batch."
        )


def _epoch_heading(headings: Sequence[str]) -> str | None:
    plain = {str(heading).strip().lower(): heading for heading in reversed(headings)}
    return next((plain[wanted] for wanted in EPOCH_COLUMNS if wanted in plain), None)


def _numbers(cells: Sequence[object]) -> Floats:
    return np.array([_number(cell) for cell in cells], np.float64)


def _number(cell: object) -> float:
    if cell is None or (isinstance(cell, str) and cell.strip().lower() in NO_VALUE):
        return np.nan
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return np.inf


def _counted_on(epochs: Floats, notes: list[str]) -> Floats:
    """A logger that was told to append counts from 0 again after a restart; here the count goes on."""
    restarts = np.flatnonzero(np.diff(epochs) < 0) + 1
    if restarts.size:
        rows = ", ".join(str(row + 1) for row in restarts[:5])
        notes.append(f"The count of epochs starts again at row {rows}; here it goes on.")
    counted = epochs.copy()
    for row in restarts:
        counted[row:] += counted[row - 1] + 1 - counted[row]
    return counted


def _one_row_an_epoch(epochs: Floats, columns: Mapping[str, Floats]) -> tuple[Floats, dict[str, Floats]]:
    """Some loggers write training and validation of an epoch into two rows: the last number of each counts."""
    once, place = np.unique(epochs, return_inverse=True)
    if len(once) == len(epochs):
        return epochs, dict(columns)
    merged = {}
    for key, values in columns.items():
        merged[key] = np.full(len(once), np.nan)
        there = ~np.isnan(values)
        merged[key][place[there]] = values[there]
    return once, merged


def _finite(key: str, values: Floats, notes: list[str]) -> Floats:
    broken = np.isinf(values)
    if broken.any() and key in (*MEASURES, "learning_rate"):
        notes.append(f"{key} has {broken.sum():,} cells that are no finite number; they are gaps here.")
    return np.where(broken, np.nan, values)


def _share(name: str, key: str, values: Floats, notes: list[str]) -> Floats:
    """Accuracy as 0 to 1."""
    if key not in ("accuracy", "val_accuracy"):
        return values
    low, high = np.nanmin(values), np.nanmax(values)
    if low < 0 or high > 100:
        raise RunError(f"{key} in {name} goes from {low:g} to {high:g}; shares from 0 to 1, or percent, are expected.")
    if high <= 1:
        return values
    notes.append(f"{key} goes to {high:g} and was taken as percent.")
    return values / 100
