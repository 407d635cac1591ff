"""Exact and near copies of images.

Exact: the same pixels at the same size. Near: the Pearson correlation of 16x16 gray thumbnails (area averages) is at
least 0.95, or 0.96 with one of them mirrored; the distance is 1 minus it. It sees through watermarks, other contrast,
JPEG and small shifts. Of sixteen pairs looked at in each step of FER2013's correlations, all from 0.94 on were copies
and from 0.90 to 0.92 few; of mirrored ones, all from 0.96 on, about half from 0.94 to 0.96. pHash within 4 bits finds
half of these pairs, within 12 bits all but 1 % among forty times as many (docs/adr/0004).
"""

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]
Tick = Callable[[int, int], None]

THUMBNAIL = 16
SAME = 0.95
MIRRORED = 0.96
FLATTEST = 4.0
"""Thumbnails of a lower standard deviation are all noise: they correlate with anything."""
MOST = 100_000
"""Different images that are all compared with each other: the work grows with the square. See `neighbours`."""
TILE = (1024, 2048)
"""Correlations computed at once: these stay in the processor's cache, which is ten times as fast as whole rows."""

PAIR = np.dtype([("first", np.int64), ("second", np.int64), ("correlation", np.float32), ("mirrored", np.bool_)])


def exact_groups(identity: NDArray[np.int64]) -> list[Rows]:
    """Rows of the same identity, two and more each, in the order of their first row."""
    order = np.argsort(identity, kind="stable")
    ordered = identity[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    groups = [group for group in np.split(order, starts[1:]) if len(group) > 1]
    return sorted(groups, key=lambda group: int(group[0]))


def firsts(identity: NDArray[np.int64]) -> Rows:
    """The first row of each different image, ascending."""
    return np.sort(np.unique(identity, return_index=True)[1])


def near_pairs(thumbnails: NDArray[np.uint8], rows: Rows, progress: Tick | None = None) -> NDArray[np.void]:
    """Pairs of near copies among the rows.

    Args:
        thumbnails: uint8 (n, 16, 16) of every image.
        rows: (k,) which of them to compare, each with all others.
        progress: called with the share of the work done: steps and all steps.

    Returns:
        (pairs,) of dtype PAIR, first < second, as row numbers.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    flat = thumbnails[rows].std(axis=(1, 2)) < FLATTEST
    rows = rows[~flat]
    plain, mirrored = normalised(thumbnails[rows]), normalised(thumbnails[rows][:, :, ::-1])
    with threadpool_limits(1):  # tiles are too small to share; threads that wait for each other take ten times as long
        found = list(_blocks(plain, mirrored, progress))
    pairs = np.concatenate(found) if found else np.empty(0, PAIR)
    pairs["first"], pairs["second"] = rows[pairs["first"]], rows[pairs["second"]]
    return pairs


def normalised(thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Vectors (n, 256) of mean 0 and length 1: their inner product is the correlation."""
    vectors = thumbnails.reshape(len(thumbnails), thumbnails.shape[1] * thumbnails.shape[2]).astype(np.float32)
    vectors -= vectors.mean(axis=1, keepdims=True)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def joined(pairs: NDArray[np.void], exact: list[Rows], count: int) -> list[Rows]:
    """Groups of rows that near pairs connect, exact copies of each of them included."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    first = np.concatenate([pairs["first"], *(np.full(len(group) - 1, group[0]) for group in exact)])
    second = np.concatenate([pairs["second"], *(group[1:] for group in exact)])
    links = coo_array((np.ones(len(first), np.bool_), (first, second)), shape=(count, count))
    _, names = connected_components(links, directed=False)
    order = np.argsort(names, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(names[order])) + 1)
    near = np.zeros(count, np.bool_)
    near[pairs["first"]] = True
    return sorted((group for group in groups if near[group].any()), key=lambda group: int(group[0]))


def _blocks(
    plain: NDArray[np.float32], mirrored: NDArray[np.float32], progress: Tick | None
) -> Iterator[NDArray[np.void]]:
    height, width = TILE
    steps = math.ceil(len(plain) / height)
    for step in range(steps):
        top = step * height
        if progress:  # each image meets those after it only
            progress(steps**2 - (steps - step) ** 2, steps**2)
        for left in range(top, len(plain), width):
            same = _above(plain[top : top + height] @ plain[left : left + width].T, SAME, top, left)
            turned = _above(plain[top : top + height] @ mirrored[left : left + width].T, MIRRORED, top, left)
            turned["mirrored"] = True
            yield same
            yield turned[~np.isin(_number(turned), _number(same))]


def _above(correlations: NDArray[np.float32], limit: float, top: int, left: int) -> NDArray[np.void]:
    """Pairs of a tile, each once."""
    first, second = np.divmod(np.flatnonzero(correlations >= limit), correlations.shape[1])
    strength = correlations[first, second]
    first, second = first + top, second + left
    later = second > first
    pairs = np.zeros(int(later.sum()), PAIR)
    pairs["first"], pairs["second"], pairs["correlation"] = first[later], second[later], strength[later]
    return pairs


def _number(pairs: NDArray[np.void]) -> NDArray[np.int64]:
    return np.asarray(pairs["first"] * np.int64(1 << 32) + pairs["second"], np.int64)
