"""CK+ (Lucey et al., CVPR workshops 2010): posed sequences from a neutral face to the peak, 123 people.

    FOLDER/cohn-kanade-images/S005/001/S005_001_00000011.png         frames
    FOLDER/Emotion/S005/001/S005_001_00000011_emotion.txt            the label of the sequence: 3.0000000e+00
    FOLDER/anger/S010_004_00000017.png                               48x48 class folders
    ckextended.csv                                                   48x48 rows: emotion, pixels, Usage (no people)

Of a labelled sequence the last frame is taken, the peak: the frames before it are near copies. Splits go by person,
or the score is meaningless: every fifth person, in the order of their names, is of the test split.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from fer_core.datasets.adapters import class_folders
from fer_core.datasets.base import DOUBTFUL, ImageTable, Problems, Progress
from fer_core.datasets.files import BY_NAME, MISSING, NOT_A_LINE, OTHER_NAME, OUTSIDE_SCHEME, Entry, Translation
from fer_core.datasets.listing import Listing
from fer_core.datasets.schemes import CK_PLUS, CK_PLUS_ROWS
from fer_core.datasets.tabular import pixel_table
from fer_core.labels import EIGHT

KIND = "ck_plus"
FRAME = re.compile(r"(S\d{3})_(\d{3})_(\d{8})\.\w+$")
EMOTION = re.compile(r"(S\d{3}_\d{3})_\d{8}_emotion\.txt$")

NO_PEOPLE = f"{DOUBTFUL}the file names no people: its splits may share them, and a score on them means little"
TEST_EVERY = 5


def recognises(listing: Listing) -> bool:
    return _has_emotions(listing) or class_folders.files_are_named(listing, FRAME)


def translate(listing: Listing, problems: Problems) -> Translation:
    """One image per labelled sequence; class folders give all their images.

    Raises:
        DatasetError: there is neither a label file nor a class folder.
    """
    if not _has_emotions(listing):
        return by_person(_named(class_folders.translate(listing, problems).entries, problems))
    peaks: dict[str, str] = {}
    for name in listing.images:  # sorted: the last frame stays
        if found := FRAME.search(name):
            peaks[f"{found[1]}_{found[2]}"] = name
    entries = []
    for file in listing.labels:
        if (sequence := EMOTION.search(file)) and (label := _label(listing.text(file), file, problems)):
            if sequence[1] in peaks:
                entries.append(Entry(peaks[sequence[1]], label))
            else:
                problems.add(sequence[1], MISSING)
    return by_person(sorted(entries, key=BY_NAME))


def _named(entries: list[Entry], problems: Problems) -> list[Entry]:
    for entry in entries:
        if not FRAME.search(entry.name):
            problems.add(entry.name, OTHER_NAME.format("CK+", "S010_004_00000017.png"))
    return [entry for entry in entries if FRAME.search(entry.name)]


def by_person(entries: list[Entry]) -> Translation:
    """Entries whose files are named as CK+ names them, split by person."""
    people = [FRAME.search(entry.name) for entry in entries]
    test = _test_people(found[1] for found in people if found)
    return Translation(
        [
            entry._replace(group=found[1], split="test" if found[1] in test else "train") if found else entry
            for entry, found in zip(entries, people, strict=True)
        ],
        EIGHT,
    )


def _has_emotions(listing: Listing) -> bool:
    return any(EMOTION.search(name) for name in listing.labels)


def recognises_table(path: Path) -> bool:
    return path.is_file() and re.match(r"ck.*\.csv(\.gz)?$", path.name.lower()) is not None


def read_table(path: Path, progress: Progress | None = None) -> ImageTable:
    """The 48x48 rows that go around.

    Raises:
        DatasetError: the file is another one.
    """
    table = pixel_table.read(path, progress)
    table.problems.add(path.name, NO_PEOPLE)
    return pixel_table.dataset(KIND, path, table, CK_PLUS_ROWS, EIGHT)


def _test_people(names: Iterable[str]) -> set[str]:
    return set(sorted(set(names))[TEST_EVERY - 1 :: TEST_EVERY])


def _label(text: str, file: str, problems: Problems) -> str | None:
    try:
        code = int(float(text))
    except (ValueError, OverflowError):
        problems.add(file, NOT_A_LINE)
        return None
    if code not in CK_PLUS:
        problems.add(f"{file} (came {code})", OUTSIDE_SCHEME)
        return None
    return CK_PLUS[code]
