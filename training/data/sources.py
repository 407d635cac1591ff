"""Where a training's images lie: in memory for tables of gray pixels, on the disk for datasets of image files.

A pool gives images when a batch asks for them, so that 300,000 files of 224x224 need no more memory than a few batches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fer_core import datasets
from fer_core.datasets import Dataset, catalogue
from fer_core.datasets.base import ImageTable
from fer_core.errors import DatasetError
from fer_core.recipes.augmentation import resize
from training.data import targets
from training.data.targets import Target

SAID = 1000
"""Images between two lines of progress."""

Images = NDArray[np.uint8]
Rows = NDArray[np.intp]


class Pool(Protocol):
    """Images by row number."""

    def __len__(self) -> int: ...

    def take(self, rows: Rows, size: int) -> Images:
        """uint8 (k, h, w, c), square; `size` is what the network will see, and a pool may give more."""

    def read(self, rows: Rows, size: int) -> tuple[Rows, Images]:
        """As take, with the rows that the images are of: readable ones stand in for those that are damaged."""


@dataclass(frozen=True, eq=False)
class ArrayPool:
    """Images in memory, uint8 (n, h, w, c)."""

    images: Images

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: Rows, size: int) -> Images:  # noqa: ARG002
        return self.images[rows]

    def read(self, rows: Rows, size: int) -> tuple[Rows, Images]:
        return rows, self.take(rows, size)


@dataclass(frozen=True, eq=False)
class DiskPool:
    """Images of a dataset, read when they are asked for. `damaged`: the files that could not be read so far."""

    dataset: Dataset
    rows: Rows
    channels: int
    damaged: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, rows: Rows, size: int) -> Images:
        return self.read(rows, size)[1]

    def read(self, rows: Rows, size: int) -> tuple[Rows, Images]:
        read = [(row, image) for row in rows.tolist() if (image := self._image(row, size)) is not None]
        if not read and rows.size:
            raise DatasetError(f"None of {rows.size} images in a row of {self.dataset.path} can be read as a picture.")
        missing = len(rows) - len(read)
        read += [read[place % len(read)] for place in range(missing)]
        if not read:
            return rows, self.dataset.images([], size, self.channels)
        return np.array([row for row, _ in read], np.intp), np.stack([image for _, image in read])

    def _image(self, row: int, size: int) -> Images | None:
        number = int(self.rows[row])
        try:
            return self.dataset.images([number], size, self.channels).squeeze(0)
        except DatasetError as error:
            name = self.dataset.name_of(number)
            if name not in self.damaged:
                self.damaged.add(name)
                print(f"{name} is left out, another image stands in for it. {error}", flush=True)
            return None


@dataclass(frozen=True, eq=False)
class JoinedPool:
    """Pools one after the other."""

    pools: Sequence[Pool]

    def __len__(self) -> int:
        return sum(map(len, self.pools))

    def take(self, rows: Rows, size: int) -> Images:
        return self.read(rows, size)[1]

    def read(self, rows: Rows, size: int) -> tuple[Rows, Images]:
        own = rows.copy()
        taken: dict[int, Images] = {}
        first = 0
        for pool in self.pools:
            places = np.flatnonzero((rows >= first) & (rows < first + len(pool)))
            if places.size:
                read, images = pool.read(rows[places] - first, size)
                own[places] = read + first
                taken |= dict(zip(places.tolist(), at_size(images, size), strict=True))
            first += len(pool)
        return own, np.stack([taken[place] for place in range(len(rows))])


@dataclass(frozen=True, eq=False)
class Source:
    """One dataset as a training sees it.

    Attributes:
        dataset: as opened.
        targets: of all rows, one per head.
        channels: 1 gray, 3 colour.
    """

    dataset: Dataset
    targets: Mapping[str, Target]
    channels: int

    def part(self, rows: Rows) -> "Part":
        taken = {name: target.take(rows) for name, target in self.targets.items()}
        if isinstance(self.dataset, ImageTable) and self.channels == 1:
            return Part(ArrayPool(self.dataset.pixels[rows][..., np.newaxis]), taken)
        return Part(DiskPool(self.dataset, rows, self.channels), taken)


@dataclass(frozen=True, eq=False)
class Draw:
    """Rows of a part of which each epoch shows a random choice.

    Attributes:
        first: row number of the first; they stand together.
        chances: float64 (k,), of each row; they sum to 1.
        share: of the images of an epoch.
    """

    first: int
    chances: NDArray[np.float64]
    share: float

    @property
    def rows(self) -> Rows:
        return np.arange(self.first, self.first + len(self.chances))


@dataclass(frozen=True, eq=False)
class Part:
    """One split, ready to be batched.

    Attributes:
        pool: its images.
        targets: one per head.
        taught: what teachers answer on the first rows, float32 (k, classes) per head.
        draws: rows that are drawn in a chosen share; the others are all shown in turn.
    """

    pool: Pool
    targets: Mapping[str, Target]
    taught: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    draws: tuple[Draw, ...] = ()

    def __len__(self) -> int:
        return len(self.pool)

    def images(self, size: int) -> Images:
        """All of them at one size: uint8 (n, size, size, c)."""
        return at_size(self.pool.take(np.arange(len(self)), size), size)


def open_source(
    dataset: str,
    path: str,
    heads: tuple[str, ...],
    classes: tuple[str, ...],
    channels: int,
    *,
    joined: bool = False,
) -> Source:
    """A dataset under the recipe's classes; a joined one has its hard labels for each head.

    Raises:
        DatasetError: it is not there.
        RecipeError: it has no such labels.
    """
    if not Path(path).exists():
        how = catalogue.how_to_get(dataset)
        where = "its path in the recipe's [[data.join]]" if joined else "--data.path"
        raise DatasetError(f"The dataset '{dataset}' is not at {path}. {how} Then say {where}.")
    opened = datasets.open_dataset(path, None if dataset == "any" else dataset, report)
    return Source(opened, {name: targets.make(name, opened, classes, joined=joined) for name in heads}, channels)


def report(done: int, total: int) -> None:
    """A line of progress now and then: finding the faces of thousands of photos takes minutes the first time."""
    if done and done % SAID == 0:
        print(f"Reading the dataset: {done:,} of {total:,}.", flush=True)


def join(parts: Sequence[Part], chosen: Sequence[Draw | None] = ()) -> Part:
    """Parts with the same heads as one.

    Args:
        parts: in the order of the recipe.
        chosen: how each part after the first is drawn; None: all of it in turn. Their `first` counts within the part.
    """
    if len(parts) == 1:
        return parts[0]
    heads = {name: Target.concatenate([part.targets[name] for part in parts]) for name in parts[0].targets}
    starts = np.cumsum([0, *map(len, parts)])
    draws = tuple(replace(draw, first=int(start)) for draw, start in zip(chosen, starts[1:], strict=False) if draw)
    return Part(JoinedPool([part.pool for part in parts]), heads, draws=draws)


def at_size(images: Images, size: int) -> Images:
    """Every image (n, h, w, c) at (n, size, size, c)."""
    if images.shape[1:3] == (size, size):
        return images
    return np.stack([resize(image, size) for image in images])
