"""Near copies among more images than can all be compared: faiss looks for neighbours, and each find is checked.

faiss (MIT, by Meta; wheels for Linux, macOS and Windows) rather than hnswlib or usearch: those build a graph and give a
fixed number of neighbours. Copies need all that are closer than a limit, however many (a range search). faiss' inverted
lists do this, with one byte per value.

Images fall into lists by the nearest of some thousand centres. An image is compared with those of its own list and of
the PROBED - 1 next ones only. What is found is then correlated as in `copies`, so a pair that is given is right. A pair
is missed when neither image looks into the other's list. `python -m benchmarks.scale.copies --fer2013 PATH` measures
how many, against all comparisons: none of FER2013's 2,237 pairs.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core import extras
from fer_core.auditing.copies import FLATTEST, MIRRORED, PAIR, SAME, Rows, Tick, normalised

PROBED = 8
"""Lists that each image looks into."""
SLACK = 0.01
"""Vectors of one byte per value are this inexact at most; what is found is checked with all its bits."""
AT_A_TIME = 4096
LEARNED = 40
"""Images per centre from which the centres are learned."""
MOST_CENTRES = 8192


def near_pairs(thumbnails: NDArray[np.uint8], rows: Rows, progress: Tick | None = None) -> NDArray[np.void]:
    """As copies.near_pairs, of any number of images. Few pairs are missed.

    Args:
        thumbnails: uint8 (n, 16, 16) of every image.
        rows: (k,) which of them to compare.
        progress: called with steps done and all steps.

    Returns:
        (pairs,) of dtype copies.PAIR, first < second, as row numbers.

    Raises:
        MissingPackageError: faiss is not installed.
    """
    extras.need("faiss")
    rows = np.concatenate([part[_spread(thumbnails[part])] for part in _parts(rows)]) if len(rows) else rows
    if len(rows) < 2:
        return np.empty(0, PAIR)
    steps = 3 * math.ceil(len(rows) / AT_A_TIME)
    found: list[NDArray[np.void]] = []
    for done, candidates in enumerate(_searched(thumbnails, rows)):
        found.append(candidates)
        if progress:
            progress(done, steps)
    return _unique(np.concatenate(found))


def _searched(thumbnails: NDArray[np.uint8], rows: Rows) -> Iterator[NDArray[np.void]]:
    """Pairs of each part of the images, after the index is built; an empty one for each part that is put into it."""
    index = _trained(thumbnails, rows)
    for part in _parts(rows):
        index.add(normalised(thumbnails[part]))
        yield np.empty(0, PAIR)
    for mirrored, limit in ((False, SAME), (True, MIRRORED)):
        for part in _parts(rows):
            asked = normalised(_turned(thumbnails[part], mirrored=mirrored))
            ends, _, places = index.range_search(asked, limit - SLACK)
            askers = np.repeat(part, np.diff(ends.astype(np.int64)))
            yield _checked(thumbnails, askers, rows[places], limit, mirrored=mirrored)


def _trained(thumbnails: NDArray[np.uint8], rows: Rows) -> Any:  # noqa: ANN401
    import faiss

    size = thumbnails.shape[1] * thumbnails.shape[2]
    centres = int(min(MOST_CENTRES, max(1, 4 * math.sqrt(len(rows))), max(1, len(rows) // LEARNED)))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(size), size, centres, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    index.cp.niter = 10
    index.cp.min_points_per_centroid = 1
    index.nprobe = PROBED
    drawn = np.random.default_rng(0).permutation(rows)[: LEARNED * centres]
    index.train(normalised(thumbnails[np.sort(drawn)]))
    return index


def _checked(
    thumbnails: NDArray[np.uint8], first: Rows, second: Rows, limit: float, *, mirrored: bool
) -> NDArray[np.void]:
    """Pairs whose correlation reaches the limit."""
    other = first != second
    low, high = np.minimum(first, second)[other], np.maximum(first, second)[other]
    found = [np.empty(0, PAIR)]
    for start in range(0, len(low), AT_A_TIME):
        one, two = low[start : start + AT_A_TIME], high[start : start + AT_A_TIME]
        turned = normalised(_turned(thumbnails[two], mirrored=mirrored))
        strength = np.einsum("ij,ij->i", normalised(thumbnails[one]), turned)
        kept = strength >= limit
        pairs = np.zeros(int(kept.sum()), PAIR)
        pairs["first"], pairs["second"], pairs["correlation"] = one[kept], two[kept], strength[kept]
        pairs["mirrored"] = mirrored
        found.append(pairs)
    return np.concatenate(found)


def _unique(pairs: NDArray[np.void]) -> NDArray[np.void]:
    """Each pair once, the unturned find before the mirrored one; by their first row."""
    order = np.lexsort((pairs["mirrored"], pairs["second"], pairs["first"]))
    ordered = pairs[order]
    again = (ordered["first"][1:] == ordered["first"][:-1]) & (ordered["second"][1:] == ordered["second"][:-1])
    return np.asarray(ordered[np.r_[True, ~again]] if len(ordered) else ordered)


def _turned(thumbnails: NDArray[np.uint8], *, mirrored: bool) -> NDArray[np.uint8]:
    return thumbnails[:, :, ::-1] if mirrored else thumbnails


def _spread(thumbnails: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray(thumbnails.std(axis=(1, 2)) >= FLATTEST)


def _parts(rows: Rows) -> Iterator[Rows]:
    for start in range(0, len(rows), AT_A_TIME):
        yield rows[start : start + AT_A_TIME]
