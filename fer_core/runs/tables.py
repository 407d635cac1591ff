"""Runs as tables: one line per run, one line per epoch, and the file to keep."""

from collections.abc import Sequence

import numpy as np

from fer_core.runs import curves
from fer_core.runs.folders import Run, State
from fer_core.runs.histories import History

Row = dict[str, object]
Read = tuple[Run, History]


def summary(read: Sequence[tuple[Run, History, State]], monitor: str, patience: int) -> list[Row]:
    """One line per run: how far, best epoch, gap there, where early stopping would have ended it."""
    return [_summary(run, history, state, monitor, patience) for run, history, state in read]


def epochs(read: Sequence[Read]) -> list[Row]:
    """One line per epoch of each run; what was not logged is missing."""
    return [row for run, history in read for row in _epochs(run, history)]


def _summary(run: Run, history: History, state: State, monitor: str, patience: int) -> Row:
    column = curves.monitor(history, monitor)
    best = curves.best(history, column)
    stop = curves.early_stop(history, column, patience)
    ahead = dict(zip(*(values.tolist() for values in curves.gap(history, "accuracy")), strict=True))
    minutes = None if history.seconds is None else float(np.nanmax(history.seconds)) / 60
    return {
        "run": run.title,
        "dataset": run.dataset or "not stated",
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
