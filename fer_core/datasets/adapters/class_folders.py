"""Any folder of class folders.

    FOLDER/angry/*.jpg                            one split, 'all'
    FOLDER/train/angry/*.jpg                      train, val (validation), test
    FOLDER/archive/images/train/angry/...         outer folders are passed through

Datasets that come as class folders and tell more in their file names (FER2013, CK+) have adapters of their own.
A class folder is named after an expression in any usual way: happy, Happiness, 3_happy.
"""

import re
from collections import Counter

from fer_core.datasets.base import Problems
from fer_core.datasets.files import Entry, Translation, label_of, split_above
from fer_core.datasets.listing import Listing
from fer_core.errors import DatasetError

KIND = "folder"
OTHER_NAME = "a folder whose name is no expression: its images are left out"
OUTSIDE = "images outside the class folders"

LOOKED_AT = 50


def recognises(listing: Listing) -> bool:
    return bool(listing.images)


def translate(listing: Listing, problems: Problems) -> Translation:
    """The images of all class folders, in the order of their names.

    Raises:
        DatasetError: there is no class folder.
    """
    plain = [entry for name in listing.images if (entry := entry_of(name))]
    if not plain:
        folders = sorted({name.rpartition("/")[0] for name in listing.images} - {""}) or ["images alone"]
        if all(folder.rpartition("/")[2].isdecimal() for folder in folders):
            raise DatasetError(
                f"The class folders in {listing.root} are called by numbers, and datasets number differently. "
                "Say whose numbers they are: open it as the kind fer2013, raf_db, affectnet or expw."
            )
        raise DatasetError(
            f"No folder in {listing.root} is named after an expression (came {', '.join(folders[:5])}). "
            "Expected class folders such as angry, happy, neutral, within train and test where there are splits."
        )
    _list_others(listing.images, problems)
    return Translation(plain)


def files_are_named(listing: Listing, pattern: re.Pattern[str]) -> bool:
    """Whether images in class folders, looked at all over the listing, have file names that begin so."""
    some = listing.images[:: max(1, len(listing.images) // LOOKED_AT)]
    names = [name.rpartition("/")[2] for name in some if entry_of(name)]
    return bool(names) and all(map(pattern.match, names))


def entry_of(name: str) -> Entry | None:
    """What a file's folders say: the innermost is the class, one above it may be the split."""
    *folders, _ = name.split("/")
    label = label_of(folders[-1]) if folders else None
    if label is None:
        return None
    return Entry(name, label, split_above(name))


def _list_others(names: list[str], problems: Problems) -> None:
    folders = Counter(name.rpartition("/")[0] for name in names)
    for folder, count in folders.items():
        if not folder:
            problems.add(f"{count} files beside the folders", OUTSIDE)
        elif label_of(folder.rpartition("/")[2]) is None:
            problems.add(f"{folder}/ ({count} files)", OTHER_NAME)
