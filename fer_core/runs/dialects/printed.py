"""Lines that a training loop prints, one or more for each epoch.

    Epoch 3/5 | train loss: 1.83, train acc: 30.1% | val loss: 1.70, val acc: 33.0%
    [Epoch 003] loss=1.83 val_acc=0.33

    Epoch 3/5
    train loss: 1.83 acc: 0.30
    val loss: 1.70 acc: 0.33

Numbers behind the name of a measure count; all others are passed over. A split that a line names holds for the measures
behind it.
"""

import re

import numpy as np

from fer_core.runs.dialects.source import Source
from fer_core.runs.histories import Logged, cells
from fer_core.runs.naming import NAMES, SIDES, take_apart
from fer_core.tables import numbers

NAME = "printed lines"
EPOCH = re.compile(r"\bepochs?\s*[:=#_\[]?\s*\[?\s*(\d{1,6})\b", re.IGNORECASE)
TOKEN = re.compile(r"[^\W\d][\w@.%()/-]*|[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?:\s?%)?|\S")
BETWEEN = (":", "=")
MOST_WORDS = 4
"""Of a measure and its side: 'mean validation accuracy top1'."""
LONGEST_LINE = 2000
LOOKED_AT = 200
"""Lines that are looked at to recognise it."""


def recognises(source: Source) -> bool:
    lines = [line[:LONGEST_LINE] for line in source.start.splitlines()[:LOOKED_AT]]
    return any(map(EPOCH.search, lines)) and any(map(_values, lines))


def read(source: Source) -> list[Logged]:
    """The last value of an epoch counts. RunError when there are far too many lines."""
    epochs: list[int] = []
    rows: list[dict[str, float | None]] = []
    for line in source.lines():
        begun = EPOCH.search(line[:LONGEST_LINE])
        if begun and (not epochs or epochs[-1] != int(begun[1])):
            epochs.append(int(begun[1]))
            rows.append({})
        if rows:
            rows[-1] |= _values(line)
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: cells([row.get(name, np.nan) for row in rows]) for name in names}
    return [Logged(np.array(epochs, np.float64), columns)]


def _values(line: str) -> dict[str, float | None]:
    """Numbers behind the name of a measure."""
    found: dict[str, float | None] = {}
    words: list[str] = []
    side = ""
    for token in TOKEN.findall(EPOCH.sub(" ", line[:LONGEST_LINE])):
        if token[0].isalpha():
            words.append(token.rstrip("."))
            side = token if token.lower() in SIDES else side
        elif token not in BETWEEN:
            heading = _measure(words[-MOST_WORDS:])
            if heading and token[-1] in "%0123456789":
                found[_sided(heading, side)] = numbers.number(token)
            words = []
    return found


def _sided(heading: str, side: str) -> str:
    """The heading, with the split that was named before it on the line."""
    part = take_apart(heading)
    return f"{side} {heading}" if side and part.side is None and part.name in ("accuracy", "loss") else heading


def _measure(words: list[str]) -> str | None:
    """The last words that name a known measure, with its side before; None when they name none."""
    for begin in range(len(words)):
        heading = " ".join(words[begin:])
        part = take_apart(heading)
        if part.name.removeprefix(part.side or "") in NAMES.values():
            return heading
    return None
