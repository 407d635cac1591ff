"""Training histories from files, whoever wrote them: the dialects, and what is refused.

Pickles are refused: opening one can run a program. Every file that is no history is answered by a RunError.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from fer_core.errors import RunError, TableError
from fer_core.runs.dialects import DIALECTS, Dialect, plain, tensorboard
from fer_core.runs.dialects.source import Source
from fer_core.runs.histories import EXPECTED, History, Logged, from_logged

MAX_BYTES = 20_000_000
MOST_RUNS = 50
PICKLE_SUFFIXES = (".pkl", ".pickle", ".p", ".joblib")
PICKLES = re.compile(rb"\x80[\x01-\x05]|[}\]]q[\x00-\x08]|\(?[dl]p\d|c__builtin__|ccopy_reg|ccollections|cnumpy")
NUMPY = b"\x93NUMPY"
BINARIES: Mapping[bytes, str] = MappingProxyType(
    {
        b"PK": "a zip file or a Keras model",
        b"\x89HDF": "an HDF5 file",
        b"\x1f\x8b": "packed by gzip",
    }
)

WRITE_JSON = (
    "json.dump({name: [float(value) for value in values] for name, values in history.items()}, "
    'open("history.json", "w"))'
)
FROM_PICKLE = (
    'import json, pickle; history = pickle.load(open("{name}", "rb")); '
    f'history = getattr(history, "history", history); {WRITE_JSON}'
)
FROM_NUMPY = 'import json, numpy; history = numpy.load("{name}", allow_pickle=True).item(); ' + WRITE_JSON
"""Lines that can be copied; float() turns the numbers of NumPy into ones that JSON knows."""
LINE_FOLLOWS = " Run this line in Python where the file is: "
"""Stands in a sentence before the line, so that a page can show it as code."""


def read(path: Path) -> History:
    """The first history in a file on disk; RunError as `parse`, or when it cannot be opened."""
    return read_all(path)[0]


def read_all(path: Path) -> tuple[History, ...]:
    """All histories in a file on disk; RunError as `parse_all`, or when it cannot be opened."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise RunError(
            f"{path.parent.name}/{path.name} cannot be opened ({error.strerror}); check its name and rights."
        ) from None
    return parse_all(path.name, data)


def parse(name: str, data: bytes) -> History:
    """The first history in the bytes of a file; RunError as parse_all."""
    return parse_all(name, data)[0]


def parse_all(name: str, data: bytes) -> tuple[History, ...]:
    """All histories in the bytes of a file: a chart that was exported may hold several runs.

    Args:
        name: of the file, for the sentences.
        data: its whole content.

    Raises:
        RunError: it is a pickle, too large, or no history.
    """
    refuse(name, data)
    source = Source(name, data)
    dialect = _dialect(source)
    return _histories(name, dialect.read(source)[:MOST_RUNS], dialect.name)


def from_events(name: str, files: Sequence[bytes]) -> History:
    """One training from its event files: Keras writes training and validation to a file each. RunError as parse."""
    return from_logged(name, tensorboard.of_files(name, files), tensorboard.NAME)


def refuse(name: str, data: bytes) -> None:
    """RunError for what is not even looked into."""
    if not data.strip() or data.strip() in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        raise RunError(f"{name} is empty; {EXPECTED}.")
    if name.lower().endswith(PICKLE_SUFFIXES) or PICKLES.match(data):
        raise RunError(
            f"{name} is a Python pickle. Opening one can run a program hidden in it, so it is refused. Log with "
            "keras.callbacks.CSVLogger, or, if you made the pickle yourself, turn it into JSON."
            f"{LINE_FOLLOWS}{_copied(FROM_PICKLE, name)}"
        )
    if data.startswith(NUMPY):
        raise RunError(
            f"{name} is a NumPy array, which has no names for its columns or is a pickle inside; {EXPECTED}. If you "
            f"made it yourself from a dictionary, turn it into JSON.{LINE_FOLLOWS}{_copied(FROM_NUMPY, name)}"
        )
    if len(data) > MAX_BYTES:
        raise RunError(f"{name} is larger than {MAX_BYTES // 10**6} MB, the most for a history; {EXPECTED}.")
    if data.startswith(b"PK") and b"xl/workbook.xml" in data:
        raise RunError(f"{name} is an Excel workbook; {EXPECTED}. In Excel, choose 'Save as' and then CSV.")
    for start, kind in BINARIES.items():
        if data.startswith(start):
            raise RunError(f"{name} is {kind}, no history; {EXPECTED}.")


def _dialect(source: Source) -> Dialect:
    try:
        found = next((dialect for dialect in DIALECTS if dialect.recognises(source)), None)
    except TableError as error:
        raise RunError(f"{error} In short, {EXPECTED}.") from error
    if found is None and source.start[:1] in ("{", "["):
        raise RunError(f"{source.name} cannot be read as JSON: it is damaged or was cut off; {EXPECTED}.")
    return found or Dialect(plain.NAME, plain.recognises, plain.read, "")


def _histories(name: str, found: Sequence[Logged], dialect: str) -> tuple[History, ...]:
    """What can be drawn; the reason of the first where nothing can."""
    histories, reasons = [], []
    for logged in found:
        try:
            histories.append(from_logged(name, logged, dialect))
        except RunError as error:
            reasons.append(error)
    if not histories:
        raise reasons[0] if reasons else RunError(f"{name} has no epoch in it; {EXPECTED}.")
    return tuple(histories)


def _copied(line: str, name: str) -> str:
    return line.replace("{name}", name.replace("\\", "/").replace('"', ""))
