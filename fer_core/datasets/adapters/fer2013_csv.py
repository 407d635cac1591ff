"""FER2013 and FER+ as datasets: fer2013.csv, .csv.gz or icml_face_data.csv, with the votes beside (see fer2013)."""

import dataclasses
from pathlib import Path

import numpy as np

from fer_core.datasets import pixel_table
from fer_core.datasets.adapters import fer2013
from fer_core.datasets.base import ImageTable, Problems, Progress
from fer_core.datasets.schemes import FER2013
from fer_core.datasets.votes import VOTES_FILE, top_votes, votes_beside
from fer_core.errors import DatasetError
from fer_core.labels import EIGHT, SEVEN

KIND = "fer2013"
FERPLUS = "ferplus"
NO_MAJORITY = "FER+ votes without a majority for one expression"
NO_VOTES = "votes that cannot be joined to the images, and are left out"


def recognises(path: Path) -> bool:
    if path.is_dir():
        return any((path / name).is_file() for name in fer2013.FILES)
    return path.is_file() and path.name.lower().endswith((".csv", ".csv.gz"))


def read(path: Path, progress: Progress | None = None) -> ImageTable:
    """FER2013's own labels; votes come along when their file lies beside.

    Raises:
        DatasetError: the file is missing or another dataset's.
    """
    file = fer2013.find(path)
    table = pixel_table.read(file, progress)
    try:
        votes = votes_beside(file, table.count)
    except DatasetError as error:
        table.problems.add(str(error), NO_VOTES)
        votes = None
    data = pixel_table.dataset(KIND, path, table, FER2013, SEVEN)
    return data if votes is None else dataclasses.replace(data, votes=votes[data.file_rows])


def read_ferplus(path: Path, progress: Progress | None = None) -> ImageTable:
    """The same images with the majority of FER+'s annotators as labels.

    Raises:
        DatasetError: as read, or the votes are not there.
    """
    file = fer2013.find(path)
    table = pixel_table.read(file, progress)
    data = pixel_table.dataset(FERPLUS, path, table, FER2013, SEVEN)
    votes = votes_beside(file, table.count)
    if votes is None:
        raise DatasetError(
            f"FER+ needs {VOTES_FILE} (github.com/microsoft/FERPlus) beside the images; {path} has none."
        )
    votes = votes[data.file_rows]
    labels = top_votes(votes)
    kept = np.flatnonzero(labels >= 0)
    problems = Problems()
    for row in data.file_rows[labels < 0].tolist():
        problems.add(f"row {row}", NO_MAJORITY)
    return dataclasses.replace(
        data,
        classes=EIGHT,
        pixels=data.pixels[kept],
        labels=labels[kept],
        splits=data.splits[kept],
        sizes=data.sizes[kept],
        file_rows=data.file_rows[kept],
        votes=votes[kept],
        problems=(*data.problems, *problems.listed),
        problem_counts=dict(data.problem_counts) | dict(problems.counts),
    )
