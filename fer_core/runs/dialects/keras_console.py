r"""What Keras prints while it trains, copied from a terminal or a notebook.

    Epoch 1/5
    898/898 [====] - 12s 13ms/step - loss: 1.8000 - accuracy: 0.3000 - val_loss: 1.7000 - val_accuracy: 0.3300

Progress that was written over (\r) counts as its last state.
"""

import re

import numpy as np

from fer_core.errors import RunError
from fer_core.runs.dialects.source import Source
from fer_core.runs.histories import EXPECTED, Floats, Logged, cells
from fer_core.runs.naming import TRAIN
from fer_core.tables import numbers

NAME = "Keras' printed progress"
EPOCH = re.compile(r"^\s*Epoch (\d{1,6})/(\d{1,6})\s*$")
PROGRESS = re.compile(r"^\s*(\d+)/(\d+|Unknown)\b.*?[\]━ -]")
PAIR = re.compile(r"(?:^|\s-\s|━\s)\s*([A-Za-z_]\w*): ([-+\w.]+)")
LOOKED_AT = 400
"""Lines that are looked at to recognise it."""
SECONDS = re.compile(r"\s(\d+)s\s")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x08+")


def recognises(source: Source) -> bool:
    lines = [_plain(line) for line in source.start.splitlines()[:LOOKED_AT]]
    return any(map(EPOCH.match, lines)) and any(map(_values, lines))


def read(source: Source) -> list[Logged]:
    """RunError when no epoch has a value."""
    epochs, rows = _epochs(source)
    names = list(dict.fromkeys(name for row in rows for name in row))
    if not names:
        raise RunError(f"{source.name} is the printed progress of a training without any value; {EXPECTED}.")
    columns: dict[str, Floats] = {name: cells([row.get(name, np.nan) for row in rows]) for name in names}
    times = columns.pop("seconds", None)
    seconds = None if times is None else np.cumsum(np.nan_to_num(times))
    return [Logged(np.array(epochs, np.float64), columns, seconds=seconds, unsided=TRAIN)]


def _epochs(source: Source) -> tuple[list[int], list[dict[str, float | None]]]:
    epochs: list[int] = []
    rows: list[dict[str, float | None]] = []
    for line in source.lines():
        if begun := EPOCH.match(_plain(line)):
            epochs.append(int(begun[1]))
            rows.append({})
        elif rows:
            rows[-1] |= _values(_plain(line))
    return epochs, rows


def _values(line: str) -> dict[str, float | None]:
    if not PROGRESS.match(line):
        return {}
    found = {name: numbers.number(value) for name, value in PAIR.findall(line)}
    time = SECONDS.search(line)
    return found | ({"seconds": float(time[1])} if time and found else {})


def _plain(line: str) -> str:
    return ESCAPES.sub("", line)
