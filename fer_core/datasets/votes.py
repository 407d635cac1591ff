"""FER+: ten annotators' votes for each image of FER2013 (Barsoum et al., 2016, arXiv 1608.01041)."""

import csv
import dataclasses
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets.base import Dataset, Problems
from fer_core.datasets.store import cache
from fer_core.errors import DatasetError
from fer_core.labels import EIGHT, FERPLUS_VOTES, canonical

FERPLUS = "ferplus"
"""The kind of a dataset whose labels are the majority of its votes."""

NO_MAJORITY = "FER+ votes without a majority for one expression"
VOTES_FILE = "fer2013new.csv"
"""As it is called in microsoft/FERPlus; it goes with fer2013.csv row for row."""


Voted = TypeVar("Voted", bound=Dataset)


def by_majority(data: Voted) -> Voted:
    """The images of a dataset under the majority of its FER+ votes; images without a majority are left out.

    Raises:
        DatasetError: it has no votes, or no image has a majority.
    """
    if data.votes is None:
        reasons = [problem.place for problem in data.problems if VOTES_FILE in problem.place]
        raise DatasetError(
            f"FER+ needs {VOTES_FILE} (github.com/microsoft/FERPlus) beside the images; {data.path} has none"
            f"{' that can be read: ' + reasons[0] if reasons else '.'}"
        )
    labels = top_votes(data.votes)
    problems = Problems()
    for row in np.flatnonzero(labels < 0).tolist():
        problems.add(data.name_of(row), NO_MAJORITY)
    kept = data.take(np.flatnonzero(labels >= 0))
    if not len(kept):
        raise DatasetError(f"No image of {data.path} has a majority among its FER+ votes.")
    return dataclasses.replace(
        kept,
        kind=FERPLUS,
        classes=EIGHT,
        labels=labels[labels >= 0],
        problems=(*data.problems, *problems.listed),
        problem_counts=dict(data.problem_counts) | dict(problems.counts),
    )


def top_votes(votes: NDArray[np.int64]) -> NDArray[np.int64]:
    """FER+'s majority label.

    Args:
        votes: (n, 10) in the order of labels.FERPLUS_VOTES.

    Returns:
        (n,), indices into labels.EIGHT; -1 where two expressions share the top, or where 'unknown' or 'not a face'
        has as many votes as the top expression or more.
    """
    names = [canonical(column) for column in FERPLUS_VOTES]
    expressions = votes[:, [names.index(label) for label in EIGHT]]
    others = votes[:, [column for column, name in enumerate(names) if name is None]]
    top = expressions.max(axis=1)
    alone = (expressions == top[:, np.newaxis]).sum(axis=1) == 1
    return np.where(alone & (others.max(axis=1) < top), expressions.argmax(axis=1), -1)


def votes_beside(file: Path, rows: int) -> NDArray[np.int64] | None:
    """FER+ votes from the same folder, or None when they are not there.

    Raises:
        DatasetError: as read_votes.
    """
    votes = file.with_name(VOTES_FILE)
    return read_votes(votes, rows) if votes.is_file() else None


def read_votes(path: Path, rows: int) -> NDArray[np.int64]:
    """FER+ votes (rows, 10), in the order of labels.FERPLUS_VOTES, from the cache when they were read before.

    Raises:
        DatasetError: columns are missing, or the file does not go with these images row for row.
    """
    name = f"votes-{cache.key(path)}"
    stored = cache.read_array(name)
    votes = _parse_votes(path) if stored is None else stored.astype(np.int64, copy=False)
    if stored is None:
        cache.write_array(name, votes)
    if len(votes) != rows:
        raise DatasetError(f"{path.name} has {len(votes):,} rows and the images {rows:,}; they belong row to row.")
    return votes


def _parse_votes(path: Path) -> NDArray[np.int64]:
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as stream:
        reader = csv.DictReader(stream)
        missing = set(FERPLUS_VOTES) - set(reader.fieldnames or ())
        if missing:
            raise DatasetError(f"{path.name} lacks the columns {', '.join(sorted(missing))}; expected FER+ votes.")
        try:
            votes = [[int(row[column]) for column in FERPLUS_VOTES] for row in reader]
            return np.array(votes, np.int64).reshape(-1, len(FERPLUS_VOTES))
        except (TypeError, ValueError, OverflowError, csv.Error) as error:
            raise DatasetError(f"{path.name}, line {reader.line_num}: expected numbers of votes ({error}).") from error
