"""Which images of a dataset are scored, by whose labels, and which are left out and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets import Dataset, adapters, identity
from fer_core.datasets.adapters import class_folders
from fer_core.datasets.base import lost
from fer_core.datasets.identity import Identity
from fer_core.datasets.votes import FERPLUS, by_majority
from fer_core.errors import DatasetError
from fer_core.labels import EIGHT, SEVEN
from fer_core.predictors.base import Predictor
from fer_core.recipes import selection

SPLITS = ("train", "public_test", "private_test", "test", "val", "all")
OFFICIAL = SPLITS[:3]
"""Splits that FER2013 has."""

SCHEMES: Mapping[str, tuple[str, ...]] = MappingProxyType({"fer2013": SEVEN, FERPLUS: EIGHT})
"""Labels whose figures count every class, also those that a network does not know: so they can be compared."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled face crops of a dataset; each image is one face, as serving has it for 'already a face crop'.

    Attributes:
        dataset: these images alone.
        targets: int64 (n,), indices into classes.
        classes: expressions by their canonical names.
        labels: whose labels, and which expressions were left out.
        left_out: images by the reason why they are not here.
    """

    dataset: Dataset
    targets: NDArray[np.int64]
    classes: tuple[str, ...]
    labels: str
    left_out: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def __len__(self) -> int:
        return len(self.targets)

    def only(self, kept: NDArray[np.bool_]) -> "Examples":
        """Those that are marked."""
        return replace(self, dataset=self.dataset.take(np.flatnonzero(kept)), targets=self.targets[kept])


COPIES = "images that also stand, pixel for pixel, in the training split"


def examples(
    data: Dataset,
    split: str,
    labels: str | None = None,
    limit: int | None = None,
    answers: tuple[str, ...] = (),
) -> Examples:
    """The images of a split that have a label.

    Args:
        data: as opened.
        split: one of its splits, or 'all'.
        labels: as in `labelled`.
        limit: at most so many images, drawn at random with a fixed seed, of each class as many as of the others.
        answers: as in `labelled`.

    Raises:
        DatasetError: the split or the labels are not there, or no image is left.
    """
    given = labelled(data.take(data.rows(split)), labels, answers)
    if limit is None:
        return given
    drawn = selection.draw_by_class(np.arange(len(given)), given.targets, limit)
    return given.only(np.isin(np.arange(len(given)), drawn))


def without_copies(given: Examples, data: Dataset, split: str) -> Examples:
    """The examples that do not stand, pixel for pixel, in the training split too.

    Args:
        given: of the dataset.
        data: as opened.
        split: where the examples are from.
    """
    alone = uncopied(data, identity.of(data), np.flatnonzero(np.isin(data.file_rows, given.dataset.file_rows)), split)
    kept = given.only(alone)
    return replace(kept, left_out={**kept.left_out, COPIES: int((~alone).sum())})


def uncopied(data: Dataset, same: Identity, rows: NDArray[np.intp], split: str) -> NDArray[np.bool_]:
    """Which rows of a split do not stand in the official training split, too.

    Raises:
        DatasetError: there is no other split to train on.
    """
    if data.parts.train == split:
        raise DatasetError(f"The split '{split}' of {data.path} is the training split: ask for another one.")
    train = np.setdiff1d(data.rows(data.parts.train), rows)
    return ~same.among(rows, same, train)


def labelled(part: Dataset, labels: str | None = None, answers: tuple[str, ...] = ()) -> Examples:
    """Images with their labels, in their order.

    Args:
        part: a dataset, or some of its images.
        labels: None for the dataset's own; 'fer2013', or 'ferplus' for the majority of FER+'s annotators.
        answers: classes that the network knows. Images of other expressions are left out and named in the labels, but
            for FER2013 and FER+, whose figures are always of all their classes.

    Raises:
        DatasetError: the labels are not there, or no image is left.
    """
    if labels == FERPLUS and part.kind != FERPLUS:
        part = by_majority(part)
    elif labels not in (None, part.kind):
        raise DatasetError(
            f"The labels '{labels}' are asked for, and {part.path} has those of {adapters.title(part.kind)}. "
            "Leave --labels out."
        )
    given = Examples(part, part.labels, part.classes, part.kind, lost(part.problem_counts))
    if part.kind not in SCHEMES and answers:
        given = _answerable(given, answers)
    if not len(given):
        raise DatasetError(f"The network knows no label of {part.path.name}: it answers {', '.join(answers)}.")
    return given


def _answerable(given: Examples, answers: tuple[str, ...]) -> Examples:
    known = [place for place, label in enumerate(given.classes) if label in answers]
    others = [label for label in given.classes if label not in answers]
    kept = np.isin(given.targets, known)
    left_out = {f"labelled {', '.join(others)}, which the network does not answer": int((~kept).sum())}
    return replace(
        given.only(kept),
        labels=", ".join([given.labels, *(f"without {label}" for label in others)]),
        left_out={**given.left_out, **({} if kept.all() else left_out)},
    )


class Asked(NamedTuple):
    """What of a dataset is scored, and how.

    Attributes:
        split: one of its splits, or 'all'.
        labels: None for its own; 'fer2013', or 'ferplus' for the majority of FER+'s annotators.
        tta: a key of TTA.
        limit: at most so many images, drawn at random.
        leave_out_copies: images that also stand in the training split are left out.
    """

    split: str
    labels: str | None = None
    tta: str = "none"
    limit: int | None = None
    leave_out_copies: bool = False


def asked_examples(predictor: Predictor, data: Dataset, asked: Asked) -> Examples:
    """The images of a dataset that are to be scored, in their order.

    Raises:
        DatasetError: the split or the labels are not there, or no image is left.
    """
    given = examples(data, asked.split, asked.labels, asked.limit, predictor.classes)
    return without_copies(given, data, asked.split) if asked.leave_out_copies else given


def name_of(data: Dataset, path: Path | str, split: str) -> str:
    """How an evaluation names its data: by the path for FER2013's official splits, else by its short name."""
    return str(path) if split in OFFICIAL else short_name(data)


def short_name(data: Dataset) -> str:
    """The kind of a dataset; the name of the folder where that says nothing."""
    return data.kind if data.kind != class_folders.KIND else data.path.name
