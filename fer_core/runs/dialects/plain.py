"""Any table with one row per epoch, as training loops write by themselves: the last dialect that is tried.

    epoch,train_loss,train_acc,val_loss,val_acc

Also percent, 'Epoch 3' or '3/5' for an epoch, tensor(0.33) or [0.33] for a number, and no column for the epoch at all.
"""

import numpy as np

from fer_core.runs.dialects.source import Source, epoch_column, epochs_of, order_column
from fer_core.runs.histories import Floats, Logged, counted_steps
from fer_core.runs.naming import TEST, VALIDATION, take_apart

NAME = "a table"
MEASURED = ("accuracy", "loss", "acc")


def recognises(source: Source) -> bool:
    return any(name.removeprefix(VALIDATION).removeprefix(TEST).endswith(MEASURED) for name in source.headings)


def read(source: Source) -> list[Logged]:
    """RunError when there is no row, or the epochs are no numbers."""
    return [logged(source)]


def logged(source: Source, unsided: str | None = None, percent: frozenset[str] = frozenset()) -> Logged:
    """The table as one training; what other dialects of one table begin with."""
    headings = list(source.columns)
    notes: list[str] = []
    epochs, counting = epochs_by(source, notes)
    signs = {heading for heading in headings if _is_percent(heading)}
    columns = {heading: source.numbers(heading) for heading in headings if heading not in counting}
    return Logged(epochs, columns, unsided=unsided, percent=percent | signs, notes=(*source.notes(), *notes))


def epochs_by(source: Source, notes: list[str]) -> tuple[Floats, tuple[str, ...]]:
    """The epoch of each row, and the columns that tell it.

    A row without an epoch beside a step (a learning rate that is logged alone) belongs to the next row that has one.
    """
    headings = list(source.columns)
    heading, order = epoch_column(headings), order_column(headings)
    if heading is None and order is not None:
        return counted_steps(epochs_of(source.name, order, source.columns[order]), notes), (order,)
    if heading is None:
        return np.arange(len(next(iter(source.columns.values()))), dtype=np.float64), ()
    epochs = epochs_of(source.name, heading, source.columns[heading])
    if order is not None:
        epochs = _filled(epochs)
    missing = int(np.isnan(epochs).sum())
    if missing:
        notes.append(f"{missing:,} rows have no epoch and were left out.")
    return epochs, (heading,) if order is None else (heading, order)


def _filled(epochs: Floats) -> Floats:
    """Rows without an epoch get that of the next row with one; the last ones that of the row before."""
    there = np.flatnonzero(np.isfinite(epochs))
    if not there.size:
        return epochs
    following = np.searchsorted(there, np.arange(len(epochs))).clip(max=len(there) - 1)
    return np.asarray(epochs[there[following]])


def _is_percent(heading: str) -> bool:
    return take_apart(heading).percent
