"""Accuracy on the same faces as they are spoiled more and more, one curve per model and corruption.

The face is found on the clean photo: the curves tell what the network bears, not the detector.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from fer_core.compare.answers import Comparison
from fer_core.compare.corruptions import CORRUPTIONS, STEPS, Marks, spoiled
from fer_core.compare.run import BATCH, read_crops
from fer_core.evaluation.metrics import share_interval
from fer_core.predictors.base import Predictor

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Faces:
    """Labelled face pictures of any size.

    Attributes:
        title: for people.
        pictures: (n,) of uint8 (s, s) or (s, s, 3).
        marks: (n,) landmarks (5, 2), 0 to 1, or None.
        targets: int64 (n,).
        classes: expressions.
    """

    title: str
    pictures: Sequence[Pixels]
    marks: Sequence[Marks]
    targets: NDArray[np.int64]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, eq=False)
class Curves:
    """Right answers (corruptions, steps 0 to 5) of each model, of `count` faces; -1 where not measured."""

    title: str
    count: int
    corruptions: tuple[str, ...]
    titles: dict[str, str]
    right: dict[str, NDArray[np.int64]]

    def share(self, model: str, corruption: str) -> list[tuple[float, float, float]]:
        """Accuracy at steps 0 to 5 with Wilson's 95 % interval, as far as measured."""
        row = self.right[model][self.corruptions.index(corruption)]
        return [(int(hits) / self.count, *share_interval(int(hits), self.count)) for hits in row if hits >= 0]

    def rows(self) -> list[dict[str, str]]:
        """One row per corruption and model, one column per step."""
        return [
            {"spoiled by": CORRUPTIONS[name].title, "model": self.titles[model]}
            | {f"step {step}": f"{100 * value:.1f} %" for step, (value, _, _) in enumerate(self.share(model, name))}
            for name in self.corruptions
            for model in self.right
        ]


class Sweep:
    """A measurement on its way, as ComparisonRun: `step` until `finished`, or stop and take the `result` so far."""

    def __init__(self, given: Faces, predictors: Sequence[Predictor], corruptions: Sequence[str] = ()) -> None:
        self.given = given
        self.done = 0
        self._predictors = tuple(predictors)
        self._names = tuple(corruptions) or tuple(CORRUPTIONS)
        starts = range(0, len(given), BATCH)
        self._todo = [("", 0, start) for start in starts]
        self._todo += [(name, s, start) for name in self._names for s in range(1, STEPS + 1) for start in starts]
        shape = (len(self._names), STEPS + 1)
        self._right = {one.name: np.full(shape, -1, np.int64) for one in self._predictors}
        self._lock = Lock()

    @property
    def total(self) -> int:
        return len(self._todo)

    @property
    def finished(self) -> bool:
        return self.done >= self.total

    def step(self) -> None:
        """One batch of one corruption at one step, by all models."""
        with self._lock:
            if self.finished:
                return
            name, step, start = self._todo[self.done]
            rows = range(start, min(start + BATCH, len(self.given)))
            pictures = [self._picture(name, step, row) for row in rows]
            for predictor in self._predictors:
                answers = read_crops(predictor, pictures, self.given.classes).argmax(axis=1)
                self._count(
                    predictor.name, name, step, int((answers == self.given.targets[rows.start : rows.stop]).sum())
                )
            self.done += 1

    def result(self) -> Curves:
        titles = {one.name: one.info.title for one in self._predictors}
        whole = {model: self._without_halves(right) for model, right in self._right.items()}
        return Curves(self.given.title, len(self.given), self._names, titles, whole)

    def _picture(self, name: str, step: int, row: int) -> Pixels:
        picture = self.given.pictures[row]
        return spoiled(name, step, picture, row, self.given.marks[row]) if step else picture

    def _count(self, model: str, name: str, step: int, hits: int) -> None:
        """Step 0 is the same for every corruption."""
        places = [self._names.index(name)] if step else range(len(self._names))
        for place in places:
            self._right[model][place, step] = max(0, self._right[model][place, step]) + hits

    def _without_halves(self, right: NDArray[np.int64]) -> NDArray[np.int64]:
        """A step that was stopped in the middle is not measured."""
        left = self._todo[self.done :]
        kept = right.copy()
        for name, step, _ in left:
            kept[self._names.index(name) if step else slice(None), step] = -1
        return kept


def faces_of(given: Comparison, most: int) -> Faces:
    """The found faces of a comparison; when there are more than `most`, so many drawn at random."""
    rows = np.flatnonzero(given.found)
    title = f"{len(rows):,} faces"
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
        title = f"{most:,} of {title}, drawn at random"
    return Faces(
        f"{title}. Each face was found on the clean photo, then spoiled: this is what the network bears.",
        [given.pictures[row] for row in rows],
        [given.marks[row] for row in rows],
        given.targets[rows],
        given.classes,
    )
