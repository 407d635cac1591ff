"""FER2013 and its re-annotation FER+, from the files people have.

    FOLDER/fer2013.csv        (or .csv.gz, icml_face_data.csv, any other name): emotion, pixels, Usage
    FOLDER/train.csv          the competition's: emotion, pixels
    FOLDER/fer2013new.csv     FER+ votes, row for row (microsoft/FERPlus), optional

    FOLDER/test/angry/PrivateTest_10131363.jpg    as Kaggle has it: the name tells the official split
    FOLDER/test/0/1.jpg                           class folders by number, when named as this kind

FER+ are the same images with the majority of ten annotators as labels. Papers: arXiv 1307.0414 (FER2013), arXiv
1608.01041 (FER+).
"""

import dataclasses
import re
from pathlib import Path

from fer_core.datasets import votes
from fer_core.datasets.adapters import class_folders
from fer_core.datasets.base import DOUBTFUL, ImageTable, Problems, Progress
from fer_core.datasets.files import Entry, Translation, split_of, within
from fer_core.datasets.listing import Listing
from fer_core.datasets.schemes import FER2013
from fer_core.datasets.tabular import pixel_table
from fer_core.errors import DatasetError
from fer_core.labels import SEVEN
from fer_core.protocols import ALL

KIND = "fer2013"
FERPLUS = votes.FERPLUS
FILES = ("fer2013.csv", "fer2013.csv.gz", "icml_face_data.csv")
OFFICIAL = re.compile(r"(Training|PublicTest|PrivateTest)_\d+\.\w+$")
NO_VOTES = f"{DOUBTFUL}votes that cannot be joined to the images, and are left out"


def recognises_table(path: Path) -> bool:
    if path.is_dir():
        return any((path / name).is_file() for name in FILES)
    return path.is_file() and path.name.lower().endswith(pixel_table.SUFFIXES)


def read_table(path: Path, progress: Progress | None = None) -> ImageTable:
    """FER2013's own labels; votes come along when their file lies beside.

    Raises:
        DatasetError: the file is missing or another dataset's.
    """
    file = find(path)
    table = pixel_table.read(file, progress)
    try:
        beside = votes.votes_beside(file, table.count)
    except DatasetError as error:
        table.problems.add(str(error), NO_VOTES)
        beside = None
    data = pixel_table.dataset(KIND, path, table, FER2013, SEVEN)
    return data if beside is None else dataclasses.replace(data, votes=beside[data.file_rows])


def read_ferplus(path: Path, progress: Progress | None = None) -> ImageTable:
    """The same images with the majority of FER+'s annotators as labels.

    Raises:
        DatasetError: as read_table, or the votes are not there.
    """
    return votes.by_majority(read_table(path, progress))


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


def recognises(listing: Listing) -> bool:
    return class_folders.files_are_named(listing, OFFICIAL)


def translate(listing: Listing, problems: Problems) -> Translation:
    """The images of class folders. Where the files are not named after the official splits, the folders tell them."""
    made = class_folders.labelled(listing, problems, class_folders.Numbering("FER2013", FER2013))
    entries = [_official(entry) for entry in within(made.entries, SEVEN, problems)]
    return Translation(entries, SEVEN, made.notes)


def _official(entry: Entry) -> Entry:
    word = OFFICIAL.search(entry.name)
    return entry._replace(split=split_of(word[1]) or ALL) if word else entry
