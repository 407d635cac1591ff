"""Where a training's images lie: in memory for FER2013, on the disk for datasets of image files.

A pool gives images when a batch asks for them, so that 300,000 files of 224x224 need no more memory than a few batches.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fer_core import datasets
from fer_core.datasets import Dataset, catalogue
from fer_core.datasets.adapters import fer2013
from fer_core.errors import DatasetError, RecipeError
from fer_core.recipes import selection
from fer_core.recipes.augmentation import resize
from training.data import targets
from training.data.targets import Target

Images = NDArray[np.uint8]
Rows = NDArray[np.intp]


class Pool(Protocol):
    """Images by row number."""

    def __len__(self) -> int: ...

    def take(self, rows: Rows, size: int) -> Images:
        """uint8 (k, h, w, c), square; `size` is what the network will see, and a pool may give more."""


@dataclass(frozen=True, eq=False)
class ArrayPool:
    """Images in memory, uint8 (n, h, w, c)."""

    images: Images

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: Rows, size: int) -> Images:  # noqa: ARG002
        return self.images[rows]


@dataclass(frozen=True, eq=False)
class DiskPool:
    """Images of a dataset, read when they are asked for."""

    dataset: Dataset
    rows: Rows
    channels: int

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, rows: Rows, size: int) -> Images:
        return self.dataset.images(self.rows[rows], size, self.channels)


@dataclass(frozen=True, eq=False)
class JoinedPool:
    """Pools one after the other."""

    pools: Sequence[Pool]

    def __len__(self) -> int:
        return sum(map(len, self.pools))

    def take(self, rows: Rows, size: int) -> Images:
        taken: dict[int, Images] = {}
        first = 0
        for pool in self.pools:
            places = np.flatnonzero((rows >= first) & (rows < first + len(pool)))
            images = at_size(pool.take(rows[places] - first, size), size) if places.size else ()
            taken |= dict(zip(places.tolist(), images, strict=True))
            first += len(pool)
        return np.stack([taken[place] for place in range(len(rows))])


@dataclass(frozen=True, eq=False)
class Source:
    """One dataset as a training sees it.

    Attributes:
        pool: of all rows.
        labels: int64 (n,), indices into the recipe's classes; -1: none of them.
        targets: of all rows, one a head.
        rows: row numbers of a split.
        file_rows: int64 (n,), by which exclusion files name the rows.
    """

    pool: Pool
    labels: NDArray[np.int64]
    targets: Mapping[str, Target]
    rows: Callable[[str], Rows]
    file_rows: NDArray[np.int64]

    def part(self, rows: Rows) -> "Part":
        taken = {name: target.take(rows) for name, target in self.targets.items()}
        if isinstance(self.pool, DiskPool):
            return Part(DiskPool(self.pool.dataset, self.pool.rows[rows], self.pool.channels), taken)
        return Part(ArrayPool(self.pool.take(rows, 0)), taken)


@dataclass(frozen=True, eq=False)
class Part:
    """One split, ready to be batched: its images, one target a head, and what teachers answer, float32 (n, classes)."""

    pool: Pool
    targets: Mapping[str, Target]
    taught: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.pool)

    def images(self, size: int) -> Images:
        """All of them at one size: uint8 (n, size, size, c)."""
        return at_size(self.pool.take(np.arange(len(self)), size), size)


def open_source(dataset: str, path: str, heads: tuple[str, ...], classes: tuple[str, ...], channels: int) -> Source:
    """A dataset under the recipe's classes.

    Raises:
        DatasetError: it is not there.
        RecipeError: it has no such labels.
    """
    if dataset == "fer2013" and channels == 1:
        return _fer2013(path, heads, classes)
    if heads != ("labels",):
        raise RecipeError(
            f"The targets {', '.join(heads)} are those of gray FER2013; for '{dataset}' with {channels} channels say "
            '[data] targets = ["labels"].'
        )
    if not Path(path).exists():
        raise DatasetError(f"The dataset '{dataset}' is not at {path}. {how_to_get(dataset)} Then say --data.path.")
    opened = datasets.open_dataset(path, None if dataset == "any" else dataset)
    labels = selection.translate(opened.labels, opened.classes, classes)
    made = {"labels": targets.one_hot(labels, len(classes))}
    return Source(DiskPool(opened, np.arange(len(opened)), channels), labels, made, opened.rows, opened.file_rows)


def how_to_get(dataset: str) -> str:
    """What the catalogue says of a dataset's access."""
    known = {entry.key: entry for entry in catalogue.entries()}
    return f"How to get it: {known[dataset].access}." if dataset in known else "Check the path."


def join(parts: Sequence[Part]) -> Part:
    """Parts with the same heads as one."""
    if len(parts) == 1:
        return parts[0]
    heads = {name: Target.concatenate([part.targets[name] for part in parts]) for name in parts[0].targets}
    return Part(JoinedPool([part.pool for part in parts]), heads)


def at_size(images: Images, size: int) -> Images:
    """Every image (n, h, w, c) at (n, size, size, c)."""
    if images.shape[1:3] == (size, size):
        return images
    return np.stack([resize(image, size) for image in images])


def _fer2013(path: str, heads: tuple[str, ...], classes: tuple[str, ...]) -> Source:
    data = fer2013.load(path)
    labels = selection.translate(data.labels, targets.CLASSES["fer2013"], classes)
    made = {name: targets.make(name, data, classes) for name in heads}
    return Source(ArrayPool(data.images[..., np.newaxis]), labels, made, data.rows, np.arange(len(data.labels)))
