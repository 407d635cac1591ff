"""FER+ as pictures: FER2013's faces as PNG files, with the votes of ten annotators each (arXiv 1608.01041).

    FOLDER/data/FER2013Train/fer0000000.png, label.csv      as microsoft/FERPlus writes them: no heading,
    FOLDER/data/FER2013Valid/...                            fer0000000.png,"(0, 0, 48, 48)",4,0,0,1,3,2,0,0,0,0
    FOLDER/data/FER2013Test/...

    FOLDER/fer2013new.csv, FOLDER/.../fer0000000.png        one table for all: Usage, Image name, votes

Train is FER2013's training split, Valid its public test, Test its private test. The label is the majority of the votes;
images without one are left out. The CSV of pixels with votes beside is read by the adapter fer2013.
"""

import re
from collections.abc import Iterator

import numpy as np

from fer_core import tables
from fer_core.datasets.base import Problems
from fer_core.datasets.files import BY_NAME, MISSING, NOT_A_LINE, Entry, Translation, split_of
from fer_core.datasets.listing import Listing
from fer_core.datasets.photo_names import PhotoNames
from fer_core.datasets.votes import NO_MAJORITY, VOTES_FILE, top_votes
from fer_core.errors import TableError
from fer_core.labels import EIGHT, FERPLUS_VOTES
from fer_core.protocols import ALL

FOLDER = re.compile(r"(^|/)fer2013(train|valid|test)/[^/]+\.csv$", re.IGNORECASE)
SPLITS = {"train": "train", "valid": "public_test", "test": "private_test"}
VOTES = len(FERPLUS_VOTES)
NO_VOTES = "an image that no table gives votes"


def recognises(listing: Listing) -> bool:
    return bool(listing.images) and bool(_tables(listing))


def translate(listing: Listing, problems: Problems) -> Translation:
    """The images with a majority, in the order of their names."""
    images = PhotoNames(listing.images)
    found: dict[str, Entry] = {}
    told: set[str] = set()
    for table, split in _tables(listing):
        for place, file, votes, usage in _rows(listing, table, problems):
            folder = table.rpartition("/")[0]
            name = images.find(f"{folder}/{file}" if folder else file).name
            if name is None:
                problems.add(f"{place} ({file})", MISSING)
                continue
            told.add(name)
            label = int(top_votes(np.array([votes]))[0])
            if label < 0:
                problems.add(f"{place} ({file})", NO_MAJORITY)
                continue
            found[name] = Entry(name, EIGHT[label], split or split_of(usage) or ALL, votes=votes)
    for name in sorted(set(listing.images) - told):
        problems.add(name, NO_VOTES)
    return Translation(sorted(found.values(), key=BY_NAME), EIGHT)


def _tables(listing: Listing) -> list[tuple[str, str | None]]:
    """Tables and the split that their folder means."""
    own = [(name, SPLITS[found[2].lower()]) for name in listing.labels if (found := FOLDER.search(name))]
    if own:
        return [(name, split) for name, split in own]
    whole = listing.find(VOTES_FILE)
    return [(whole, None)] if whole else []


def _rows(listing: Listing, name: str, problems: Problems) -> Iterator[tuple[str, str, tuple[int, ...], str]]:
    """Place, file, votes and usage of each row; the votes are the last ten columns, or those that the heading names."""
    try:
        table = tables.read(name, listing.data(name), tables.LARGE)
        rows = list(table.rows())
    except TableError as error:
        problems.add(name, str(error))
        return
    heading = [cell.strip().lower() for cell in table.heading]
    known = [column.lower() for column in FERPLUS_VOTES]
    columns = [heading.index(column) for column in known] if set(known) <= set(heading) else []
    columns = columns or list(range(len(heading) - VOTES, len(heading)))
    file, usage = table.place(tables.FILE), table.place(tables.SPLIT)
    for line, cells in rows:
        place = f"{name}, line {line}"
        votes = [tables.code(cells[column]) for column in columns]
        if file is None or not cells[file] or any(vote is None or vote < 0 for vote in votes):
            problems.add(place, NOT_A_LINE)
            continue
        yield place, cells[file], tuple(vote or 0 for vote in votes), "" if usage is None else cells[usage]
