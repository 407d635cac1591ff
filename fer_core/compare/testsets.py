"""Labelled photos to compare models on, from the ways people have them: file names, folders, a CSV, a dataset.

Whatever is wrong with one file is a note, a sentence to show; the other files go on.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from fer_core import tables
from fer_core.datasets import identity, label_names, photo_names
from fer_core.datasets.archives.names import Distinct, clean
from fer_core.datasets.base import Dataset
from fer_core.datasets.photo_names import PhotoNames
from fer_core.errors import DatasetError
from fer_core.labels import EIGHT, SEVEN
from fer_core.photos import formats
from fer_core.tables import FILE, LABEL
from fer_core.text import printable, shortened

MOST_PHOTOS = 5000
CSV_LIMITS = tables.Limits(bytes=5_000_000, rows=100_000, columns=200)
MOST_NOTES = 40
TABLE_SUFFIXES = (".csv", ".tsv")
"""Files with labels among photos."""

File = tuple[str, bytes]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class SetPhoto:
    """One file; `label` is an expression, or None when nobody has said which."""

    name: str
    data: bytes
    label: str | None = None


@dataclass(frozen=True, eq=False)
class PhotoSet:
    """Photos in the order they came.

    Attributes:
        photos: by unlike names.
        notes: a sentence for everything that was not as expected.
        assumed: a sentence for each label table, how it was read.
    """

    photos: tuple[SetPhoto, ...]
    notes: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()

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


def with_csv(photos: PhotoSet, data: bytes, title: str = "the CSV") -> PhotoSet:
    """The photos with the labels of a CSV (file, label); what it does not name keeps the label it had.

    Photos are found by name as people mean it (datasets.photo_names). Two labels for one photo are told, none is taken.

    Raises:
        TableError: no table, too large, or without the two columns.
    """
    table = tables.read(title, data, CSV_LIMITS)
    table.require(FILE, LABEL)
    names = PhotoNames(photo.name for photo in photos.photos)
    labels: dict[str, str | None] = {}
    notes: list[str] = []
    for line, (written, word) in table.select(FILE, LABEL):
        name = _photo_of(names, written, f"Row {line} of {title}", notes)
        if name is not None:
            label = _label_of(word, name, f"Row {line} of {title}", notes)
            labels[name] = _agreed(labels, name, label, f"Row {line} of {title}", notes)
    notes += [f"Line {line} of {title} was left out: it has {reason}." for line, reason in table.left_out]
    kept = tuple(replace(photo, label=labels.get(photo.name, photo.label)) for photo in photos.photos)
    assumed = f"{title}: {table.assumed(FILE, LABEL)}"
    return PhotoSet(kept, (*photos.notes, *notes), (*photos.assumed, assumed))


def _photo_of(names: PhotoNames, written: str, place: str, notes: list[str]) -> str | None:
    found = names.find(written)
    if found.candidates:
        notes.append(f"{place}: {photo_names.doubt(written, found)}")
    elif found.name is None:
        other = names.other_suffix(written)
        hint = f" '{printable(other)}' has the same name with another ending." if other else ""
        shown = printable(shortened(written))
        notes.append(f"{place} names '{shown}', which is not among the photos given.{hint}")
    return found.name


def _label_of(word: str, name: str, place: str, notes: list[str]) -> str | None:
    label = label_names.of_cell(word)
    if label is None:
        notes.append(f"{place}: {label_names.no_expression(word)} '{printable(name)}' stays without a label.")
    return label


def _agreed(labels: Mapping[str, str | None], name: str, label: str | None, place: str, notes: list[str]) -> str | None:
    """The label, unless another row said something else of the same photo."""
    before = labels.get(name, label)
    if before == label:
        return label
    notes.append(
        f"{place} calls '{printable(name)}' {label or 'nothing known'}, another row calls it "
        f"{before or 'nothing known'}: it stays without a label."
    )
    return None


def is_table(name: str) -> bool:
    """Whether a file holds labels, by its name."""
    return name.lower().endswith(TABLE_SUFFIXES)


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
    notes = (*photos.assumed, *all_notes(photos))
    return LabelledSet(title, names, targets, classes, lambda row: rows[row].data, notes=notes)


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


def _distinct(files: Iterable[File], most: int) -> tuple[list[SetPhoto], list[str]]:
    """Photos by unlike names and contents; what is no photo and what came twice is left out with a sentence."""
    photos: list[SetPhoto] = []
    seen = identity.Seen()
    free = Distinct()
    notes = []
    for given, data in files:
        name = clean(given)
        if not formats.is_read(name):
            notes.append(_no_photo(name))
            continue
        if first := seen.first(data):
            notes.append(_duplicate(name, first))
            continue
        if len(photos) == most:
            notes.append(f"More than {most:,} photos came; the others were left out.")
            break
        own = free.of(name)
        seen.add(own, data)
        photos.append(SetPhoto(own, data))
    return photos, notes


def _no_photo(name: str) -> str:
    kind = formats.not_read(name)
    if kind is None:
        return f"'{printable(name)}' is not a photo by its name and was left out; read are {formats.NAMES}."
    return f"'{printable(name)}' is {kind} and was left out. {formats.advice(kind)}"


def _duplicate(name: str, first: str) -> str:
    here, there = label_names.in_path(name), label_names.in_path(first)
    conflict = (
        f" The copies carry two labels, {there} and {here}: check which is right." if here and there != here else ""
    )
    return f"'{printable(name)}' is an exact copy of '{printable(first)}' and was left out.{conflict}"


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
