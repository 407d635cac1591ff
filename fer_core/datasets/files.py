"""Puts labelled files of a folder together as a dataset; adapters say only which file is what."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets import headers
from fer_core.datasets.base import Entry, ImageFiles, Problems, Progress
from fer_core.errors import DatasetError
from fer_core.labels import EIGHT, canonical

UNREADABLE = "no image that can be read: its header is damaged or of another kind"

SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "trainset": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "valset": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
    "publictest": "public_test",
    "privatetest": "private_test",
}
"""Folder names without their punctuation, and the split they mean."""

SPLIT_ORDER = ("train", "public_test", "private_test", "val", "test", "all")


def split_of(name: str) -> str | None:
    """The split that a folder's name means, or None."""
    return SPLIT_FOLDERS.get(re.sub(r"[^a-z]", "", name.lower()))


def label_of(name: str) -> str | None:
    """The expression that a folder's name means ('happy', 'Happiness', '3_happy'), or None."""
    return canonical(re.sub(r"[^a-z]", "", name.lower()))


def assemble(
    kind: str,
    path: Path,
    root: Path,
    entries: Sequence[Entry],
    problems: Problems,
    *,
    classes: tuple[str, ...] | None = None,
    boxes: NDArray[np.int32] | None = None,
    progress: Progress | None = None,
) -> ImageFiles:
    """Read the headers and leave out what is no image.

    Args:
        kind: key of the catalogue.
        path: what the user named.
        root: what the entries' names are relative to.
        entries: the labelled files.
        problems: what was wrong so far.
        classes: the dataset's; None takes those that are present.
        boxes: (n, 4), top, left, bottom, right.
        progress: called while headers are read.

    Raises:
        DatasetError: nothing is left.
    """
    sizes = headers.sizes(root, [entry.name for entry in entries], progress)
    good = sizes[:, 0] > 0
    for row in np.flatnonzero(~good).tolist():
        problems.add(entries[row].name, UNREADABLE)
    kept = [entries[row] for row in np.flatnonzero(good).tolist()]
    if not kept:
        raise DatasetError(f"{path} holds no labelled image that can be read. Check that it is the dataset's folder.")
    classes = classes or tuple(label for label in EIGHT if label in {entry.label for entry in kept})
    split_names = tuple(name for name in SPLIT_ORDER if name in {entry.split for entry in kept})
    numbers = {label: number for number, label in enumerate(classes)}
    places = {split: number for number, split in enumerate(split_names)}
    groups = np.array([entry.group for entry in kept], np.str_) if any(entry.group for entry in kept) else None
    return ImageFiles(
        kind=kind,
        path=path,
        root=root,
        classes=classes,
        split_names=split_names,
        names=[entry.name for entry in kept],
        labels=np.array([numbers[entry.label] for entry in kept], np.int64),
        splits=np.array([places[entry.split] for entry in kept], np.int8),
        sizes=sizes[good],
        file_rows=np.arange(len(kept), dtype=np.int64),
        groups=groups,
        boxes=None if boxes is None else boxes[good],
        problems=tuple(problems.listed),
        problem_counts=dict(problems.counts),
    )
