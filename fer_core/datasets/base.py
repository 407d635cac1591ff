"""What every dataset on the user's disk looks like from outside; its adapter only translates.

An adapter is one small file that finds its layout and names files, labels and splits. Loading never downloads.
"""

import dataclasses
import hashlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core import protocols
from fer_core.errors import DatasetError, PhotoError, unforeseen
from fer_core.photos import images
from fer_core.protocols import ALL

Progress = Callable[[int, int], None]
"""Called with what is done and the total; what it raises ends the reading."""

DAMAGED = "an image that is damaged inside and cannot be read"

LISTED = 1000
"""So many problems are listed; all are counted."""


DOUBTFUL = "doubtful: "
"""Reasons that begin so leave nothing out: the image is kept, and somebody should look."""


def lost(counts: Mapping[str, int]) -> dict[str, int]:
    """The reasons why images were left out, without what is only doubtful."""
    return {reason: count for reason, count in counts.items() if not reason.startswith(DOUBTFUL)}


@dataclass(frozen=True)
class Problem:
    """What was left out. `place`: file, line or row; `reason`: one of a few sentences, so that they can be counted."""

    place: str
    reason: str


class Problems:
    """Collects what is wrong while a dataset is read."""

    def __init__(self) -> None:
        self.listed: list[Problem] = []
        self.counts: Counter[str] = Counter()

    def add(self, place: str, reason: str, count: int = 1) -> None:
        """`count`: the images that this one place stands for."""
        self.counts[reason] += count
        if len(self.listed) < LISTED:
            self.listed.append(Problem(place, reason))


@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset(ABC):
    """Labelled images, in memory or on disk.

    Attributes:
        kind: a kind of fer_core.datasets.adapters: fer2013, ferplus, raf_db, ..., folder.
        path: what was opened.
        classes: canonical names, in the order of labels.EIGHT.
        split_names: train, public_test, private_test; train, val, test; or all.
        labels: int64 (n,), indices into classes; what has no label is a problem and left out.
        splits: int8 (n,), indices into split_names.
        sizes: int32 (n, 2), height and width in pixels, from the files' headers.
        votes: int64 (n, 10) in the order of labels.FERPLUS_VOTES; None without FER+.
        file_rows: int64 (n,), the row of a CSV that each image came from (0 is the first after the heading), which
            exclusion files name; 0 to n - 1 for files in folders.
        groups: str (n,), the person in each image where the files tell; else None.
        notes: sentences about what was assumed: how a table was read, whose numbers the folders have.
        problems: the first of them.
        problem_counts: all of them, by reason.
    """

    kind: str
    path: Path
    classes: tuple[str, ...]
    split_names: tuple[str, ...]
    labels: NDArray[np.int64]
    splits: NDArray[np.int8]
    sizes: NDArray[np.int32]
    file_rows: NDArray[np.int64]
    votes: NDArray[np.int64] | None = None
    groups: NDArray[np.str_] | None = None
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    problem_counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def problem_count(self) -> int:
        return sum(self.problem_counts.values())

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def parts(self) -> protocols.Parts:
        """The split that trains, the one that selects and calibrates, and the one that reports."""
        return protocols.parts(self._filled())

    def rows(self, split: str) -> NDArray[np.intp]:
        """Row numbers of one split. 'all' is every image; 'test' of FER2013 is its public and its private test.

        Raises:
            DatasetError: no image is of that split.
        """
        places = [place for place, name in enumerate(self.split_names) if name in self._meant(split)]
        found = np.flatnonzero(np.isin(self.splits, places))
        if not found.size:
            raise DatasetError(f"No image is of the split '{split}'; here are {', '.join(self.split_names)}.")
        return found

    def _meant(self, split: str) -> Sequence[str]:
        if split in self.split_names:
            return (split,)
        return {ALL: self.split_names, "test": ("public_test", "private_test")}.get(split, ())

    def _filled(self) -> list[str]:
        """The splits that have an image."""
        present = set(self.splits.tolist())
        return [name for place, name in enumerate(self.split_names) if place in present]

    def take(self, rows: NDArray[np.intp]) -> Self:
        """The dataset with these rows alone, in this order."""
        arrays = {name: getattr(self, name) for name in self._by_row()}
        taken: dict[str, Any] = {name: None if values is None else values[rows] for name, values in arrays.items()}
        return dataclasses.replace(self, **taken)

    def _by_row(self) -> tuple[str, ...]:
        """Names of the fields with one entry per row."""
        return "labels", "splits", "sizes", "file_rows", "votes", "groups"

    def counts(self) -> dict[str, dict[str, int]]:
        """Images by split and class, zeros included."""
        width = len(self.classes)
        flat = np.bincount(self.splits.astype(np.int64) * width + self.labels, minlength=width * len(self.split_names))
        table = flat.reshape(len(self.split_names), width).tolist()
        return {
            split: dict(zip(self.classes, row, strict=True)) for split, row in zip(self.split_names, table, strict=True)
        }

    @abstractmethod
    def name_of(self, row: int) -> str:
        """The file below `path`, or 'row 17' of a CSV."""

    @abstractmethod
    def fingerprint(self) -> str:
        """A name that changes when an image does: by its pixels in memory, by its file's size and time on disk."""

    def file_of(self, row: int) -> Path | None:  # noqa: ARG002
        """The file of an image; None where it came as pixels of a table."""
        return None

    @abstractmethod
    def image(self, row: int) -> NDArray[np.uint8]:
        """Gray (h, w) or RGB (h, w, 3).

        Raises:
            DatasetError: the file cannot be read as a picture.
        """

    def images(self, rows: Iterable[int], size: int, channels: int = 1) -> NDArray[np.uint8]:
        """Images at one size, uint8 (k, size, size, channels), read when asked for.

        Raises:
            DatasetError: one of the files cannot be read as a picture.
        """
        pictures = [fit(self.image(int(row)), size, channels) for row in rows]
        return np.stack(pictures) if pictures else np.empty((0, size, size, channels), np.uint8)


@dataclass(frozen=True, eq=False, kw_only=True)
class ImageTable(Dataset):
    """Images that came as rows of a CSV, all in memory: uint8 (n, h, w), gray."""

    pixels: NDArray[np.uint8]

    def name_of(self, row: int) -> str:
        return f"row {self.file_rows[row]}"

    def image(self, row: int) -> NDArray[np.uint8]:
        picture: NDArray[np.uint8] = self.pixels[row]
        return picture

    def fingerprint(self) -> str:
        return hashlib.blake2b(np.ascontiguousarray(self.pixels).tobytes(), digest_size=12).hexdigest()

    def _by_row(self) -> tuple[str, ...]:
        return *super()._by_row(), "pixels"


@dataclass(frozen=True, eq=False, kw_only=True)
class ImageFiles(Dataset):
    """Images that stay on disk until they are asked for.

    Attributes:
        root: what the names are relative to.
        names: files, with forward slashes.
        boxes: int32 (n, 4), top, left, bottom, right of the face where the dataset gives it; None for whole files.
    """

    root: Path
    names: Sequence[str]
    boxes: NDArray[np.int32] | None = None

    def name_of(self, row: int) -> str:
        return self.names[row]

    def file_of(self, row: int) -> Path:
        return self.root / self.names[row]

    def take(self, rows: NDArray[np.intp]) -> Self:
        return dataclasses.replace(super().take(rows), names=[self.names[row] for row in rows.tolist()])

    def _by_row(self) -> tuple[str, ...]:
        return *super()._by_row(), "boxes"

    def fingerprint(self) -> str:
        state = hashlib.blake2b(str(self.root.resolve()).encode(errors="surrogateescape"), digest_size=12)
        state.update(b"" if self.boxes is None else self.boxes.tobytes())
        for name in self.names:
            state.update(f"{name}|{_stat(self.root / name)}\n".encode(errors="surrogateescape"))
        return state.hexdigest()

    def image(self, row: int) -> NDArray[np.uint8]:
        pixels = read_image(self.file_of(row))
        if self.boxes is None:
            return pixels
        top, left, bottom, right = (max(0, int(side)) for side in self.boxes[row])
        cut = pixels[top:bottom, left:right]
        return cut if cut.size else pixels


def _stat(path: Path) -> tuple[int, int]:
    try:
        facts = path.stat()
    except OSError:
        return -1, -1
    return facts.st_size, facts.st_mtime_ns


@unforeseen(DatasetError, "A file cannot be read as a picture, for a reason that nobody foresaw. Replace or remove it.")
def read_image(path: Path) -> NDArray[np.uint8]:
    """A picture file: gray (h, w) or RGB (h, w, 3), upright.

    Raises:
        DatasetError: it cannot be opened, or is no picture.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path.name} cannot be read ({error.strerror}). Check its rights.") from error
    pixels = _decode_usual(data)
    if pixels is not None:
        return pixels
    try:
        return images.decode_picture(data)
    except PhotoError as error:
        raise DatasetError(f"{path.name} cannot be read as a picture. {error}") from error


def _decode_usual(data: bytes) -> NDArray[np.uint8] | None:
    """JPEG, and PNG of 8 bits without transparency, which OpenCV decodes in a fraction of Pillow's time."""
    if not data.startswith(b"\xff\xd8") and data[24:26] not in (b"\x08\x00", b"\x08\x02"):
        return None
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_ANYCOLOR)
    except cv2.error:
        return None
    if pixels is None:
        return None
    return np.asarray(pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def fit(pixels: NDArray[np.uint8], size: int, channels: int) -> NDArray[np.uint8]:
    """A gray (h, w) or RGB (h, w, 3) image as (size, size, channels)."""
    if channels == 1 and pixels.ndim == 3:
        pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    if pixels.shape[:2] != (size, size):
        smaller = min(pixels.shape[:2]) > size
        way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
        pixels = np.asarray(cv2.resize(pixels, (size, size), interpolation=way), dtype=np.uint8)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., np.newaxis], channels, axis=2)
    return pixels
