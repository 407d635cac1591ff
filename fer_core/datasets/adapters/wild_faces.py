"""wild_faces: whole photos of one face each, press photos and film stills (muxspace/facial_expressions).

    FOLDER/images/p000406ed_001.jpg
    FOLDER/labels.csv                    image,person,label: p000406ed_001.jpg,p000406ed,neutral

The dataset has no official split. The person decides it here, so that nobody stands in two parts: a hash of the
person's code gives a number from 0 to 99; below 70 is train, below 85 val, the rest test. SALT was chosen by the
class counts alone, so that the rare expressions, most of them of a few actors, fall into all three parts.
"""

import csv
import hashlib
from collections.abc import Iterator

from fer_core.datasets.base import Problems
from fer_core.datasets.files import BY_NAME, MISSING, NOT_A_LINE, OUTSIDE_SCHEME, Entry, Translation
from fer_core.datasets.listing import Listing
from fer_core.labels import EIGHT, canonical

KIND = "wild_faces"
TABLE = "labels.csv"
COLUMNS = ("image", "person", "label")
SALT = "376"
PARTS = ((70, "train"), (85, "val"), (100, "test"))


def recognises(listing: Listing) -> bool:
    return _table(listing) is not None


def translate(listing: Listing, problems: Problems) -> Translation:
    """One row per photo, in the order of the file names."""
    return Translation(sorted(_entries(listing, problems), key=BY_NAME), EIGHT, photos=True)


def split_of(person: str) -> str:
    """The part in which all photos of a person stand."""
    number = int.from_bytes(hashlib.sha256(f"{SALT}/{person}".encode()).digest()[:4], "big") % 100
    return next(name for end, name in PARTS if number < end)


def _table(listing: Listing) -> str | None:
    name = listing.find(TABLE)
    heading = ",".join(COLUMNS)
    return name if name and listing.text(name).startswith(heading) else None


def _entries(listing: Listing, problems: Problems) -> Iterator[Entry]:
    table = _table(listing)
    if table is None:
        return
    files = {name.rpartition("/")[2]: name for name in listing.images}
    reader = csv.DictReader(listing.text(table).splitlines())
    for row in reader:
        place = f"{table}, line {reader.line_num}"
        image, person, label = (row[column] for column in COLUMNS)
        if not image or not person or not label:
            problems.add(place, NOT_A_LINE)
        elif image not in files:
            problems.add(place, MISSING)
        elif (expression := canonical(label)) is None:
            problems.add(f"{place} (came {label})", OUTSIDE_SCHEME)
        else:
            yield Entry(files[image], expression, split_of(person), group=person)
