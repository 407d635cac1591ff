"""What a training logged: epochs and columns of numbers, brought to one form whoever wrote them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import RunError
from fer_core.runs import naming
from fer_core.text import printable

Floats = NDArray[np.float64]

MEASURES = ("accuracy", "loss", "val_accuracy", "val_loss")
NO_MEASURES = frozenset(
    (
        *("epoch", "learning_rate", "seconds", "size", "images_per_second", "step", "global_step", "iter", "memory"),
        *("data_time", "time", "grad_norm", "momentum", "hp_metric", "n_parameters"),
    )
)
"""Columns that are no measure of a network."""
MAX_EPOCHS = 50_000
MAX_COLUMNS = 200
EXPECTED = (
    "expected is the log of a training with a column of loss or accuracy: a CSV file such as that of "
    "keras.callbacks.CSVLogger, the JSON of History.history, or a TensorBoard event file"
)


@dataclass(frozen=True, eq=False)
class Logged:
    """One training as a dialect finds it in a file.

    Attributes:
        epochs: (n,), of each row; nan where the row belongs to none.
        columns: by heading as logged, (n,); nan where there is no value, inf for what was no number.
        title: the run's name, where the file holds several.
        seconds: (n,) since the start, or None.
        unsided: the side of measures whose heading names none, see naming.our_names; None where the headings tell.
        percent: headings whose values are percent, whatever their size.
        notes: sentences about what had to be read in an unusual way.
    """

    epochs: Floats
    columns: Mapping[str, Floats]
    title: str = ""
    seconds: Floats | None = None
    unsided: str | None = None
    percent: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class History:
    """One row per epoch.

    Attributes:
        epochs: (n,) ascending, as logged: Keras counts from 0. Missing epochs are missing.
        columns: by name, accuracy and loss named as in MEASURES; (n,), nan where there is no value. Accuracy 0 to 1.
        seconds: (n,) since the start, at the end of each epoch; None when nobody logged it.
        notes: sentences about what had to be read in an unusual way.
        dialect: who writes such logs ('Keras CSVLogger').
        origins: the heading in the file, for the columns whose name is ours.
        title: the run's name, where a file holds several.
    """

    epochs: Floats
    columns: Mapping[str, Floats]
    seconds: Floats | None = None
    notes: tuple[str, ...] = ()
    dialect: str = ""
    origins: Mapping[str, str] = field(default_factory=dict)
    title: str = ""

    def __len__(self) -> int:
        return len(self.epochs)

    @property
    def measures(self) -> tuple[str, ...]:
        """What can be drawn, accuracy and loss first: names without 'val_'."""
        names = dict.fromkeys(name.removeprefix(naming.VALIDATION) for name in self.columns)
        usual = [name for name in ("accuracy", "loss") if name in names]
        others = [
            name for name in names if not (name in usual or name in NO_MEASURES or naming.take_apart(name).per_step)
        ]
        return (*usual, *others)

    @property
    def told(self) -> str:
        """One line: who wrote the log, which columns were taken for what, and which others there are."""
        origins = {name: self.origins.get(name, name) for name in MEASURES if name in self.columns}
        taken = [name if name == origin else f"{name} from '{origin}'" for name, origin in origins.items()]
        others = [name for name in self.columns if name not in MEASURES and name not in NO_MEASURES]
        also = f" Also logged: {', '.join(others[:12])}{' and more' if len(others) > 12 else ''}." if others else ""
        return printable(f"Read as {self.dialect or 'a table'}: {', '.join(taken)}.{also}")


def from_logged(name: str, logged: Logged, dialect: str = "") -> History:
    """The history of a training.

    Args:
        name: of the file, for the sentences.
        logged: what a dialect found.
        dialect: who writes such logs.

    Raises:
        RunError: there is no epoch, too many, no loss and no accuracy, or an accuracy that cannot be one.
    """
    notes = list(logged.notes)
    columns, origins = _named(logged, notes)
    epochs, columns, seconds = _counted(logged, columns, notes)
    check_size(name, len(epochs), len(columns))
    columns = {key: _finite(key, values, notes) for key, values in columns.items()}
    columns = {
        key: _share(name, key, values, notes, known=origins.get(key) in logged.percent)
        for key, values in columns.items()
        if np.isfinite(values).any()
    }
    if not any(measure in columns for measure in MEASURES):
        found = ", ".join(printable(heading[:40]) for heading in list(logged.columns)[:8]) or "none"
        raise RunError(f"{name} has no loss and no accuracy with a number in it (columns: {found}); {EXPECTED}.")
    if seconds is None and "seconds" in columns:
        seconds = np.cumsum(np.nan_to_num(columns["seconds"]))
    order = sorted(columns, key=lambda key: (key not in MEASURES, MEASURES.index(key) if key in MEASURES else 0))
    return History(
        epochs,
        {key: columns[key] for key in order},
        seconds,
        tuple(notes),
        dialect,
        {key: origins[key] for key in order if key in origins},
        logged.title,
    )


def check_size(name: str, epochs: int, columns: int) -> None:
    """RunError when there is no epoch, or more than anybody would look at."""
    if not epochs or not columns:
        raise RunError(f"{name} has no epoch in it; {EXPECTED}.")
    if epochs > MAX_EPOCHS or columns > MAX_COLUMNS:
        raise RunError(
            f"{name} has {epochs:,} epochs and {columns:,} columns; at most {MAX_EPOCHS:,} epochs and {MAX_COLUMNS} "
            "columns are expected. Log once per epoch, not once per batch."
        )


def counted_steps(steps: Floats, notes: list[str]) -> Floats:
    """Epochs for an axis of steps: as they are when they count one by one, else the points are counted from 0."""
    distinct = np.unique(steps[np.isfinite(steps)])
    if len(distinct) < 2 or np.diff(distinct).max() <= 1:
        return steps
    shown = ", ".join(f"{step:g}" for step in distinct[:3])
    notes.append(f"The log has steps ({shown}, ...) and no epochs: its points are counted from 0 here.")
    places = np.searchsorted(distinct, steps).astype(np.float64)
    return np.where(np.isfinite(steps), places, np.nan)


def _named(logged: Logged, notes: list[str]) -> tuple[dict[str, Floats], dict[str, str]]:
    """Columns by our names, and the heading that each came from."""
    headings = list(logged.columns)
    unsided = logged.unsided
    if unsided is None:
        unsided = naming.VALIDATION if naming.unsided_are_validation(headings) else naming.TRAIN
        if unsided:
            notes.append("Columns that name no split were taken for validation, since training has columns of its own.")
    names = naming.our_names(headings, unsided)
    names |= _stand_ins(names)
    tests = [heading for heading in headings if naming.take_apart(heading).side == naming.TEST]
    if any(names[heading].startswith(naming.VALIDATION) for heading in tests):
        notes.append("Columns of a test split are drawn as validation: the log has no other.")
    return {names[heading]: logged.columns[heading] for heading in headings}, {
        names[heading]: heading for heading in headings
    }


def _stand_ins(names: Mapping[str, str]) -> dict[str, str]:
    """Headings that stand for a measure where none is called so: those of the first output of several."""
    found: dict[str, str] = {}
    for measure, ends in STAND_INS.items():
        bases = {heading: name.removeprefix(naming.VALIDATION) for heading, name in names.items()}
        if measure in bases.values():
            continue
        first = next((base for base in bases.values() if base.endswith(ends) and not base.startswith("top_")), None)
        for heading, base in bases.items():
            if base == first:
                found[heading] = names[heading].removesuffix(base) + measure
    return found


STAND_INS: Mapping[str, tuple[str, ...]] = MappingProxyType({"accuracy": ("_accuracy", "_acc"), "loss": ("_loss",)})


def _counted(
    logged: Logged, columns: dict[str, Floats], notes: list[str]
) -> tuple[Floats, dict[str, Floats], Floats | None]:
    """One row per epoch, ascending."""
    epochs, seconds = logged.epochs, logged.seconds
    there = np.isfinite(epochs)
    if not there.all():
        epochs = epochs[there]
        columns = {key: values[there] for key, values in columns.items()}
        seconds = None if seconds is None else seconds[there]
    epochs = _counted_on(epochs, notes)
    once, place = np.unique(epochs, return_inverse=True)
    if seconds is not None:
        latest = np.full(len(once), -np.inf)
        np.maximum.at(latest, place, seconds)
        seconds = latest
    several = [name for name in MEASURES if name in columns and _times(epochs, columns[name]) > 1]
    if several:
        notes.append(f"{', '.join(several)}: several values per epoch; the last one counts.")
    return *_one_row_an_epoch(epochs, columns), seconds


def _times(epochs: Floats, values: Floats) -> int:
    """How many values the fullest epoch has."""
    _, times = np.unique(epochs[np.isfinite(values)], return_counts=True)
    return int(times.max(initial=0))


def _counted_on(epochs: Floats, notes: list[str]) -> Floats:
    """A logger that was told to append counts from its first epoch again after a restart; here the count goes on.

    One that resumes in the middle logs some epochs twice: these keep their number, and the later row counts.
    """
    counted = epochs.copy()
    if len(epochs) > 2 and (np.diff(epochs) < 0).all():
        notes.append("The epochs stand in falling order; here they rise.")
        return counted
    again = []
    for row in (np.flatnonzero(np.diff(epochs) < 0) + 1).tolist():
        if epochs[row] <= epochs[0]:
            counted[row:] += counted[row - 1] + 1 - counted[row]
            again.append(row)
        else:
            notes.append(f"Epochs from {epochs[row]:g} on were logged twice; the later row counts.")
    if again:
        rows = ", ".join(str(row + 1) for row in again[:5])
        notes.append(f"The count of epochs starts again at row {rows}; here it goes on.")
    return counted


def _one_row_an_epoch(epochs: Floats, columns: Mapping[str, Floats]) -> tuple[Floats, dict[str, Floats]]:
    """Some loggers write training and validation of an epoch into two rows: the last number of each counts."""
    once, place = np.unique(epochs, return_inverse=True)
    if len(once) == len(epochs) and (np.diff(epochs) > 0).all():
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


def _share(name: str, key: str, values: Floats, notes: list[str], *, known: bool) -> Floats:
    """Accuracy as 0 to 1; `known`: the log says that it is percent."""
    if known:
        return values / 100
    if key not in ("accuracy", "val_accuracy", "test_accuracy"):
        return values
    low, high = np.nanmin(values), np.nanmax(values)
    if low < 0 or high > 100:
        raise RunError(f"{key} in {name} goes from {low:g} to {high:g}; shares from 0 to 1, or percent, are expected.")
    if high <= 1 + 1e-6:
        return values
    notes.append(f"{key} goes to {high:g} and was taken as percent.")
    return values / 100


def cells(values: Sequence[float | None]) -> Floats:
    """Numbers of cells: inf for what was no number."""
    return np.array([np.inf if value is None else value for value in values], np.float64)
