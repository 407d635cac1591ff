"""One pass over the images of a dataset, for all that the audit asks of each; kept in the user's cache folder."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from fer_core.auditing import copies, neighbours
from fer_core.auditing.quality import MEASURES, SIDE, Quality, measure
from fer_core.datasets import identity
from fer_core.datasets.base import Dataset, Progress, fit
from fer_core.datasets.identity import Identity, gathered
from fer_core.datasets.store import cache
from fer_core.errors import DatasetError
from fer_core.photos import provenance

VERSION = 3
"""Of what is kept: raise it when a figure changes."""
TICK = 500
NEAR_SHARE = 0.5
"""Of a full bar: what comparing takes beside reading, for images in memory."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What one pass found, by row.

    Attributes:
        same: which images have the same pixels.
        quality: brightness and the like; 0 where the image could not be read.
        marks: phrases by row, of the few that carry any.
        pairs: near copies, of dtype copies.PAIR.
        compared: near copies were looked for.
        all_compared: each image with each other one; else with those that `neighbours` finds.
    """

    same: Identity
    quality: Quality
    marks: dict[int, str]
    pairs: NDArray[np.void]
    compared: bool
    all_compared: bool = True

    @property
    def unreadable(self) -> NDArray[np.bool_]:
        """Bool (n,)."""
        return self.same.unreadable

    @cached_property
    def identity(self) -> NDArray[np.int64]:
        """int64 (n,), the same number for the same pixels."""
        return self.same.numbers()


def read(dataset: Dataset, progress: Progress | None = None) -> Reading:
    """The pass, from the cache when the same files were read before.

    Args:
        dataset: an opened one.
        progress: called with what is done and the total; what it raises ends the reading.
    """
    name = f"audit{VERSION}-{dataset.fingerprint()}"
    stored = cache.read(name)
    if stored is None:
        stored = _pass(dataset, progress)
        cache.write(name, stored)
    rows, phrases = stored["marked"].tolist(), stored["marks"].tolist()
    return Reading(
        gathered(np.asarray(stored["digests"], np.uint8), np.asarray(stored["unreadable"], np.bool_)),
        Quality.of(np.asarray(stored["quality"], np.float32)),
        dict(zip(rows, phrases, strict=True)),
        np.asarray(stored["pairs"]),
        bool(stored["compared"]),
        bool(stored["all_compared"]),
    )


def quality(dataset: Dataset, rows: Iterable[int]) -> Quality:
    """The figures of some images; those that cannot be read are all 0."""
    found = [_measured(dataset, int(row)) for row in rows]
    return Quality.of(np.array(found, np.float32).reshape(-1, len(MEASURES)))


def _pass(dataset: Dataset, progress: Progress | None) -> cache.Arrays:
    count = len(dataset)
    digests = np.zeros((count, identity.BYTES), np.uint8)
    table = np.zeros((count, len(MEASURES)), np.float32)
    thumbnails = np.zeros((count, copies.THUMBNAIL, copies.THUMBNAIL), np.uint8)
    unreadable = np.zeros(count, np.bool_)
    marks: dict[int, str] = {}
    total = round(count / (1 - NEAR_SHARE))
    for row in range(count):
        if progress and row % TICK == 0:
            progress(row, total)
        try:
            pixels = dataset.image(row)
        except DatasetError:
            unreadable[row] = True
            continue
        digests[row] = np.frombuffer(identity.digest(pixels), np.uint8)
        table[row] = measure(fit(pixels, SIDE, 1)[..., 0])
        thumbnails[row] = fit(pixels, copies.THUMBNAIL, 1)[..., 0]
        if (file := dataset.file_of(row)) and (found := provenance.marks_of(file)):
            marks[row] = "; ".join(found)
    identity.keep(dataset, digests, unreadable)
    different = copies.firsts(gathered(digests, unreadable).numbers())
    all_compared = len(different) <= copies.MOST
    compared = all_compared or find_spec("faiss") is not None
    pairs = np.empty(0, copies.PAIR)
    if compared:
        search = copies.near_pairs if all_compared else neighbours.near_pairs
        pairs = search(thumbnails, different, _rest(progress, count, total))
    if progress:
        progress(total, total)
    return {
        "digests": digests,
        "quality": table,
        "unreadable": unreadable,
        "marked": np.array(list(marks), np.int64),
        "marks": np.array(list(marks.values()), np.str_),
        "pairs": pairs,
        "compared": np.array(compared),
        "all_compared": np.array(all_compared),
    }


def _measured(dataset: Dataset, row: int) -> tuple[float, ...]:
    try:
        return measure(fit(dataset.image(row), SIDE, 1)[..., 0])
    except DatasetError:
        return (0.0,) * len(MEASURES)


def _rest(progress: Progress | None, count: int, total: int) -> Progress | None:
    if progress is None:
        return None
    return lambda done, steps: progress(count + (total - count) * done // steps, total)
