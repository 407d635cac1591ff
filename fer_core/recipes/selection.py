"""Which of a dataset's labelled rows a training takes: classes, a cap, a share held out. Chance is seeded.

The subset builder's preview and the trainer call the same functions, so that what is shown is what is trained on.
"""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]
Labels = NDArray[np.int64]


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
