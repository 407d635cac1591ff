"""What every dataset on the user's disk looks like from outside; its adapter only translates.

An adapter is one small file that finds its layout and names files, labels and splits. Loading never downloads.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError, PhotoError
from fer_core.photos import images

Progress = Callable[[int, int], None]
"""Called with what is done and the total; what it raises ends the reading."""

LISTED = 1000
"""So many problems are listed; all are counted."""

ALL = "all"
"""The split of a dataset that has none."""


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

    def add(self, place: str, reason: str) -> None:
        self.counts[reason] += 1
        if len(self.listed) < LISTED:
            self.listed.append(Problem(place, reason))


@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset(ABC):
    """Labelled images, in memory or on disk.

    Attributes:
        kind: key of the catalogue: fer2013, ferplus, raf_db, affectnet, expw, ck_plus, folder.
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
    problems: tuple[Problem, ...] = ()
    problem_counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def problem_count(self) -> int:
        return sum(self.problem_counts.values())

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, split: str) -> NDArray[np.intp]:
        """Row numbers of one split.

        Raises:
            DatasetError: no image is of that split.
        """
        place = self.split_names.index(split) if split in self.split_names else -1
        found = np.flatnonzero(self.splits == place)
        if not found.size:
            raise DatasetError(f"No image is of the split '{split}'; here are {', '.join(self.split_names)}.")
        return found

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

    def image(self, row: int) -> NDArray[np.uint8]:
        pixels = read_image(self.root / self.names[row])
        if self.boxes is None:
            return pixels
        top, left, bottom, right = (max(0, int(side)) for side in self.boxes[row])
        cut = pixels[top:bottom, left:right]
        return cut if cut.size else pixels


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
