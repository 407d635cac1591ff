"""How evenly the classes of a dataset are filled, and how alike two splits are."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import expm1, log1p

Counts = Mapping[str, int]
"""Images by expression."""

BETA = 0.9999
"""Of the effective number: the largest of the values that Cui et al. try, 0.9 to 0.9999."""


@dataclass(frozen=True)
class Balance:
    """One column of class counts in numbers that can be compared.

    Attributes:
        total: images.
        shares: of each expression, 0 to 1.
        imbalance: largest class by smallest of those that are not empty; 1 is even, None without images.
        smallest: the expression with the fewest images.
        largest: the expression with the most.
        effective: effective number of samples of each expression (arXiv 1901.05555).
    """

    total: int
    shares: dict[str, float]
    imbalance: float | None
    smallest: str | None
    largest: str | None
    effective: dict[str, float]


def balance(counts: Counts, beta: float = BETA) -> Balance:
    """The numbers of one column; classes without an image are left out of the ratio."""
    total = sum(counts.values())
    filled = {label: count for label, count in counts.items() if count}
    smallest, largest = (
        min(filled, key=filled.__getitem__, default=None),
        max(filled, key=filled.__getitem__, default=None),
    )
    return Balance(
        total=total,
        shares=shares(counts),
        imbalance=filled[largest] / filled[smallest] if smallest and largest else None,
        smallest=smallest,
        largest=largest,
        effective={label: effective_number(count, beta) for label, count in counts.items()},
    )


def shares(counts: Counts) -> dict[str, float]:
    """Of each class, 0 to 1; all 0 without images."""
    total = sum(counts.values())
    return {label: count / total if total else 0.0 for label, count in counts.items()}


def effective_number(count: int, beta: float = BETA) -> float:
    """(1 - beta^n) / (1 - beta): what n images are worth when each new one may repeat an old one (arXiv 1901.05555).

    Args:
        count: n, images of a class.
        beta: 0 (all images are alike) to below 1 (all are different).
    """
    return -expm1(count * log1p(beta - 1)) / (1 - beta) if beta > 0 else float(count > 0)


def total_variation(one: Counts, other: Counts) -> float:
    """Half the summed differences of the shares: 0 alike, 1 nothing in common. The share that would have to move."""
    p, q = shares(one), shares(other)
    return sum(abs(p.get(label, 0.0) - q.get(label, 0.0)) for label in {*p, *q}) / 2
