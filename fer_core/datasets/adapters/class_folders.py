"""Any folder of class folders, and the datasets that come as such and tell more in their file names.

    FOLDER/angry/*.jpg                            one split, 'all'
    FOLDER/train/angry/*.jpg                      train, val (validation), test
    FOLDER/archive/images/train/angry/...         outer folders are passed through
    FOLDER/test/angry/PrivateTest_10131363.jpg    FER2013: the name tells the official split
    FOLDER/anger/S010_004_00000017.png            CK+ at 48x48: the name tells the person

A class folder is named after an expression in any usual way: happy, Happiness, 3_happy.
"""

import re
from collections import Counter
from collections.abc import Callable

from fer_core.datasets.adapters import ck_plus
from fer_core.datasets.base import ALL, Problems
from fer_core.datasets.files import Entry, Translation, label_of, numbered, split_above, split_of
from fer_core.datasets.listing import Listing
from fer_core.datasets.schemes import FER2013
from fer_core.errors import DatasetError
from fer_core.labels import SEVEN

KIND = "folder"
OTHER_NAME = "a folder whose name is no expression: its images are left out"
OUTSIDE = "images outside the class folders"

OFFICIAL = re.compile(r"(Training|PublicTest|PrivateTest)_\d+\.\w+$")
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
    some = [entry.name.rpartition("/")[2] for entry in plain[:: max(1, len(plain) // LOOKED_AT)]]
    for pattern, finish in DIALECTS:
        if all(pattern.match(name) for name in some):
            return finish(plain)
    return Translation(plain)


def translate_fer2013(listing: Listing, problems: Problems) -> Translation:
    """As translate, when the user says that it is FER2013; without its own file names the folders tell the split."""
    if any(entry_of(name) for name in listing.images):
        return translate(listing, problems)._replace(kind="fer2013", classes=SEVEN)
    return _as_fer2013(numbered(listing.images, FER2013, problems))


def entry_of(name: str) -> Entry | None:
    """What a file's folders say: the innermost is the class, one above it may be the split."""
    *folders, _ = name.split("/")
    label = label_of(folders[-1]) if folders else None
    if label is None:
        return None
    return Entry(name, label, split_above(name))


def _as_fer2013(entries: list[Entry]) -> Translation:
    split = {word: split_of(word) or ALL for word in ("Training", "PublicTest", "PrivateTest")}
    words = [OFFICIAL.search(entry.name) for entry in entries]
    named = [
        entry._replace(split=split[word[1]]) if word else entry for entry, word in zip(entries, words, strict=True)
    ]
    return Translation(named, SEVEN, "fer2013")


DIALECTS: tuple[tuple[re.Pattern[str], Callable[[list[Entry]], Translation]], ...] = (
    (OFFICIAL, _as_fer2013),
    (ck_plus.FRAME, ck_plus.by_person),
)
"""Datasets that come as class folders, told by the names of their files."""


def _list_others(names: list[str], problems: Problems) -> None:
    folders = Counter(name.rpartition("/")[0] for name in names)
    for folder, count in folders.items():
        if not folder:
            problems.add(f"{count} files beside the folders", OUTSIDE)
        elif label_of(folder.rpartition("/")[2]) is None:
            problems.add(f"{folder}/ ({count} files)", OTHER_NAME)
