"""Runs as tables: a line a run, a line an epoch, and the file to keep."""

import csv
import io
from collections.abc import Sequence

import numpy as np

from fer_core import curves
from fer_core.histories import History
from fer_core.reports import harmless
from fer_core.runs import Run, State

Row = dict[str, object]
Read = tuple[Run, History]


def summary(read: Sequence[tuple[Run, History, State]], monitor: str, patience: int) -> list[Row]:
    """A line a run: how far, best epoch, gap there, where early stopping would have ended it."""
    return [_summary(run, history, state, monitor, patience) for run, history, state in read]


def epochs(read: Sequence[Read]) -> list[Row]:
    """A line an epoch of each run; what was not logged is missing."""
    return [row for run, history in read for row in _epochs(run, history)]


def to_csv(rows: Sequence[Row]) -> str:
    """With no cell that a spreadsheet would take for a formula."""
    heading = list(dict.fromkeys(key for row in rows for key in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, [str(harmless(key)) for key in heading], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({str(harmless(key)): _cell(value) for key, value in row.items()} for row in rows)
    return stream.getvalue()


def _cell(value: object) -> object:
    return harmless(value) if isinstance(value, str) else value


def _summary(run: Run, history: History, state: State, monitor: str, patience: int) -> Row:
    column = curves.monitor(history, monitor)
    best = curves.best(history, column)
    stop = curves.early_stop(history, column, patience)
    ahead = dict(zip(*(values.tolist() for values in curves.gap(history, "accuracy")), strict=True))
    minutes = None if history.seconds is None else float(np.nanmax(history.seconds)) / 60
    return {
        "run": run.title,
        "state": state.word,
        "epochs": len(history),
        "judged by": column,
        "best": best.value,
        "best epoch": best.epoch,
        "gap there": ahead.get(best.epoch),
        "early stop": None if stop is None else stop.epoch,
        "minutes": minutes,
        "about": run.source,
    }


def _epochs(run: Run, history: History) -> list[Row]:
    seconds = [] if history.seconds is None else [("minutes", history.seconds / 60)]
    columns = [("epoch", history.epochs), *seconds, *history.columns.items()]
    return [
        {"run": run.title} | {name: float(values[place]) for name, values in columns if np.isfinite(values[place])}
        for place in range(len(history))
    ]
