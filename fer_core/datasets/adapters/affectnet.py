"""AffectNet (arXiv 1708.03985): faces from the web with eight expressions, valence and arousal.

    FOLDER/Manually_Annotated_Images/689/737db2483....jpg      the first release
    FOLDER/training.csv, validation.csv                        subDirectory_filePath, face_x, ..., expression, ...

    FOLDER/train_set/images/0.jpg                              the later one, faces cut to 224 x 224
    FOLDER/train_set/annotations/0_exp.npy                     the label as number or text; val_set alike

    FOLDER/anger/image0000006.jpg, FOLDER/labels.csv           Kaggle's: class folders, and pth,label,relFCs

    FOLDER/train/0/*.jpg                                       class folders by number, when named as this kind

Labels: 0 neutral, 1 happy, 2 sad, 3 surprise, 4 fear, 5 disgust, 6 anger, 7 contempt; 8 none, 9 uncertain and 10
non-face are no expression and are left out. Splits: train, and val, which papers report on.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fer_core.datasets.adapters import class_folders
from fer_core.datasets.base import Problems
from fer_core.datasets.files import BY_NAME, MISSING, NOT_A_LINE, OUTSIDE_SCHEME, Entry, Translation, numbered
from fer_core.datasets.listing import Listing
from fer_core.datasets.schemes import AFFECTNET, AFFECTNET_OTHERS
from fer_core.datasets.tabular import label_tables
from fer_core.errors import DatasetError
from fer_core.labels import EIGHT

KIND = "affectnet"
TABLES = {"training.csv": "train", "validation.csv": "val"}
FILE, LABEL = "subDirectory_filePath", "expression"
BOX = ("face_y", "face_x", "face_height", "face_width")
CUT_OUT = re.compile(r"(^|/)(train|val)(_set)?/images/([^/]+)\.\w+$")

NO_EXPRESSION = {code: f"labelled '{word}', which is no expression" for code, word in AFFECTNET_OTHERS.items()}
NO_ANNOTATION = "an image without an annotation that can be read"
LARGEST_ANNOTATION = 10_000
"""Bytes; a label has 132."""


KAGGLE = frozenset(("pth", "label", "relfcs"))
"""Columns of the label table that goes around on Kaggle."""


def recognises(listing: Listing) -> bool:
    if _has_kaggle_table(listing):
        return True
    if any(FILE in listing.text(name)[:2000] for name in _tables(listing)):
        return True
    first = next((name for name in listing.images if CUT_OUT.search(name)), None)
    return first is not None and _annotation(listing.root, first).is_file()


def translate(listing: Listing, problems: Problems) -> Translation:
    """The images with an expression, in the order of their names.

    Raises:
        DatasetError: a label file lacks its columns.
    """
    tables = _tables(listing)
    if _has_kaggle_table(listing):
        made = class_folders.labelled(listing, problems, class_folders.Numbering("AffectNet", AFFECTNET))
        return Translation(made.entries, EIGHT, made.notes)
    if not tables and not any(CUT_OUT.search(name) for name in listing.images):
        return Translation(numbered(listing.images, AFFECTNET, problems), EIGHT)
    if tables:
        rows = [entry for name, split in tables.items() for entry in _from_table(listing, name, split, problems)]
    else:
        rows = list(_from_annotations(listing, problems))
    return Translation(sorted(rows, key=BY_NAME), EIGHT)


def _has_kaggle_table(listing: Listing) -> bool:
    table = listing.find("labels.csv")
    return table is not None and {name.lower() for name in label_tables.heading(listing, table)} >= KAGGLE


def _tables(listing: Listing) -> dict[str, str]:
    return {found: split for name, split in TABLES.items() if (found := listing.find(name))}


def _from_table(listing: Listing, name: str, split: str, problems: Problems) -> Iterator[Entry]:
    reader = csv.DictReader(listing.text(name).splitlines())
    if missing := {FILE, LABEL} - set(reader.fieldnames or ()):
        raise DatasetError(f"{name} lacks the columns {', '.join(sorted(missing))}; expected AffectNet's annotations.")
    files = {"/".join(image.split("/")[-2:]): image for image in listing.images}
    for row in reader:
        place = f"{name}, line {reader.line_num}"
        label = _label(row[LABEL] or "", place, problems)
        image = files.get("/".join((row[FILE] or "").split("/")[-2:]))
        if label and image is None:
            problems.add(place, MISSING)
        elif label and image:
            yield Entry(image, label, split, box=_box(row))


def _box(row: dict[str, str]) -> tuple[int, int, int, int] | None:
    """Top, left, bottom, right; None where the table has no box."""
    try:
        top, left, height, width = (int(float(row[column])) for column in BOX)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return (top, left, top + height, left + width) if min(height, width) > 0 else None


def _from_annotations(listing: Listing, problems: Problems) -> Iterator[Entry]:
    for name in listing.images:
        if not (found := CUT_OUT.search(name)):
            continue
        try:
            path = _annotation(listing.root, name)
            if path.stat().st_size > LARGEST_ANNOTATION:
                raise ValueError
            text = str(np.load(path, allow_pickle=False).item())
        except (OSError, ValueError, EOFError):
            problems.add(name, NO_ANNOTATION)
            continue
        if label := _label(text, name, problems):
            yield Entry(name, label, found[2])


def _annotation(root: Path, image: str) -> Path:
    path = root / image
    return path.parent.parent / "annotations" / f"{path.stem}_exp.npy"


def _label(text: str, place: str, problems: Problems) -> str | None:
    try:
        code = int(float(text))
    except (ValueError, OverflowError):
        problems.add(place, NOT_A_LINE)
        return None
    if code not in AFFECTNET:
        problems.add(f"{place} (came {code})", NO_EXPRESSION.get(code, OUTSIDE_SCHEME))
    return AFFECTNET.get(code)
