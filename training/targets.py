"""What a head learns: class distributions and weights, made from the labels of the data."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets.fer2013 import Fer2013
from fer_core.errors import RecipeError
from fer_core.labels import EIGHT, FERPLUS_VOTES, SEVEN, canonical

CLASSES: Mapping[str, tuple[str, ...]] = {"fer2013": SEVEN, "ferplus": EIGHT}
"""Expressions of each target, in the order of its columns."""


@dataclass(frozen=True, eq=False)
class Target:
    """Distributions float32 (n, classes), rows sum to 1, and weights float32 (n,); weight 0: nothing to learn here."""

    distributions: NDArray[np.float32]
    weights: NDArray[np.float32]

    def take(self, rows: NDArray[np.intp]) -> "Target":
        return Target(self.distributions[rows], self.weights[rows])


def make(name: str, data: Fer2013) -> Target:
    """The target of that name for every row of the data.

    Raises:
        RecipeError: the data holds no such labels.
    """
    if name == "fer2013":
        return _one_hot(data.labels, len(SEVEN))
    if data.votes is None:
        raise RecipeError("The target 'ferplus' needs FER+'s votes: put fer2013new.csv beside the images.")
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


def balance(target: Target) -> Target:
    """The target with weights that make every class count alike; their mean stays 1."""
    labels = target.distributions.argmax(1)
    counts = np.bincount(labels, minlength=target.distributions.shape[1])
    per_class = len(labels) / np.maximum(counts, 1) / np.count_nonzero(counts)
    return Target(target.distributions, (target.weights * per_class[labels]).astype(np.float32))


def _one_hot(labels: NDArray[np.int64], classes: int) -> Target:
    return Target(np.eye(classes, dtype=np.float32)[labels], np.ones(len(labels), np.float32))
