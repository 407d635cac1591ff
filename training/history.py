"""history.csv of a run: one row per epoch, in the columns of Keras' CSVLogger."""

import csv
from collections.abc import Mapping
from pathlib import Path

from fer_core import text

FILE = "history.csv"


def rows(folder: Path) -> list[dict[str, str]]:
    """The finished epochs of a run or of a released network; none where there is no file yet."""
    if not (folder / FILE).is_file():
        return []
    with (folder / FILE).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def append(folder: Path, row: Mapping[str, float]) -> None:
    """Add an epoch; the first one also writes the heading."""
    heading, line = text.to_csv([row], places=None).splitlines()
    lines = [line] if (folder / FILE).is_file() else [heading, line]
    with (folder / FILE).open("a", encoding="utf-8", newline="") as stream:
        stream.write("".join(f"{one}\n" for one in lines))
