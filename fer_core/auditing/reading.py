"""One pass over the images of a dataset, for all that the audit asks of each; kept in the user's cache folder."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.auditing import copies
from fer_core.auditing.quality import MEASURES, SIDE, Quality, measure
from fer_core.datasets import cache
from fer_core.datasets.base import Dataset, ImageFiles, ImageTable, Progress, fit
from fer_core.errors import DatasetError
from fer_core.photos import provenance

VERSION = 1
"""Of what is kept: raise it when a figure changes."""
TICK = 500
NEAR_SHARE = 0.5
"""Of a full bar: what comparing takes beside reading, for images in memory."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What one pass found, by row.

    Attributes:
        identity: int64 (n,), the same number for the same pixels.
        quality: brightness and the like; 0 where the image could not be read.
        unreadable: bool (n,).
        marks: phrases by row, of the few that carry any.
        pairs: near copies, of dtype audit_copies.PAIR.
        compared: near copies were looked for.
    """

    identity: NDArray[np.int64]
    quality: Quality
    unreadable: NDArray[np.bool_]
    marks: dict[int, str]
    pairs: NDArray[np.void]
    compared: bool


def read(dataset: Dataset, progress: Progress | None = None) -> Reading:
    """The pass, from the cache when the same files were read before.

    Args:
        dataset: an opened one.
        progress: called with what is done and the total; what it raises ends the reading.
    """
    name = f"audit{VERSION}-{fingerprint(dataset)}"
    stored = cache.read(name)
    if stored is None:
        stored = _pass(dataset, progress)
        cache.write(name, stored)
    rows, phrases = stored["marked"].tolist(), stored["marks"].tolist()
    return Reading(
        np.asarray(stored["identity"], np.int64),
        Quality.of(np.asarray(stored["quality"], np.float32)),
        np.asarray(stored["unreadable"], np.bool_),
        dict(zip(rows, phrases, strict=True)),
        np.asarray(stored["pairs"]),
        bool(stored["compared"]),
    )


def quality(dataset: Dataset, rows: Iterable[int]) -> Quality:
    """The figures of some images; those that cannot be read are all 0."""
    found = [_measured(dataset, int(row)) for row in rows]
    return Quality.of(np.array(found, np.float32).reshape(-1, len(MEASURES)))


def fingerprint(dataset: Dataset) -> str:
    """A name that changes when an image does: by its pixels in memory, by its file's size and time on disk."""
    state = hashlib.blake2b(digest_size=12)
    if isinstance(dataset, ImageTable):
        state.update(np.ascontiguousarray(dataset.pixels).tobytes())
    elif isinstance(dataset, ImageFiles):
        state.update(str(dataset.root.resolve()).encode())
        state.update(b"" if dataset.boxes is None else dataset.boxes.tobytes())
        for name in dataset.names:
            facts = _stat(dataset, name)
            state.update(f"{name}|{facts}\n".encode(errors="surrogateescape"))
    return state.hexdigest()


def _stat(dataset: ImageFiles, name: str) -> tuple[int, int]:
    try:
        facts = (dataset.root / name).stat()
    except OSError:
        return -1, -1
    return facts.st_size, facts.st_mtime_ns


def _pass(dataset: Dataset, progress: Progress | None) -> cache.Arrays:
    count = len(dataset)
    digests = np.zeros((count, 16), np.uint8)
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
            unreadable[row], digests[row] = True, np.frombuffer(row.to_bytes(16, "big"), np.uint8)
            continue
        digests[row] = np.frombuffer(digest(pixels), np.uint8)
        table[row] = measure(fit(pixels, SIDE, 1)[..., 0])
        thumbnails[row] = fit(pixels, copies.THUMBNAIL, 1)[..., 0]
        if isinstance(dataset, ImageFiles) and (found := provenance.marks_of(dataset.root / dataset.names[row])):
            marks[row] = "; ".join(found)
    identity = np.unique(digests.view("V16").ravel(), return_inverse=True)[1].astype(np.int64)
    different = copies.firsts(identity)
    compared = len(different) <= copies.MOST
    pairs = np.empty(0, copies.PAIR)
    if compared:
        pairs = copies.near_pairs(thumbnails, different, _rest(progress, count, total))
    if progress:
        progress(total, total)
    return {
        "identity": identity,
        "quality": table,
        "unreadable": unreadable,
        "marked": np.array(list(marks), np.int64),
        "marks": np.array(list(marks.values()), np.str_),
        "pairs": pairs,
        "compared": np.array(compared),
    }


def digest(pixels: NDArray[np.uint8]) -> bytes:
    """Sixteen bytes that tell images apart; a gray image and the same as a table of another shape differ."""
    shape = ",".join(map(str, pixels.shape)).encode()
    return hashlib.blake2b(np.ascontiguousarray(pixels).tobytes(), digest_size=16, person=shape[:16]).digest()


def _measured(dataset: Dataset, row: int) -> tuple[float, float, float, float]:
    try:
        return measure(fit(dataset.image(row), SIDE, 1)[..., 0])
    except DatasetError:
        return 0.0, 0.0, 0.0, 0.0


def _rest(progress: Progress | None, count: int, total: int) -> Progress | None:
    if progress is None:
        return None
    return lambda done, steps: progress(count + (total - count) * done // steps, total)
