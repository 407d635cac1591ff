"""Training histories from files: Keras' CSVLogger, the JSON of a History object, TensorBoard's event files.

Pickles are refused: opening one can run a program. Every file that is no history is answered by a RunError.
"""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from fer_core.errors import RunError
from fer_core.runs import event_files
from fer_core.runs.histories import EXPECTED, MAX_EPOCHS, History, check_size, from_numbers, from_table

MAX_BYTES = 20_000_000
PICKLE_SUFFIXES = (".pkl", ".pickle", ".p", ".joblib")
PICKLES = re.compile(rb"\x80[\x01-\x05]|[}\]]q[\x00-\x08]|\(?[dl]p\d|c__builtin__|ccopy_reg|ccollections|cnumpy")
BINARIES: Mapping[bytes, str] = MappingProxyType(
    {
        b"PK": "a zip file or a Keras model",
        b"\x89HDF": "an HDF5 file",
        b"\x93NUMPY": "a NumPy array",
        b"\x1f\x8b": "packed by gzip",
    }
)


def read(path: Path) -> History:
    """A history from a file on disk; RunError as `parse`, or when it cannot be opened."""
    try:
        with path.open("rb") as stream:
            return parse(path.name, stream.read(MAX_BYTES + 1))
    except OSError as error:
        raise RunError(
            f"{path.parent.name}/{path.name} cannot be opened ({error.strerror}); check its name and rights."
        ) from None


def parse(name: str, data: bytes) -> History:
    """A history from the bytes of a file.

    Args:
        name: of the file, for the sentences.
        data: its whole content.

    Raises:
        RunError: it is a pickle, too large, or no history.
    """
    refuse(name, data)
    if event_files.recognised(data):
        return from_events(name, [data])
    text = _text(name, data)
    return _from_json(name, text) if text.lstrip()[:1] in {"{", "["} else _from_csv(name, text)


def from_events(name: str, files: Sequence[bytes]) -> History:
    """One training from its event files: Keras writes training and validation to a file each."""
    scalars = event_files.joined([event_files.scalars(name, data) for data in files])
    if not scalars:
        raise RunError(f"{name} is an event file without scalars; {EXPECTED}.")
    steps = sorted({step for points in scalars.values() for step in points})
    check_size(name, len(steps), len(scalars))
    nothing = (np.nan, np.nan)
    table = np.array([[points.get(step, nothing) for step in steps] for points in scalars.values()])
    clocks = np.nanmax(table[:, :, 1], axis=0)
    values = {tag: table[row, :, 0] for row, tag in enumerate(scalars)}
    started = min(event_files.started(data) for data in files)
    return from_numbers(name, np.array(steps, np.float64), values, np.maximum(clocks - started, 0))


def refuse(name: str, data: bytes) -> None:
    """RunError for what is not even looked into."""
    if not data.strip():
        raise RunError(f"{name} is empty; {EXPECTED}.")
    if name.lower().endswith(PICKLE_SUFFIXES) or PICKLES.match(data):
        raise RunError(
            f"{name} is a Python pickle. Opening one can run a program hidden in it, so it is refused. Save the "
            "history as JSON, `json.dump(history.history, file)`, or log it with keras.callbacks.CSVLogger."
        )
    if len(data) > MAX_BYTES:
        raise RunError(f"{name} is larger than {MAX_BYTES // 10**6} MB, the most for a history; {EXPECTED}.")
    for start, kind in BINARIES.items():
        if data.startswith(start):
            raise RunError(f"{name} is {kind}, no history; {EXPECTED}.")


def _text(name: str, data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise RunError(f"{name} is no text; {EXPECTED}.") from None
    if "\0" in text:
        raise RunError(f"{name} is no text; {EXPECTED}.")
    return text


def _from_csv(name: str, text: str) -> History:
    delimiter = max(",;\t", key=text.lstrip().split("\n", 1)[0].count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise RunError(f"{name} cannot be read as CSV ({error}); {EXPECTED}.") from None
    heading = rows.pop(0)
    check_size(name, len(rows), len(heading))
    for number, row in enumerate(rows, start=2):
        if len(row) != len(heading):
            raise RunError(f"Row {number} of {name} has {len(row)} cells, its heading {len(heading)}; {EXPECTED}.")
    return from_table(name, {column: [row[place] for row in rows] for place, column in enumerate(heading)})


def _from_json(name: str, text: str) -> History:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise RunError(f"{name} cannot be read as JSON; {EXPECTED}.") from None
    table = {str(key): value for key, value in _lists(content).items() if isinstance(value, list)}
    lengths = {key: len(value) for key, value in table.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{key} {length}" for key, length in list(lengths.items())[:6])
        raise RunError(f"The lists in {name} differ in length ({told}); one value an epoch is expected in each.")
    return from_table(name, table)


def _lists(content: object) -> Mapping[str, object]:
    """Values by name from any usual shape: History.history, with its params around it, rows, or as pandas writes."""
    if isinstance(content, list) and all(isinstance(row, dict) for row in content):
        keys = list(dict.fromkeys(key for row in content[:MAX_EPOCHS] for key in row))
        return {key: [row.get(key) for row in content] for key in keys[:1000]}
    if not isinstance(content, dict):
        return {}
    inner = content.get("history")
    if isinstance(inner, dict):
        content = {key: content[key] for key in ("epoch",) if key in content} | inner
    return {key: list(value.values()) if isinstance(value, dict) else value for key, value in content.items()}
