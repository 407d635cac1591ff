"""Any folder of images whose folders or label files say which expression each shows.

    FOLDER/angry/*.jpg                            one split, 'all'
    FOLDER/train/angry/*.jpg                      train, val (validation), test
    FOLDER/angry/train/*.jpg                      the same
    FOLDER/images_train/3_happy/*.jpg             other words for both
    FOLDER/archive/images/train/angry/...         outer folders are passed through
    FOLDER/train/0/*.jpg                          numbers: a note says whose they were taken for
    FOLDER/labels.csv, FOLDER/images/*.jpg        a label file: any table that names files and labels; so metadata.csv,
                                                  metadata.jsonl, and Roboflow's _classes.csv
    FOLDER/data/train-00000-of-00001.parquet      Hugging Face's Parquet files: pictures and labels

Where a folder and a label file both speak, the folder is believed, and the disagreements are listed. Datasets that tell
more in their file names (FER2013, CK+) have adapters of their own. A class folder is named after an expression in any
usual way: happy, Happiness, 3_happy, Freude.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from fer_core.datasets import label_names, schemes
from fer_core.datasets.base import DOUBTFUL, Problems
from fer_core.datasets.files import OUTSIDE_SCHEME, Entry, Translation, label_of, split_in, split_of
from fer_core.datasets.listing import Listing
from fer_core.datasets.schemes import Codes
from fer_core.datasets.tabular import label_tables
from fer_core.datasets.tabular.label_tables import Given
from fer_core.errors import DatasetError
from fer_core.protocols import ALL
from fer_core.text import printable

KIND = "folder"
OTHER_NAME = "an image in a folder whose name is no expression"
OUTSIDE = "an image outside the class folders, without a label"
DISAGREE = f"{DOUBTFUL}the folder and the label file disagree; the folder is believed"

LOOKED_AT = 50
SHOWN_FOLDERS = 8


class Numbering(NamedTuple):
    """A map from numbers to expressions, and whose it is."""

    title: str
    codes: Codes


NUMBERINGS = (
    Numbering("FER2013", schemes.FER2013),
    Numbering("AffectNet", schemes.AFFECTNET),
    Numbering("RAF-DB", schemes.RAF_DB),
)
"""Tried in turn: the first that knows all numbers that came. RAF-DB's begin at 1."""

NONE: Codes = {}


def recognises(listing: Listing) -> bool:
    return bool(listing.images)


def translate(listing: Listing, problems: Problems) -> Translation:
    """The images of class folders and label files, in the order of their names.

    Raises:
        DatasetError: nothing says what the images show.
    """
    return labelled(listing, problems)


def labelled(listing: Listing, problems: Problems, own: Numbering | None = None) -> Translation:
    """As translate, with a dataset's own numbers where it is known which dataset this is.

    Raises:
        DatasetError: nothing says what the images show.
    """
    rows, notes = label_tables.read(listing, problems, label_tables.found(listing))
    folder_numbers = _folder_numbers(listing.images)
    by_words = any(entry_of(name) for name in listing.images)
    folders = own or (None if by_words else _numbering(folder_numbers))
    cells = own or _numbering(label_tables.numbers(rows))
    by_table = label_tables.matched(rows, listing, cells.codes if cells else NONE, problems) if rows else {}
    codes = folders.codes if folders and folder_numbers and not by_words else NONE
    entries = [entry for name in listing.images if (entry := _entry(name, codes, by_table.get(name), problems))]
    if not entries:
        raise DatasetError(_nothing(listing, rows=bool(rows), problems=problems))
    _list_others(listing.images, {entry.name for entry in entries}, problems)
    if own is None:
        notes += _said("folders", folders) if codes else ()
        notes += _said("label file", cells) if cells and rows else ()
    return Translation(entries, None, notes)


def files_are_named(listing: Listing, pattern: re.Pattern[str]) -> bool:
    """Whether images in class folders, looked at all over the listing, have file names that begin so."""
    some = listing.images[:: max(1, len(listing.images) // LOOKED_AT)]
    names = [name.rpartition("/")[2] for name in some if entry_of(name)]
    return bool(names) and all(map(pattern.match, names))


def entry_of(name: str) -> Entry | None:
    """What a file's folders say: the innermost that names an expression is the class, another may be the split."""
    label, split = _of_folders(name.rpartition("/")[0])
    return Entry(name, label, split) if label else None


@lru_cache(maxsize=4096)
def _of_folders(path: str) -> tuple[str | None, str]:
    folders = path.split("/") if path else []
    for place in range(len(folders) - 1, -1, -1):
        if folders[place].lower() == label_names.UNLABELLED:
            break
        if label := label_of(folders[place]):
            return label, split_in([*folders[:place], *folders[place + 1 :]])
    return None, split_in(folders)


def _entry(name: str, codes: Codes, given: Given | None, problems: Problems) -> Entry | None:
    entry = entry_of(name) or _by_number(name, codes)
    if given is None:
        return entry
    split = given.split or (entry.split if entry else _of_folders(name.rpartition("/")[0])[1])
    if entry is None:
        return Entry(name, given.label, split or ALL, given.person)
    if entry.label != given.label:
        problems.add(f"{name} ({given.place}: {given.label})", DISAGREE)
    return entry._replace(split=entry.split if entry.split != ALL else split or ALL, group=given.person)


def _by_number(name: str, codes: Codes) -> Entry | None:
    folders = name.split("/")[:-1]
    for place in range(len(folders) - 1, -1, -1):
        if folders[place].isdecimal() and int(folders[place]) in codes:
            return Entry(name, codes[int(folders[place])], split_in([*folders[:place], *folders[place + 1 :]]))
    return None


def _folder_numbers(names: Iterable[str]) -> set[int]:
    """Numbers by which folders are called: the innermost folder, or the one above where that is a split."""
    numbers = set()
    for path in {name.rpartition("/")[0] for name in names}:
        folders = [folder for folder in path.split("/") if not split_of(folder)]
        if folders and folders[-1].isdecimal():
            numbers.add(int(folders[-1]))
    return numbers


def _numbering(numbers: set[int]) -> Numbering | None:
    """The map that knows all of the numbers; RAF-DB's where they run from 1 to 7."""
    if not numbers:
        return None
    if min(numbers) == 1 and max(numbers) == len(schemes.RAF_DB):
        return NUMBERINGS[-1]
    return next((one for one in NUMBERINGS if numbers <= set(one.codes)), None)


def _said(what: str, numbering: Numbering | None) -> tuple[str, ...]:
    if numbering is None:
        return ()
    words = ", ".join(f"{number} {label}" for number, label in numbering.codes.items())
    return (
        f"The numbers of the {what} were read as those of {numbering.title}: {words}. Are they another dataset's? "
        "Say which with its kind: --kind fer2013, raf_db, affectnet or expw.",
    )


def _nothing(listing: Listing, *, rows: bool, problems: Problems) -> str:
    """Why no image has a label, and what to do."""
    folders = sorted({name.rpartition("/")[0] for name in listing.images} - {""})
    if rows:
        most = problems.counts.most_common(1)
        why = f" ({most[0][1]:,} times: {most[0][0]})" if most else ""
        return f"The label files in {listing.root} label none of its {len(listing.images):,} images{why}."
    names = list(
        dict.fromkeys(folder.rpartition("/")[2] for folder in folders if not split_of(folder.rpartition("/")[2]))
    )
    if names and all(name.isdecimal() for name in names):
        return (
            f"The folders in {listing.root} are called by numbers that no dataset has: "
            f"{', '.join(names[:SHOWN_FOLDERS])}. Expected 0 to 6 (FER2013), 0 to 7 (AffectNet) or 1 to 7 (RAF-DB)."
        )
    hints = [_hint(name) for name in names if label_names.nearest(name)]
    came = ", ".join(map(printable, folders[:5])) or "images alone"
    return (
        f"No folder in {listing.root} is named after an expression (came {came}). {' '.join(hints[:SHOWN_FOLDERS])} "
        "Expected class folders such as angry, happy, neutral, within train and test where there are splits, or a CSV "
        "with the columns file and label."
    ).replace("  ", " ")


def _hint(folder: str) -> str:
    near = label_names.nearest(folder)
    return f"'{printable(folder)}': did you mean '{near}'?" if near else ""


def _list_others(names: list[str], labelled_names: set[str], problems: Problems) -> None:
    """Images without a label, by folder."""
    others = Counter(name.rpartition("/")[0] for name in names if name not in labelled_names)
    for folder, count in others.items():
        own = folder.rpartition("/")[2]
        if not own or split_of(own) or own.lower() == label_names.UNLABELLED:
            problems.add(f"{folder or 'beside the folders'} ({count:,} files)", OUTSIDE, count)
        elif own.isdecimal():
            problems.add(f"{folder}/ ({count:,} files)", OUTSIDE_SCHEME, count)
        else:
            problems.add(f"{folder}/ ({count:,} files) {_hint(own)}".strip(), OTHER_NAME, count)
