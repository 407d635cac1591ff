"""FER2013 and FER+ as datasets: fer2013.csv, .csv.gz or icml_face_data.csv, with the votes beside (see fer2013)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets import fer2013
from fer_core.datasets.base import ImageTable, Problems, Progress
from fer_core.errors import DatasetError
from fer_core.labels import EIGHT, SEVEN

KIND = "fer2013"
FERPLUS = "ferplus"
SPLIT_NAMES = ("train", "public_test", "private_test")
NO_MAJORITY = "FER+ votes without a majority for one expression"


def recognises(path: Path) -> bool:
    if path.is_dir():
        return any((path / name).is_file() for name in fer2013.FILES)
    return path.name.lower().endswith((".csv", ".csv.gz")) and path.is_file()


def read(path: Path, progress: Progress | None = None) -> ImageTable:
    """FER2013's own labels; votes come along when their file lies beside.

    Raises:
        DatasetError: the file is missing or another dataset's.
    """
    data = fer2013.load(path)
    _ = progress
    return _table(KIND, path, data, data.labels, SEVEN)


def read_ferplus(path: Path, progress: Progress | None = None) -> ImageTable:
    """The same images with the majority of FER+'s annotators as labels.

    Raises:
        DatasetError: as read, or the votes are not there.
    """
    from fer_core.evaluation import top_votes

    data = fer2013.load(path)
    _ = progress
    if data.votes is None:
        raise DatasetError(
            f"FER+ needs {fer2013.VOTES_FILE} (github.com/microsoft/FERPlus) beside the images; {path} has none."
        )
    return _table(FERPLUS, path, data, top_votes(data.votes), EIGHT)


def _table(
    kind: str, path: Path, data: fer2013.Fer2013, labels: NDArray[np.int64], classes: tuple[str, ...]
) -> ImageTable:
    problems = Problems()
    kept = np.flatnonzero(labels >= 0)
    for row in np.flatnonzero(labels < 0).tolist():
        problems.add(f"row {row}", NO_MAJORITY)
    splits = np.zeros(len(labels), np.int8)
    for place, split in enumerate(SPLIT_NAMES):
        splits[data.splits == split] = place
    whole = len(kept) == len(labels)
    return ImageTable(
        kind=kind,
        path=path,
        classes=classes,
        split_names=SPLIT_NAMES,
        pixels=data.images if whole else data.images[kept],
        labels=labels[kept],
        splits=splits[kept],
        sizes=np.full((len(kept), 2), fer2013.SIDE, np.int32),
        file_rows=kept.astype(np.int64),
        votes=None if data.votes is None else data.votes[kept],
        problems=tuple(problems.listed),
        problem_counts=dict(problems.counts),
    )
