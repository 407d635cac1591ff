"""Whether two pictures are the same: the one rule for audit, training, subsets and Compare.

The same means the same pixels at the same size. How the file was packed and what else stands in it do not count.
"""

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.datasets.base import Dataset, ImageFiles, Progress
from fer_core.datasets.store import cache
from fer_core.errors import DatasetError

Pixels = NDArray[np.uint8]
Rows = NDArray[np.intp]

BYTES = 16
DIGEST = np.dtype(f"V{BYTES}")
TICK = 500
VERSION = 1
"""Raised when the same picture gets another digest."""


@dataclass(frozen=True, eq=False)
class Identity:
    """Which images of a dataset are the same.

    Attributes:
        digests: DIGEST (n,), equal for equal pictures, also of another dataset.
        unreadable: bool (n,); such a file is the same as no other.
    """

    digests: NDArray[np.void]
    unreadable: NDArray[np.bool_]

    def numbers(self) -> NDArray[np.int64]:
        """The same number for the same picture, (n,)."""
        return np.unique(self.digests, return_inverse=True)[1].astype(np.int64)

    def among(self, rows: Rows, others: "Identity", other_rows: Rows) -> NDArray[np.bool_]:
        """Which of the rows hold a picture that stands among the other rows, too."""
        same = np.isin(self.digests[rows], others.digests[other_rows])
        return same & ~self.unreadable[rows]


def digest(pixels: Pixels) -> bytes:
    """BYTES bytes that tell pictures apart.

    Args:
        pixels: uint8, gray (h, w) or RGB (h, w, 3). A gray picture and its copy in colour differ.
    """
    shape = ",".join(map(str, pixels.shape)).encode()
    return hashlib.blake2b(np.ascontiguousarray(pixels).tobytes(), digest_size=BYTES, person=shape[:16]).digest()


def gathered(digests: Pixels, unreadable: NDArray[np.bool_]) -> Identity:
    """Digests uint8 (n, BYTES); the rows that cannot be read get one of their own each."""
    own = digests.copy()
    for row in np.flatnonzero(unreadable).tolist():
        own[row] = np.frombuffer(hashlib.blake2b(b"unreadable %d" % row, digest_size=BYTES).digest(), np.uint8)
    return Identity(own.view(DIGEST).ravel(), unreadable)


def of(dataset: Dataset, progress: Progress | None = None) -> Identity:
    """Every image is read once; for files it is kept in the user's cache folder.

    Args:
        dataset: an opened one.
        progress: called with what is done and the total; what it raises ends the reading.
    """
    name = _name(dataset) if isinstance(dataset, ImageFiles) else ""
    stored = cache.read(name) if name else None
    if stored is not None:
        return gathered(stored["digests"].astype(np.uint8), stored["unreadable"].astype(np.bool_))
    digests = np.zeros((len(dataset), BYTES), np.uint8)
    unreadable = np.zeros(len(dataset), np.bool_)
    for row in range(len(dataset)):
        if progress and row % TICK == 0:
            progress(row, len(dataset))
        try:
            digests[row] = np.frombuffer(digest(dataset.image(row)), np.uint8)
        except DatasetError:
            unreadable[row] = True
    if progress:
        progress(len(dataset), len(dataset))
    if name:
        keep(dataset, digests, unreadable)
    return gathered(digests, unreadable)


def keep(dataset: Dataset, digests: Pixels, unreadable: NDArray[np.bool_]) -> None:
    """Store what a pass over the files of a dataset found, for `of`."""
    if isinstance(dataset, ImageFiles):
        cache.write(_name(dataset), {"digests": digests, "unreadable": unreadable})


class Seen:
    """Encoded pictures by name, to tell whether a further one is the same.

    Decoding whole photos only to compare them would take minutes: a picture is read at an eighth of its size first, and
    whole only where that equals another's.
    """

    def __init__(self) -> None:
        self._files: dict[bytes, tuple[str, bytes]] = {}
        self._glances: dict[bytes, list[tuple[str, bytes]]] = {}

    def first(self, data: bytes) -> str | None:
        """The name of the picture that is the same, or None."""
        if known := self._files.get(_of_bytes(data)):
            return known[0]
        alike = self._glances.get(_glance(data), [])
        return next((name for name, other in alike if _same(data, other)), None)

    def add(self, name: str, data: bytes) -> None:
        """Remember a picture that is like no other."""
        self._files[_of_bytes(data)] = (name, data)
        self._glances.setdefault(_glance(data), []).append((name, data))


def _of_bytes(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=BYTES).digest()


def _glance(data: bytes) -> bytes:
    """Equal for equal pictures, and hardly ever for others; a file that OpenCV does not read equals none but itself."""
    small = _decoded(data, cv2.IMREAD_REDUCED_COLOR_8)
    return _of_bytes(data) if small is None else digest(small)


def _same(one: bytes, other: bytes) -> bool:
    first, second = (_decoded(data, cv2.IMREAD_COLOR) for data in (one, other))
    return first is not None and second is not None and digest(first) == digest(second)


def _decoded(data: bytes, way: int) -> Pixels | None:
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), way) if data else None
    except cv2.error:
        return None
    return None if pixels is None else np.asarray(pixels, np.uint8)


def _name(dataset: Dataset) -> str:
    return f"identity{VERSION}-{dataset.fingerprint()}"
