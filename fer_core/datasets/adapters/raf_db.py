"""RAF-DB, basic subset (Li, Deng, Du: CVPR 2017): 15,339 aligned faces of 100 x 100 pixels.

    FOLDER/basic/Image/aligned/train_00001_aligned.jpg      as the authors give it
    FOLDER/basic/EmoLabel/list_patition_label.txt           train_00001.jpg 5       (their spelling)

    FOLDER/DATASET/train/5/train_00001_aligned.jpg          as it goes around on Kaggle
    FOLDER/train_labels.csv, test_labels.csv                image,label             (optional, checked against)

    FOLDER/train/train_00001_aligned.jpg                    flat, with the same two tables

Labels: 1 surprise, 2 fear, 3 disgust, 4 happiness, 5 sadness, 6 anger, 7 neutral. Without aligned images the original
photos are taken, whole.
"""

import re

from fer_core.datasets.adapters import class_folders
from fer_core.datasets.base import Problems
from fer_core.datasets.files import BY_NAME, MISSING, NOT_A_LINE, OUTSIDE_SCHEME, Entry, Translation, within
from fer_core.datasets.listing import Listing
from fer_core.datasets.schemes import RAF_DB
from fer_core.labels import SEVEN
from fer_core.protocols import ALL

KIND = "raf_db"
LIST = ("list_patition_label.txt", "list_partition_label.txt")
TABLES = ("train_labels.csv", "test_labels.csv")
FILE = re.compile(r"(train|test)_\d+(?=(_aligned)?\.\w+$)")
NUMBERED = re.compile(r"(^|/)\d+/[^/]+$")


def recognises(listing: Listing) -> bool:
    return listing.find(*LIST) is not None or _is_named(listing, flat=listing.find(*TABLES) is not None)


def translate(listing: Listing, problems: Problems) -> Translation:
    """The images that the label list, or else the numbered folders, give a class."""
    labels = listing.find(*LIST)
    if labels:
        return Translation(sorted(_listed(listing, labels, problems), key=BY_NAME), SEVEN)
    made = class_folders.labelled(listing, problems, class_folders.Numbering("RAF-DB", RAF_DB))
    entries = [_own_split(entry) for entry in within(made.entries, SEVEN, problems)]
    return Translation(entries, SEVEN, made.notes)


def _is_named(listing: Listing, *, flat: bool) -> bool:
    """Some images, looked at all over the listing, are named as RAF-DB names them, and lie in numbered folders.

    `flat`: or anywhere, where label tables lie beside.
    """
    some = listing.images[:: max(1, len(listing.images) // 50)]
    return bool(some) and all(FILE.search(name) and (flat or NUMBERED.search(name)) for name in some)


def _listed(listing: Listing, labels: str, problems: Problems) -> list[Entry]:
    files = _by_stem(listing.images)
    entries = []
    for number, line in enumerate(listing.text(labels).splitlines(), start=1):
        words = line.split()
        place = f"{labels}, line {number}"
        stem = FILE.match(words[0]) if len(words) == 2 else None
        if not words:
            continue
        if stem is None or not words[1].isdecimal():
            problems.add(place, NOT_A_LINE)
        elif int(words[1]) not in RAF_DB:
            problems.add(f"{place} (came {words[1]})", OUTSIDE_SCHEME)
        elif stem[0] not in files:
            problems.add(f"{place} ({words[0]})", MISSING)
        else:
            entries.append(Entry(files[stem[0]], RAF_DB[int(words[1])], stem[1]))
    return entries


def _by_stem(images: list[str]) -> dict[str, str]:
    """Files by 'train_00001'; where both are there, the aligned one."""
    found: dict[str, str] = {}
    for name in images:
        stem = FILE.search(name)
        if stem and (stem[0] not in found or stem[2]):
            found[stem[0]] = name
    return found


def _own_split(entry: Entry) -> Entry:
    """The file's name tells the split where the folders do not."""
    found = FILE.search(entry.name)
    return entry._replace(split=found[1]) if entry.split == ALL and found else entry
