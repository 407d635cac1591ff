"""CSV that Weights & Biases exports from a chart: a column for each run, with its least and largest value beside.

    "Step","resnet18 - val_acc","resnet18 - val_acc__MIN","resnet18 - val_acc__MAX"

Each run of the chart is a training of its own; the columns of least and largest values are left out.
"""

from collections import defaultdict

import numpy as np

from fer_core.runs.dialects.source import Source, epochs_of
from fer_core.runs.histories import Floats, Logged, counted_steps

NAME = "a chart exported from Weights & Biases"
BOUNDS = ("__MIN", "__MAX")
BETWEEN = " - "


def recognises(source: Source) -> bool:
    heading = source.table.heading if source.headings else ()
    runs = [name for name in heading[1:] if BETWEEN in name]
    return bool(runs) and (any(name.endswith(BOUNDS) for name in runs) or len(runs) == len(heading) - 1)


def read(source: Source) -> list[Logged]:
    """One training for each run of the chart."""
    notes = list(source.notes())
    first, *headings = source.columns
    steps = epochs_of(source.name, first, source.columns[first])
    axis = steps if "epoch" in first.lower() else _counted(first, steps, notes)
    runs: dict[str, dict[str, Floats]] = defaultdict(dict)
    for heading in headings:
        run, _, measure = heading.rpartition(BETWEEN)
        if run and not heading.endswith(BOUNDS) and measure != "_step":
            runs[run][measure] = source.numbers(heading)
    return [_of_run(run, axis, columns, notes) for run, columns in runs.items()]


def _counted(heading: str, steps: Floats, notes: list[str]) -> Floats:
    """Points of a chart by time are counted; steps as counted_steps."""
    if "time" not in heading.lower():
        return counted_steps(steps, notes)
    notes.append(f"The chart has times ('{heading}') and no epochs: its points are counted from 0 here.")
    return np.searchsorted(np.unique(steps), steps).astype(np.float64)


def _of_run(run: str, axis: Floats, columns: dict[str, Floats], notes: list[str]) -> Logged:
    """Rows in which other runs of the chart have a value and this one has none are left out."""
    epochs = columns.pop("epoch", axis) if len(columns) > 1 else axis
    there = np.any([~np.isnan(values) for values in columns.values()], axis=0)
    kept = {measure: values[there] for measure, values in columns.items()}
    return Logged(epochs[there], kept, title=run, notes=tuple(notes))
