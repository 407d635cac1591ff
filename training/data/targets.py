"""What a head learns: class distributions and weights, made from the labels of the data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets import Dataset
from fer_core.errors import RecipeError
from fer_core.labels import EIGHT, FERPLUS_VOTES, SEVEN, canonical
from fer_core.recipes.schema import Data
from fer_core.recipes.selection import translate

CLASSES: Mapping[str, tuple[str, ...]] = {"fer2013": SEVEN, "ferplus": EIGHT, "labels": SEVEN}
"""Expressions of each target, in the order of its columns, where the recipe names no classes."""


@dataclass(frozen=True, eq=False)
class Target:
    """Distributions float32 (n, classes), rows sum to 1, and weights float32 (n,); weight 0: nothing to learn here."""

    distributions: NDArray[np.float32]
    weights: NDArray[np.float32]

    def take(self, rows: NDArray[np.intp]) -> "Target":
        return Target(self.distributions[rows], self.weights[rows])

    @staticmethod
    def concatenate(targets: Sequence["Target"]) -> "Target":
        return Target(
            np.concatenate([target.distributions for target in targets]),
            np.concatenate([target.weights for target in targets]),
        )


def classes(section: Data) -> dict[str, tuple[str, ...]]:
    """Expressions of each head of a recipe, in the order of its columns.

    Raises:
        RecipeError: a subset of classes is asked of the crowd's votes.
    """
    if section.classes and "ferplus" in section.targets:
        raise RecipeError("[data] classes cuts hard labels; leave 'ferplus' out of the targets, or take all classes.")
    return {name: section.classes or CLASSES[name] for name in section.targets}


def make(name: str, data: Dataset, wanted: tuple[str, ...] = SEVEN, *, joined: bool = False) -> Target:
    """The target of that name for every row of the data; `wanted` are the classes of hard labels.

    A joined dataset has its hard labels for every head: for 'ferplus' as a crowd that agrees.

    'labels' are the own ones of any dataset, 'fer2013' those of FER2013, 'ferplus' the votes of FER+'s annotators.

    Raises:
        RecipeError: the data holds no such labels.
    """
    if joined:
        own = CLASSES[name] if name == "ferplus" else wanted
        return one_hot(translate(data.labels, data.classes, own), len(own))
    if name == "fer2013" and data.kind != name:
        raise RecipeError(
            f"The target 'fer2013' is FER2013's label; for {data.path} say [data] targets = [\"labels\"]."
        )
    if name != "ferplus":
        return one_hot(translate(data.labels, data.classes, wanted), len(wanted))
    if data.votes is None:
        raise RecipeError(
            f"The target 'ferplus' needs FER+'s votes, and {data.path} has none: put fer2013new.csv beside FER2013's "
            'images, or say [data] targets = ["labels"].'
        )
    return crowd(data.votes)


def crowd(votes: NDArray[np.int64]) -> Target:
    """FER+'s votes as distributions over labels.EIGHT (the 'probabilistic label drawing' target of arXiv 1608.01041).

    A single vote for an expression counts as a slip and is dropped, as FER+ does. Rows in which 'unknown' and
    'not a face' have half of the votes or more carry no weight.
    """
    columns = [FERPLUS_VOTES.index(name) for name in FERPLUS_VOTES if canonical(name)]
    order = np.argsort([EIGHT.index(canonical(FERPLUS_VOTES[column]) or "") for column in columns])
    kept = np.where(votes > 1, votes, 0)[:, np.array(columns)[order]].astype(np.float32)
    total = kept.sum(1)
    weights = (total > votes.sum(1) / 2).astype(np.float32)
    distributions = kept / np.maximum(total, 1)[:, np.newaxis]
    distributions[total == 0] = 1 / len(EIGHT)
    return Target(distributions, weights)


def smooth(target: Target, amount: float) -> Target:
    """The target mixed with the uniform distribution (label smoothing, arXiv 1512.00567)."""
    uniform = 1 / target.distributions.shape[1]
    return Target((target.distributions * (1 - amount) + amount * uniform).astype(np.float32), target.weights)


def balance(target: Target, power: float = 1.0) -> Target:
    """The target with weights that make every class count alike (power 1) or nearer to it; their mean stays 1."""
    labels = target.distributions.argmax(1)
    counts = np.bincount(labels[target.weights > 0], minlength=target.distributions.shape[1])
    per_class = np.maximum(counts, 1.0) ** -power
    per_class *= counts.sum() / (counts * per_class).sum()
    return Target(target.distributions, (target.weights * per_class[labels]).astype(np.float32))


def blend(target: Target, answers: NDArray[np.float32], share: float) -> Target:
    """The target with a share of its distributions replaced by a teacher's answers (k, classes) on its first rows."""
    blended = target.distributions.copy()
    blended[: len(answers)] = blended[: len(answers)] * (1 - share) + answers * share
    return Target(blended.astype(np.float32), target.weights)


def score(target: Target, answers: NDArray[np.float32]) -> tuple[float, float]:
    """Weighted accuracy against the likeliest class, and weighted cross-entropy, of answers (n, classes)."""
    loss = -(target.distributions * np.log(np.maximum(answers, 1e-7))).sum(1)
    right = answers.argmax(1) == target.distributions.argmax(1)
    return float(np.average(right, weights=target.weights)), float(np.average(loss, weights=target.weights))


def mean_recall(target: Target, answers: NDArray[np.float32], least: int = 10) -> float:
    """Mean recall of the classes that have at least `least` images with weight."""
    labels, counted = target.distributions.argmax(1), target.weights > 0
    right = answers.argmax(1) == labels
    rows = [counted & (labels == label) for label in range(target.distributions.shape[1])]
    return float(np.mean([right[row].mean() for row in rows if row.sum() >= least]))


def one_hot(labels: NDArray[np.int64], count: int) -> Target:
    """Hard labels (n,) of `count` classes; a label of -1 weighs nothing."""
    return Target(np.eye(count, dtype=np.float32)[labels], (labels >= 0).astype(np.float32))
