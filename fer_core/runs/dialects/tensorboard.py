"""TensorBoard's event files, as TensorFlow, PyTorch, Lightning and Hugging Face's Trainer write them.

Keras counts epochs by the step and writes validation into a file of its own. Lightning and the Trainer count batches by
the step and log a tag `epoch` beside. Others log the training every so many batches and validation once per epoch.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from fer_core.errors import RunError
from fer_core.runs import event_files
from fer_core.runs.dialects.hugging_face import whole
from fer_core.runs.dialects.source import Source
from fer_core.runs.histories import EXPECTED, MAX_COLUMNS, Floats, Logged, counted_steps
from fer_core.runs.naming import take_apart

NAME = "TensorBoard's event file"
EPOCH_TAGS = ("epoch", "train/epoch", "epochs", "trainer/epoch")
MOST_POINTS = 2_000_000


def recognises(source: Source) -> bool:
    return event_files.recognised(source.data)


def read(source: Source) -> list[Logged]:
    """RunError as of_files."""
    return [of_files(source.name, [source.data])]


def of_files(name: str, files: Sequence[bytes]) -> Logged:
    """One training from its event files: Keras writes training and validation to a file each.

    Raises:
        RunError: a file is damaged, there is no scalar, or there are far too many.
    """
    scalars = event_files.joined([event_files.scalars(name, data) for data in files])
    tag = next((tag for tag in EPOCH_TAGS if tag in scalars), None)
    axis = scalars.pop(tag) if tag is not None else None
    if not scalars:
        raise RunError(f"{name} is an event file without scalars; {EXPECTED}.")
    steps = sorted({step for points in scalars.values() for step in points})
    if len(scalars) > MAX_COLUMNS * 5 or len(steps) * len(scalars) > MOST_POINTS:
        raise RunError(
            f"{name} has {len(scalars):,} tags at {len(steps):,} steps, far more than a history; {EXPECTED}. "
            "Log once per epoch."
        )
    notes: list[str] = []
    where = np.array(steps, np.float64)
    table = {tag: _along(points, steps) for tag, points in scalars.items()}
    clocks = np.nanmax([times for _, times in table.values()], axis=0)
    seconds = np.maximum(clocks - min(event_files.started(data) for data in files), 0)
    columns = {tag: values for tag, (values, _) in table.items()}
    epochs = _by_tag(where, axis) if axis else _by_steps(where, columns, notes)
    return Logged(epochs, columns, seconds=seconds, notes=tuple(notes))


def _along(points: Mapping[float, tuple[float, float]], steps: Sequence[float]) -> tuple[Floats, Floats]:
    """Values and times of a tag at each step; nan where it has none."""
    nothing = (np.nan, np.nan)
    pairs = np.array([points.get(step, nothing) for step in steps], np.float64)
    return np.where(np.isnan(pairs[:, 1]), np.nan, np.nan_to_num(pairs[:, 0], nan=np.inf)), pairs[:, 1]


def _by_tag(steps: Floats, axis: Mapping[float, tuple[float, float]]) -> Floats:
    """The epoch logged at each step, or at the next step that has one. Broken numbers lie in the epoch they fill."""
    known = np.array(sorted(axis), np.float64)
    values = [axis[step][0] for step in known.tolist()]
    broken = any(value != int(value) for value in values if np.isfinite(value))
    numbers = np.array([whole(value) if broken and np.isfinite(value) else value for value in values])
    return np.asarray(numbers[np.searchsorted(known, steps).clip(max=len(known) - 1)])


def _by_steps(steps: Floats, columns: Mapping[str, Floats], notes: list[str]) -> Floats:
    """Steps that count one by one are epochs. Where training was logged for each batch, validation ends an epoch."""
    validation = [values for tag, values in columns.items() if take_apart(tag).side not in (None, "")]
    training = [values for tag, values in columns.items() if take_apart(tag).side in (None, "")]
    ends = steps[np.any([np.isfinite(values) for values in validation], axis=0)] if validation else steps[:0]
    most = max((int(np.isfinite(values).sum()) for values in training), default=0)
    if len(ends) > 1 and most >= 2 * len(ends):
        notes.append(
            f"The log has up to {most:,} training values and {len(ends):,} of validation: each validation ends an "
            "epoch here, and the last training value before it counts."
        )
        return np.searchsorted(ends, steps).clip(max=len(ends) - 1).astype(np.float64)
    return counted_steps(steps, notes)
