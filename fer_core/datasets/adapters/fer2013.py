"""FER2013 and its re-annotation FER+, from the files people have.

    FOLDER/fer2013.csv        (or .csv.gz, or icml_face_data.csv): emotion, pixels, Usage
    FOLDER/fer2013new.csv     FER+ votes, row for row (microsoft/FERPlus), optional

Papers: arXiv 1307.0414 (FER2013), arXiv 1608.01041 (FER+).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets import pixel_table
from fer_core.datasets.votes import votes_beside
from fer_core.errors import DatasetError
from fer_core.labels import SEVEN

FILES = ("fer2013.csv", "fer2013.csv.gz", "icml_face_data.csv")


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
        DatasetError: the file is missing, is not FER2013, or one of its rows cannot be read.
    """
    file = find(Path(path))
    table = pixel_table.read(file)
    if table.problems.listed:
        first = table.problems.listed[0]
        raise DatasetError(f"{file.name}, {first.place}: {first.reason}.")
    wrong = np.flatnonzero((table.codes < 0) | (table.codes >= len(SEVEN)))
    if wrong.size:
        row = int(wrong[0])
        raise DatasetError(f"{file.name}, row {row}: came class {table.codes[row]}; expected 0 to {len(SEVEN) - 1}.")
    return Fer2013(
        images=table.images,
        labels=table.codes,
        splits=np.array(pixel_table.SPLIT_NAMES)[table.splits],
        votes=votes_beside(file, table.count),
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
