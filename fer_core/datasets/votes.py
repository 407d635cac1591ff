"""FER+: ten annotators' votes for each image of FER2013 (Barsoum et al., 2016, arXiv 1608.01041)."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets import cache
from fer_core.errors import DatasetError
from fer_core.labels import EIGHT, FERPLUS_VOTES, canonical

VOTES_FILE = "fer2013new.csv"
"""As it is called in microsoft/FERPlus; it goes with fer2013.csv row for row."""


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
