"""FER2013 and its re-annotation FER+, from the files people have.

    FOLDER/fer2013.csv        (or .csv.gz, or icml_face_data.csv): emotion, pixels, Usage
    FOLDER/fer2013new.csv     FER+ votes, row for row (microsoft/FERPlus), optional

Papers: arXiv 1307.0414 (FER2013), arXiv 1608.01041 (FER+).
"""

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets import cache
from fer_core.errors import DatasetError
from fer_core.labels import FERPLUS_VOTES, SEVEN

SIDE = 48
SPLITS = {"Training": "train", "PublicTest": "public_test", "PrivateTest": "private_test"}
FILES = ("fer2013.csv", "fer2013.csv.gz", "icml_face_data.csv")
VOTES_FILE = "fer2013new.csv"


@dataclass(frozen=True, eq=False)
class Fer2013:
    """All rows in file order.

    Attributes:
        images: uint8 (n, 48, 48), gray 0..255.
        labels: int64 (n,), indices into labels.SEVEN.
        splits: str (n,), train, public_test or private_test.
        votes: int64 (n, 10), FER+ votes in the order of labels.FERPLUS_VOTES, or None when the file is not there.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    splits: NDArray[np.str_]
    votes: NDArray[np.int64] | None

    def rows(self, split: str) -> NDArray[np.intp]:
        """Row numbers of one split.

        Raises:
            DatasetError: no row is of that split.
        """
        found = np.flatnonzero(self.splits == split)
        if not found.size:
            raise DatasetError(f"No image is of the split '{split}'; here are {', '.join(np.unique(self.splits))}.")
        return found


def load(path: Path | str) -> Fer2013:
    """Read the CSV (or the folder that holds it), from the cache when it was read before.

    Raises:
        DatasetError: the file is missing, or is not FER2013.
    """
    file = find(Path(path))
    name = f"fer2013-{cache.key(file)}"
    stored = cache.read(name)
    if stored is None:
        stored = _parse(file)
        cache.write(name, stored)
    votes_file = file.with_name(VOTES_FILE)
    votes = read_votes(votes_file, len(stored["labels"])) if votes_file.is_file() else None
    return Fer2013(
        images=stored["images"].astype(np.uint8, copy=False),
        labels=stored["labels"].astype(np.int64, copy=False),
        splits=stored["splits"].astype(np.str_, copy=False),
        votes=votes,
    )


def find(path: Path) -> Path:
    """The FER2013 file at a path or in a folder.

    Raises:
        DatasetError: there is none.
    """
    if path.is_file():
        return path
    for name in FILES:
        if (path / name).is_file():
            return path / name
    raise DatasetError(
        f"FER2013 was not found at {path}. Expected {' or '.join(FILES)}. "
        "Get it from the Kaggle competition 'Challenges in Representation Learning: Facial Expression Recognition' "
        "(research use) and give its path."
    )


def read_votes(path: Path, rows: int) -> NDArray[np.int64]:
    """FER+ votes (rows, 10), in the order of labels.FERPLUS_VOTES.

    Raises:
        DatasetError: columns are missing, or the file does not go with these images row for row.
    """
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        missing = set(FERPLUS_VOTES) - set(reader.fieldnames or ())
        if missing:
            raise DatasetError(f"{path.name} lacks the columns {', '.join(sorted(missing))}; expected FER+ votes.")
        votes = np.array([[int(row[column]) for column in FERPLUS_VOTES] for row in reader], np.int64)
    if len(votes) != rows:
        raise DatasetError(f"{path.name} has {len(votes):,} rows and the images {rows:,}; they belong row to row.")
    return votes


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _parse(path: Path) -> cache.Arrays:
    images, labels, splits = [], [], []
    with _open(path) as stream:
        for emotion, pixels, usage in _rows(stream, path):
            images.append(pixels)
            labels.append(emotion)
            splits.append(usage)
    if not images:
        raise DatasetError(f"{path.name} has a heading and no images.")
    return {
        "images": np.stack(images).reshape(-1, SIDE, SIDE),
        "labels": np.array(labels, np.int64),
        "splits": np.array(splits, np.str_),
    }


def _rows(stream: TextIO, path: Path) -> Iterator[tuple[int, NDArray[np.uint8], str]]:
    csv.field_size_limit(1 << 20)
    reader = csv.DictReader(stream, skipinitialspace=True)
    reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
    if missing := {"emotion", "pixels", "Usage"} - set(reader.fieldnames):
        raise DatasetError(
            f"{path.name} lacks the columns {', '.join(sorted(missing))}; expected emotion, pixels, Usage. "
            "Is it another dataset's file?"
        )
    for number, row in enumerate(reader, start=2):
        yield _row(row, f"{path.name}, line {number}")


def _row(row: dict[str, str], place: str) -> tuple[int, NDArray[np.uint8], str]:
    try:
        emotion, pixels = int(row["emotion"]), np.array(row["pixels"].split(), np.uint8)
    except (TypeError, ValueError, OverflowError) as error:
        raise DatasetError(f"{place}: expected a class number and pixels of 0 to 255 ({error}).") from error
    if not 0 <= emotion < len(SEVEN) or row["Usage"] not in SPLITS or pixels.size != SIDE * SIDE:
        raise DatasetError(
            f"{place}: came class {emotion}, {pixels.size} pixels, usage '{row['Usage']}'; "
            f"expected class 0 to {len(SEVEN) - 1}, {SIDE * SIDE} pixels, usage {', '.join(SPLITS)}."
        )
    return emotion, pixels, SPLITS[row["Usage"]]
