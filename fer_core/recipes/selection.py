"""Which of a dataset's rows a training takes: the one cutter, for the trainer and for the preview of a subset.

The order: exact copies of test images, exclusion files, other classes, the cap, the limit, the share that is held out.
Chance is seeded, so that what is shown is what is trained on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets.base import DAMAGED, Dataset
from fer_core.datasets.identity import Identity
from fer_core.labels import SEVEN
from fer_core.recipes.schema import Data, Join, read_exclusions

Rows = NDArray[np.intp]
Labels = NDArray[np.int64]
LeftOut = dict[str, int]

COPIES = "exact copies of test images"
FINDINGS = "findings of the audit"
OTHER_CLASSES = "of other classes"
ABOVE_THE_CAP = "above the cap"
HELD_OUT = "held out"


@dataclass(frozen=True, eq=False)
class Cut:
    """Rows of a dataset by their part in a training.

    Attributes:
        train: what is trained on.
        drawn: the same before a share was held out.
        select: what chooses the epoch.
        report: what the card reports.
        tests: rows of other splits whose copies stay out of training.
        left_out: training images by the reason why they are left out.
    """

    train: Rows
    drawn: Rows
    select: Rows
    report: Rows
    tests: Rows
    left_out: LeftOut = field(default_factory=dict)


def classes(section: Data) -> tuple[str, ...]:
    """Expressions that hard labels are cut to, in their order."""
    return section.classes or SEVEN


def cut(
    dataset: Dataset,
    section: Data,
    identity: Identity | None = None,
    findings: Iterable[int] = (),
) -> Cut:
    """The rows of the first dataset of a recipe.

    Args:
        dataset: as opened.
        section: the recipe's.
        identity: of the dataset; None when copies of test images are not looked for.
        findings: rows that an exclusion file will name once it is written.

    Raises:
        DatasetError: a split has no image.
        RecipeError: an exclusion file cannot be read.
    """
    labels = translate(dataset.labels, dataset.classes, classes(section))
    train, select, report = dataset.rows(section.train), _official(dataset, section), dataset.rows(section.report)
    tests = np.setdiff1d(np.concatenate([select, report]), train)
    left_out: LeftOut = {}
    if identity is not None:
        train, select, report = (rows[~identity.unreadable[rows]] for rows in (train, select, report))
        _note(left_out, DAMAGED, int(identity.unreadable.sum()))
        train = _without(train, identity.among(train, identity, tests), COPIES, left_out)
    for file in section.exclude:
        listed = np.isin(dataset.file_rows[train], list(read_exclusions(Path(file))))
        train = _without(train, listed, f"listed in {Path(file).name}", left_out)
    if found := list(findings):
        train = _without(train, np.isin(train, found), FINDINGS, left_out)
    drawn = _drawn(train, labels, section, section.limit, left_out)
    if section.selection == "official":
        return Cut(drawn, drawn, _labelled(select, labels), _labelled(report, labels), tests, left_out)
    train, held = hold_out(drawn, section.held_out)
    left_out[HELD_OUT] = len(held)
    if identity is not None:
        train = _without(train, identity.among(train, identity, held), "exact copies of held-out images", left_out)
    select = held if section.selection == "held_out" else select
    return Cut(train, drawn, _labelled(select, labels), _labelled(report, labels), tests, left_out)


def cut_joined(
    dataset: Dataset,
    section: Data,
    join: Join,
    copied: NDArray[np.bool_] | None = None,
) -> tuple[Rows, LeftOut]:
    """The rows of a further dataset, all of which are trained on, and how many are left out for which reason.

    Args:
        dataset: as opened.
        section: the recipe's.
        join: its entry for this dataset.
        copied: bool (n,), rows that are copies of test images or damaged; None when they are not looked for.
    """
    labels = translate(dataset.labels, dataset.classes, classes(section))
    rows, left_out = dataset.rows(join.train), LeftOut()
    if copied is not None:
        rows = _without(rows, copied[rows], COPIES, left_out)
    return _drawn(rows, labels, section, None, left_out), left_out


def copies_of_tests(own: Identity, others: Identity, tests: Rows) -> NDArray[np.bool_]:
    """Which images of a joined dataset stand among the first one's test images, or cannot be read: bool (n,)."""
    return own.among(np.arange(len(own.digests)), others, tests) | own.unreadable


def _drawn(rows: Rows, labels: Labels, section: Data, limit: int | None, left_out: LeftOut) -> Rows:
    """The rows of the wanted classes, under the cap and the limit."""
    others = labels[rows] < 0
    if section.classes or others.any():
        rows = _without(rows, others, OTHER_CLASSES, left_out)
    before = len(rows)
    rows = cap(rows, labels, section.cap) if section.cap else rows
    rows = rows[:limit]
    _note(left_out, ABOVE_THE_CAP, before - len(rows))
    return rows


def _official(dataset: Dataset, section: Data) -> Rows:
    if section.selection == "part_of_test":
        return hold_out(dataset.rows(section.report), section.held_out)[1]
    return dataset.rows(section.select) if section.selection == "official" else np.empty(0, np.intp)


def _labelled(rows: Rows, labels: Labels) -> Rows:
    return rows[labels[rows] >= 0]


def _without(rows: Rows, which: NDArray[np.bool_], reason: str, left_out: LeftOut) -> Rows:
    left_out[reason] = int(which.sum())
    return rows[~which]


def _note(left_out: LeftOut, reason: str, count: int) -> None:
    if count:
        left_out[reason] = count


def translate(labels: Labels, classes: tuple[str, ...], wanted: tuple[str, ...]) -> Labels:
    """Indices into `classes` as indices into `wanted`; -1 where the class is not wanted."""
    places = [wanted.index(name) if name in wanted else -1 for name in classes]
    return np.array([*places, -1], np.int64)[labels]


def cap(rows: Rows, labels: Labels, most: int, seed: int = 0) -> Rows:
    """At most so many rows of each class, drawn at random and given in their order.

    Args:
        rows: (k,) row numbers.
        labels: (n,) class of every row of the dataset.
        most: rows a class.
        seed: of the draw.
    """
    order = np.random.default_rng(seed).permutation(rows)
    kept = [order[labels[order] == label][:most] for label in np.unique(labels[rows])]
    return np.sort(np.concatenate([*kept, np.empty(0, np.intp)]).astype(np.intp))


def hold_out(rows: Rows, share: float, seed: int = 0) -> tuple[Rows, Rows]:
    """The rows without a random share of them, and that share, both in their order."""
    order = np.random.default_rng(seed).permutation(rows)
    count = round(share * len(rows))
    return np.sort(order[count:]), np.sort(order[:count])


def draw(rows: Rows, most: int, seed: int = 0) -> Rows:
    """At most so many of the rows, drawn at random and kept in order."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def draw_by_class(rows: Rows, labels: Labels, most: int, seed: int = 0) -> Rows:
    """At most so many of the rows, as many of each class as of the others as far as they go round.

    Args:
        rows: (k,) row numbers.
        labels: (n,) class of every row of the dataset.
        most: rows in all.
        seed: of the draw.
    """
    order = np.random.default_rng(seed).permutation(rows)
    ranks = np.zeros(len(order), np.int64)
    for label in np.unique(labels[order]):
        mine = labels[order] == label
        ranks[mine] = np.arange(int(mine.sum()))
    return np.sort(order[np.argsort(ranks, kind="stable")][:most])
