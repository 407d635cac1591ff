"""CSV that TensorBoard's page offers for a curve: the measure stands in the name of the file.

    Wall time,Step,Value
    1767225600.5,0,1.8

The page calls the file run-RUN-tag-TAG.csv, such as run-validation-tag-epoch_loss.csv. One of another name is drawn as
a loss.
"""

import re
from dataclasses import replace

import numpy as np

from fer_core.runs.dialects import plain
from fer_core.runs.dialects.source import Source
from fer_core.runs.histories import Logged

NAME = "a curve downloaded from TensorBoard's page"
HEADING = ("Wall time", "Step", "Value")
FILE = re.compile(r"(?:run-)?(.*?)[-_.]tag-(.*?)(?: \(\d+\))?\.csv", re.IGNORECASE)


def recognises(source: Source) -> bool:
    return bool(source.headings) and source.table.heading == HEADING


def read(source: Source) -> list[Logged]:
    """Which split it is stands in the run or in the tag."""
    logged = plain.logged(source)
    named = FILE.fullmatch(source.name)
    heading = _heading(named[1], named[2]) if named else "loss"
    clock = logged.columns["Wall time"]
    notes = logged.notes if named else (*logged.notes, "The name of the file has no tag: its values are drawn as loss.")
    seconds = clock - np.nanmin(clock) if np.isfinite(clock).all() else None
    return [replace(logged, columns={heading: logged.columns["Value"]}, seconds=seconds, notes=notes)]


def _heading(run: str, tag: str) -> str:
    split = next((word for word in re.split(r"[\W_]+", run.lower()) if word in ("validation", "val", "test")), "")
    return f"{split}/{tag}" if split else tag
