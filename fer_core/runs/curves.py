"""What is read off a training curve: smoothing, best epoch, where early stopping would have ended it, the gap."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from fer_core.runs.histories import Floats, History

MONITORS = ("val_accuracy", "val_loss", "accuracy", "loss")
"""What can say which epoch is best, in the order in which they are taken when the first ones are not logged."""

LOWER_IS_BETTER = ("loss", "error", "error_rate", "err", "perplexity", "mae", "mse")
"""Ends of the names of measures that fall as a network learns."""

GAP = 1.5
"""Logged epochs further apart than this many usual distances have a gap between them."""


class Point(NamedTuple):
    """An epoch and the value there."""

    epoch: float
    value: float


def line(history: History, column: str) -> tuple[Floats, Floats]:
    """Epochs and values of a column, those without a value left out; empty when it was not logged."""
    values = history.columns.get(column, np.full(len(history), np.nan))
    there = np.isfinite(values)
    return history.epochs[there], values[there]


def pieces(epochs: Floats) -> Iterator[slice]:
    """Stretches without a gap. A value every fifth epoch has none; two epochs of fifty at the end of twelve do."""
    steps = np.diff(epochs)
    usual = np.sort(steps)[(len(steps) - 1) // 2] if steps.size else 0
    cuts = np.flatnonzero(steps > GAP * usual) + 1
    edges = [0, *cuts.tolist(), len(epochs)]
    yield from (slice(begin, end) for begin, end in pairwise(edges))


def smoothed(epochs: Floats, values: Floats, weight: float) -> Floats:
    """Exponential moving average that begins unbiased, as TensorBoard draws it, and anew behind each gap.

    Args:
        epochs: (n,) ascending.
        values: (n,) finite.
        weight: of the past, 0 (nothing changes) to below 1.
    """
    result = np.empty_like(values)
    for piece in pieces(epochs):
        result[piece] = _average(values[piece], weight)
    return result


def monitor(history: History, wanted: str) -> str:
    """The wanted column, or the first of MONITORS that was logged."""
    return next(name for name in (wanted, *MONITORS) if line(history, name)[0].size)


def best(history: History, column: str) -> Point:
    """The epoch with the highest accuracy or the lowest loss; the first of equals."""
    epochs, values = line(history, column)
    row = int(_better(column, values).argmax())
    return Point(float(epochs[row]), float(values[row]))


def early_stop(history: History, column: str, patience: int) -> Point | None:
    """Where Keras' EarlyStopping would have ended the training: `patience` epochs in a row without a new best.

    Nobody knows what happened in a gap: what lies behind it is not judged, nor a log that begins in the middle.
    """
    epochs, values = line(history, column)
    if epochs[0] > 1:
        return None
    first = next(pieces(epochs))
    record, waited = -np.inf, 0
    for epoch, value, score in zip(epochs[first], values[first], _better(column, values[first]), strict=True):
        waited = 0 if score > record else waited + 1
        record = max(record, score)
        if 0 < patience <= waited:
            return Point(float(epoch), float(value))
    return None


def gap(history: History, measure: str) -> tuple[Floats, Floats]:
    """Epochs, and how much better the training split did than validation: grows when a network learns by heart.

    Args:
        history: what was logged.
        measure: accuracy, loss or another one.
    """
    nothing = np.full(len(history), np.nan)
    training, validation = (history.columns.get(name, nothing) for name in (measure, f"val_{measure}"))
    ahead = validation - training if measure.endswith(LOWER_IS_BETTER) else training - validation
    there = np.isfinite(ahead)
    return history.epochs[there], ahead[there]


def _better(column: str, values: Floats) -> Floats:
    return -values if column.endswith(LOWER_IS_BETTER) else values


def _average(values: Floats, weight: float) -> Floats:
    total, share = 0.0, 0.0
    averaged = []
    for value in values.tolist():
        total = weight * total + (1 - weight) * value
        share = weight * share + (1 - weight)
        averaged.append(total / share)
    return np.array(averaged, np.float64)
