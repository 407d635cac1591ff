"""Puts labelled files of a folder together as a dataset; adapters say only which file is what."""

import re
from collections.abc import Sequence
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets import headers, photo_faces
from fer_core.datasets.base import ImageFiles, Problems, Progress, lost
from fer_core.datasets.label_names import of_folder
from fer_core.datasets.schemes import Codes
from fer_core.errors import DatasetError
from fer_core.labels import EIGHT
from fer_core.protocols import ALL

UNREADABLE = "no image that can be read: its header is damaged or of another kind"
MISSING = "named in the labels and not among the images"
OUTSIDE_SCHEME = "a label outside the dataset's scheme"
NO_FACE = "a photo in which no face is found"
NOT_A_LINE = "a line that is not what the label file should hold"
OTHER_NAME = "a file that is not named as {} names its images ({})"

SPLITS = {
    "train": "train",
    "training": "train",
    "trainset": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "valset": "val",
    "dev": "val",
    "eval": "val",
    "evaluation": "val",
    "test": "test",
    "testing": "test",
    "tests": "test",
    "testset": "test",
    "holdout": "test",
    "publictest": "public_test",
    "privatetest": "private_test",
}
"""Names of folders, files and cells without their punctuation, and the split they mean."""

BESIDE_SPLITS = frozenset(
    (
        *("images", "image", "imgs", "img", "photos", "pictures", "faces", "face", "data", "dataset", "set", "folder"),
        *("part", "split", "fer", "ferplus", "labels", "label", "annotations", "annotation", "list", "final", "new"),
        *("cropped", "aligned", "raw", "original", "emotion", "emotions", "expression"),
    )
)
"""Words that stand beside the split in names such as images_train or train_labels.csv."""

SPLIT_ORDER = ("train", "public_test", "private_test", "val", "test", ALL)


class Entry(NamedTuple):
    """A labelled file.

    Attributes:
        name: relative to the folder that was listed.
        label: canonical.
        split: one of SPLIT_ORDER.
        group: the person, where the files tell.
        box: top, left, bottom, right of the face, where the dataset tells.
        votes: in the order of labels.FERPLUS_VOTES, where the dataset has them.
    """

    name: str
    label: str
    split: str = ALL
    group: str = ""
    box: tuple[int, int, int, int] | None = None
    votes: tuple[int, ...] = ()


BY_NAME = attrgetter("name")
"""The order of rows."""


class Translation(NamedTuple):
    """What an adapter makes of a folder.

    Attributes:
        entries: the labelled files.
        classes: the dataset's; None takes those that are present.
        notes: sentences about what was assumed.
        photos: whole photos, in which the face is searched.
    """

    entries: list[Entry]
    classes: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    photos: bool = False


@cache
def split_of(name: str) -> str | None:
    """The split that a name means ('train', 'Training set', 'images_validation', 'FER2013Valid'), or None."""
    if found := SPLITS.get(re.sub(r"[^a-z]", "", name.lower())):
        return found
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    return SPLITS.get("".join(word for word in words if word not in BESIDE_SPLITS))


@cache
def label_of(name: str) -> str | None:
    """The expression that a folder's name means ('happy', 'Happiness', '3_happy'), or None."""
    return of_folder(name)


def split_above(name: str) -> str:
    """The split that the folders above a file's class folder mean; the innermost counts."""
    return split_in(name.split("/")[:-2])


def split_in(folders: Sequence[str]) -> str:
    """The split that some folders mean; the innermost counts."""
    splits = [split for folder in folders if (split := split_of(folder))]
    return splits[-1] if splits else ALL


def within(entries: Sequence[Entry], classes: Sequence[str], problems: Problems) -> list[Entry]:
    """The entries of some classes; the others are problems."""
    for entry in entries:
        if entry.label not in classes:
            problems.add(f"{entry.name} ({entry.label})", OUTSIDE_SCHEME)
    return [entry for entry in entries if entry.label in classes]


def split_by_person(entries: Sequence[Entry], every: int = 5) -> list[Entry]:
    """Every fifth person, in the order of their names, is of the test split. Nobody stands in two splits."""
    test = set(sorted({entry.group for entry in entries})[every - 1 :: every])
    return [entry._replace(split="test" if entry.group in test else "train") for entry in entries]


def numbered(names: Sequence[str], codes: Codes, problems: Problems) -> list[Entry]:
    """Files in class folders that are called by a dataset's own numbers: train/5/1.jpg."""
    entries = []
    for name in names:
        *_, folder, _ = ("", *name.split("/"))
        code = int(folder) if folder.isdecimal() else -1
        if code in codes:
            entries.append(Entry(name, codes[code], split_above(name)))
        else:
            problems.add(name, OUTSIDE_SCHEME)
    return entries


def assemble(
    kind: str,
    root: Path,
    translation: Translation,
    problems: Problems,
    progress: Progress | None = None,
) -> ImageFiles:
    """Read the headers and leave out what is no image.

    Raises:
        DatasetError: nothing is left.
    """
    entries = translation.entries
    sizes = headers.sizes(root, [entry.name for entry in entries], progress)
    good = sizes[:, 0] > 0
    for row in np.flatnonzero(~good).tolist():
        problems.add(entries[row].name, UNREADABLE)
    found = photo_faces.find(root, [entry.name for entry in entries], progress) if translation.photos else None
    if found is not None:
        faceless = good & np.isnan(found[:, 0])
        for row in np.flatnonzero(faceless).tolist():
            problems.add(entries[row].name, NO_FACE)
        good &= ~faceless
    kept = [entries[row] for row in np.flatnonzero(good).tolist()]
    if not kept:
        raise DatasetError(f"{root} holds no labelled image that can be read{_why(problems)}.")
    present = {entry.label for entry in kept}
    classes = translation.classes or tuple(label for label in EIGHT if label in present)
    splits = {entry.split for entry in kept}
    split_names = tuple(name for name in SPLIT_ORDER if name in splits)
    files = ImageFiles(
        kind=kind,
        path=root,
        root=root,
        classes=classes,
        split_names=split_names,
        names=[entry.name for entry in kept],
        labels=_places([entry.label for entry in kept], classes).astype(np.int64),
        splits=_places([entry.split for entry in kept], split_names).astype(np.int8),
        sizes=sizes[good],
        file_rows=np.arange(len(kept), dtype=np.int64),
        groups=np.array([entry.group for entry in kept], np.str_) if any(entry.group for entry in kept) else None,
        boxes=_boxes(kept),
        votes=np.array([entry.votes for entry in kept], np.int64) if all(entry.votes for entry in kept) else None,
        notes=(*translation.notes, *_warning(problems, len(kept))),
        problems=tuple(problems.listed),
        problem_counts=dict(problems.counts),
    )
    return files if found is None else photo_faces.with_faces(files, found[good])


def _places(words: Sequence[str], order: Sequence[str]) -> NDArray[np.intp]:
    numbers = {word: number for number, word in enumerate(order)}
    return np.array([numbers[word] for word in words], np.intp)


def _boxes(entries: Sequence[Entry]) -> NDArray[np.int32] | None:
    """A box that is missing beside others reaches over the whole picture."""
    whole = (0, 0, 1 << 20, 1 << 20)
    if not any(entry.box for entry in entries):
        return None
    return np.array([entry.box or whole for entry in entries], np.int32)


def _warning(problems: Problems, kept: int) -> tuple[str, ...]:
    """A sentence where more images were left out than kept."""
    left_out = sum(lost(problems.counts).values())
    if left_out <= kept:
        return ()
    return (f"Most of this dataset is left out: {kept:,} images are kept, {left_out:,} are not{_why(problems)}.",)


def _why(problems: Problems) -> str:
    most = problems.counts.most_common(1)
    return f" ({most[0][1]:,} times: {most[0][0]})" if most else ""
