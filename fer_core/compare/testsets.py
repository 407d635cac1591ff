"""Labelled photos to compare models on, from the ways people have them: file names, folders, a CSV, a dataset.

Whatever is wrong with one file is a note, a sentence to show; the other files go on.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets import label_names
from fer_core.datasets.base import Dataset
from fer_core.errors import DatasetError
from fer_core.labels import EIGHT, SEVEN, canonical
from fer_core.text import printable

SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".heic", ".heif", ".avif", ".mpo")
)
FILE_COLUMNS = ("file", "filename", "image", "photo", "path", "name")
LABEL_COLUMNS = ("label", "expression", "emotion", "class")
MOST_PHOTOS = 5000
MOST_CSV_BYTES = 5_000_000
MOST_NOTES = 40

File = tuple[str, bytes]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Photo:
    """One file; `label` is an expression, or None when nobody has said which."""

    name: str
    data: bytes
    label: str | None = None


@dataclass(frozen=True, eq=False)
class PhotoSet:
    """Photos in the order they came, and a sentence for everything that was not as expected."""

    photos: tuple[Photo, ...]
    notes: tuple[str, ...] = ()

    @property
    def labelled(self) -> int:
        return sum(photo.label is not None for photo in self.photos)


@dataclass(frozen=True, eq=False)
class LabelledSet:
    """What models are compared on: every row has a label.

    Attributes:
        title: a few words for people.
        names: of the files or rows.
        targets: int64 (n,), indices into classes.
        classes: the seven expressions, or eight when contempt is among the labels.
        read: the file's bytes, or uint8 (h, w) or (h, w, 3), of a row.
        already_face: the pictures are face crops; no detector runs.
        notes: sentences about what was left out.
    """

    title: str
    names: tuple[str, ...]
    targets: NDArray[np.int64]
    classes: tuple[str, ...]
    read: Callable[[int], bytes | Pixels]
    already_face: bool = False
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)


def from_files(files: Iterable[File], most: int = MOST_PHOTOS) -> PhotoSet:
    """Photos with the label that stands in each path: the nearest folder that names an expression, else the file.

    'happy/anna.jpg', 'surprised_01.jpg' and 'Anna-Happy.png' have one; 'group.jpeg' has none.
    """
    photos, notes = _distinct(files, most)
    return PhotoSet(tuple(replace(photo, label=label_names.in_path(photo.name)) for photo in photos), tuple(notes))


def with_csv(photos: PhotoSet, data: bytes) -> PhotoSet:
    """The photos with the labels of a CSV (file, label); what it does not name keeps the label it had.

    Raises:
        DatasetError: no table, or without the two columns.
    """
    by_name = _by_name(photos.photos)
    labels: dict[str, str | None] = {}
    notes = []
    for number, name, word in _csv_rows(data):
        label = canonical(word)
        if name not in by_name:
            notes.append(f"Row {number} of the CSV names '{printable(name)}', which is not among the photos given.")
        elif label is None:
            why = label_names.no_expression(word)
            notes.append(f"Row {number} of the CSV: {why} '{printable(name)}' stays without a label.")
        labels |= {by_name[name]: label} if name in by_name else {}
    kept = tuple(replace(photo, label=labels.get(photo.name, photo.label)) for photo in photos.photos)
    return PhotoSet(kept, (*photos.notes, *notes))


def noted(photos: PhotoSet, notes: Iterable[str]) -> PhotoSet:
    """The photos with more sentences to tell."""
    return replace(photos, notes=(*photos.notes, *notes))


def relabelled(photos: PhotoSet, labels: Mapping[str, str | None]) -> PhotoSet:
    """The photos with labels picked by hand, by file name."""
    return replace(photos, photos=tuple(replace(one, label=labels.get(one.name, one.label)) for one in photos.photos))


def labelled(photos: PhotoSet, title: str) -> LabelledSet:
    """What can be compared on.

    Raises:
        DatasetError: no photo has a label.
    """
    rows = [photo for photo in photos.photos if photo.label]
    if not rows:
        raise DatasetError(
            "No photo has a label yet. Put the expression into the file name (happy_01.jpg), put each photo into a "
            "folder of its expression, give a CSV with the columns file and label, or pick labels in the table."
        )
    classes = classes_for([photo.label or "" for photo in rows])
    targets = np.array([classes.index(photo.label or "") for photo in rows], np.int64)
    names = tuple(photo.name for photo in rows)
    return LabelledSet(title, names, targets, classes, lambda row: rows[row].data, notes=all_notes(photos))


def from_split(data: Dataset, split: str, limit: int | None = None, *, already_face: bool = True) -> LabelledSet:
    """A split of a local dataset.

    Args:
        data: as opened.
        split: one of its split_names.
        limit: at most so many images, drawn at random with a fixed seed.
        already_face: the images are face crops; no detector runs.

    Raises:
        DatasetError: the split has no image.
    """
    rows = data.rows(split)
    title = f"{data.kind}, {split}"
    if limit is not None and limit < len(rows):
        title += f", {limit:,} of {len(rows):,} images drawn at random"
        rows = np.sort(np.random.default_rng(0).choice(rows, limit, replace=False))
    classes = classes_for(data.classes)
    translated = np.array([classes.index(label) for label in data.classes], np.int64)
    names = tuple(data.name_of(int(row)) for row in rows)
    return LabelledSet(
        title,
        names,
        translated[data.labels[rows]],
        classes,
        lambda row: data.image(int(rows[row])),
        already_face=already_face,
    )


def all_notes(photos: PhotoSet) -> tuple[str, ...]:
    """What was not as expected, and which photos have no label; a long list is cut with a sentence."""
    notes = [*photos.notes, *why_unlabelled(photos)]
    rest = len(notes) - MOST_NOTES
    return (*notes[:MOST_NOTES], f"And {rest:,} more of the kind.") if rest > 0 else tuple(notes)


def classes_for(labels: Iterable[str]) -> tuple[str, ...]:
    return EIGHT if "contempt" in labels else SEVEN


def _distinct(files: Iterable[File], most: int) -> tuple[list[Photo], list[str]]:
    """Photos by unlike names and contents; what is no photo and what came twice is left out with a sentence."""
    photos: dict[str, Photo] = {}
    contents: dict[str, str] = {}
    notes = []
    for name, data in files:
        if PurePosixPath(name).suffix.lower() not in SUFFIXES:
            notes.append(f"'{printable(name)}' is not a photo by its name and was left out.")
            continue
        digest = hashlib.sha256(data).hexdigest()
        if digest in contents:
            notes.append(_duplicate(name, contents[digest]))
            continue
        if len(photos) == most:
            notes.append(f"More than {most:,} photos came; the others were left out.")
            break
        contents[digest] = free = _free(name, photos)
        photos[free] = Photo(free, data)
    return list(photos.values()), notes


def _duplicate(name: str, first: str) -> str:
    here, there = label_names.in_path(name), label_names.in_path(first)
    conflict = (
        f" The copies carry two labels, {there} and {here}: check which is right." if here and there != here else ""
    )
    return f"'{printable(name)}' is an exact copy of '{printable(first)}' and was left out.{conflict}"


def _free(name: str, taken: Mapping[str, Photo]) -> str:
    """Another photo of the same name gets a number."""
    path, number, free = PurePosixPath(name), 2, name
    while free in taken:
        free, number = str(path.with_name(f"{path.stem} ({number}){path.suffix}")), number + 1
    return free


def why_unlabelled(photos: PhotoSet) -> list[str]:
    """Sentences about the photos that have no label now; those of one folder together."""
    notes, folders = [], set()
    for photo in photos.photos:
        path = PurePosixPath(photo.name)
        folder = path.parent.name
        if photo.label or label_names.UNLABELLED in path.parts[:-1]:
            continue
        if len(both := label_names.all_in_name(path.stem)) > 1:
            notes.append(f"'{printable(photo.name)}' names {' and '.join(both)}: no label was taken from it.")
        elif (near := label_names.nearest(path.stem)) or not folder:
            hint = f" Did you mean '{near}'?" if near else ""
            notes.append(f"'{printable(photo.name)}' names no expression: it has no label yet.{hint}")
        elif folder not in folders:
            folders.add(folder)
            why = label_names.no_expression(folder)
            notes.append(f"The folder '{printable(folder)}': {why} Its photos have no label yet.")
    return notes


def _by_name(photos: Sequence[Photo]) -> dict[str, str]:
    """Photo names by all that a CSV may call them: the path, and the bare file name where only one photo has it."""
    bare = [PurePosixPath(photo.name).name for photo in photos]
    times = Counter(bare)
    lone = {name: photo.name for name, photo in zip(bare, photos, strict=True) if times[name] == 1}
    return lone | {photo.name: photo.name for photo in photos}


def _csv_rows(data: bytes) -> list[tuple[int, str, str]]:
    """Row number, file and label of every row that has both."""
    if len(data) > MOST_CSV_BYTES:
        raise DatasetError(f"The CSV has {len(data) / 1e6:.0f} MB; at most {MOST_CSV_BYTES // 10**6} MB are read.")
    text = data.decode("utf-8-sig", errors="replace")
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        table = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise DatasetError(f"The CSV cannot be read as a table ({error}); expected the columns file, label.") from error
    heading = [cell.strip().lower() for cell in table[0]] if table else []
    file, label = (
        next((heading.index(c) for c in names if c in heading), -1) for names in (FILE_COLUMNS, LABEL_COLUMNS)
    )
    if min(file, label) < 0:
        came = ", ".join(printable(cell) for cell in heading[:8]) or "nothing"
        raise DatasetError(f"The CSV begins with the columns {came}; expected file and label.")
    full = [(number, row) for number, row in enumerate(table[1:], start=2) if len(row) > max(file, label)]
    return [(number, row[file].strip().replace("\\", "/"), row[label].strip()) for number, row in full]
