"""Reads history.csv of a run: one row per epoch, in the columns of Keras' CSVLogger. `run_folder` writes it."""

import csv
from pathlib import Path

FILE = "history.csv"


def rows(folder: Path) -> list[dict[str, str]]:
    """The finished epochs of a run or of a released network; none where there is no file yet."""
    if not (folder / FILE).is_file():
        return []
    with (folder / FILE).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
