"""Labels that are probably wrong, by confident learning (Northcutt, Jiang and Chuang, arXiv 1911.00068).

Each class has a threshold: the mean probability of the class among the images that carry its label. An image counts
for the class of its highest probability among those at or above their thresholds; where that is not its label, the
label is suspect. Probabilities must come from networks that never saw the image: `fer out-of-sample`.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets.base import Dataset
from fer_core.errors import DatasetError
from fer_core.text import percent

Probabilities = NDArray[np.float64]

ROW = "row"
FEWEST = 5
"""Images that a class needs for its threshold to mean something."""


@dataclass(frozen=True)
class Suspect:
    """`row` of the dataset, its label, the label that networks give, and both probabilities."""

    row: int
    given: str
    suggested: str
    given_share: float
    suggested_share: float

    @property
    def reason(self) -> str:
        return (
            f"labelled {self.given} ({percent(self.given_share)}), "
            f"networks say {self.suggested} ({percent(self.suggested_share)})"
        )


def find(labels: NDArray[np.int64], probabilities: Probabilities, classes: tuple[str, ...]) -> list[Suspect]:
    """The suspects, most certain first.

    Args:
        labels: (n,), indices into classes.
        probabilities: (n, classes), out of sample; rows of NaN are not judged.
        classes: names of the columns.
    """
    known = ~np.isnan(probabilities).any(axis=1)
    limits = thresholds(labels[known], probabilities[known])
    above = np.where(probabilities >= limits, probabilities, -1.0)
    answers = above.argmax(axis=1)
    wrong = known & (above.max(axis=1) >= 0) & (answers != labels)
    found = [
        Suspect(
            row,
            classes[labels[row]],
            classes[answers[row]],
            float(probabilities[row, labels[row]]),
            float(probabilities[row, answers[row]]),
        )
        for row in np.flatnonzero(wrong).tolist()
    ]
    return sorted(found, key=lambda one: one.given_share - one.suggested_share)


def thresholds(labels: NDArray[np.int64], probabilities: Probabilities) -> NDArray[np.float64]:
    """Mean probability of each class among the images labelled so; 2, which none reaches, without images of it."""
    columns = range(probabilities.shape[1])
    return np.array([_threshold(probabilities[labels == column, column]) for column in columns])


def read(path: Path, dataset: Dataset) -> Probabilities:
    """Out-of-sample probabilities (n, classes) of a dataset's rows; NaN for rows that the file does not have.

    Raises:
        DatasetError: the file is missing, is no such file, or names no image of this dataset.
    """
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            reader = csv.DictReader(stream)
            missing = {ROW, *dataset.classes} - set(reader.fieldnames or ())
            if missing:
                raise DatasetError(
                    f"{path.name} lacks the columns {', '.join(sorted(missing))}; expected row and a probability for "
                    "each class, as `fer out-of-sample` writes them."
                )
            lines = ((int(line[ROW]), *(float(line[name]) for name in dataset.classes)) for line in reader)
            return _by_row(lines, dataset, path)
    except (OSError, TypeError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read as probabilities ({error}).") from error


def reasons(path: Path, dataset: Dataset) -> dict[int, str]:
    """Suspects of a dataset as fer_core.auditing.findings takes them, from a file of probabilities.

    Raises:
        DatasetError: as `read`.
    """
    found = find(dataset.labels, read(path, dataset), dataset.classes)
    return {one.row: one.reason for one in found}


def _threshold(column: NDArray[np.float64]) -> float:
    return float(column.mean()) if len(column) >= FEWEST else 2.0


def _by_row(table: Iterable[tuple[float, ...]], dataset: Dataset, path: Path) -> Probabilities:
    places = {row: place for place, row in enumerate(dataset.file_rows.tolist())}
    probabilities = np.full((len(dataset), len(dataset.classes)), np.nan)
    for row, *shares in table:
        if row in places and np.isfinite(shares).all():
            probabilities[places[int(row)]] = shares
    if np.isnan(probabilities).all():
        raise DatasetError(f"{path.name} names no row of {dataset.path}; it belongs to another dataset.")
    return probabilities
