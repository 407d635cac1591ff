"""From a recipe's data section to batches: which rows, which targets, augmented where the cores are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import RecipeError
from fer_core.recipes import selection
from fer_core.recipes.augmentation import Augmentation, augment
from fer_core.recipes.schema import Data, Recipe, Regularization, read_exclusions
from training.data import sources, targets
from training.data.sources import Part, Source
from training.data.targets import Target

Images = NDArray[np.uint8]
Rows = NDArray[np.intp]
Rows32 = dict[str, NDArray[np.float32]]
Batch = tuple[Images, Rows32, Rows32] | tuple[Images, Rows32]
"""Images, distributions a head and, where they differ, weights a head."""


@dataclass(frozen=True, eq=False)
class Splits:
    """The parts a training reads, and what was left out of the training part and why."""

    train: Part
    select: Part
    left_out: Mapping[str, int]


def load(section: Data, channels: int = 1) -> Splits:
    """Read the dataset and cut it as the recipe says.

    Raises:
        DatasetError: the data is not there.
        RecipeError: the recipe asks for what the data does not hold.
    """
    wanted = targets.classes(section)
    if section.join and section.targets != ("labels",):
        raise RecipeError('Joined datasets share hard labels only: say [data] targets = ["labels"].')
    first = wanted[section.targets[0]]
    source = sources.open_source(section.dataset, section.path, section.targets, first, channels)
    trained, selecting, left_out = rows(source, section)
    parts = [source.part(trained)]
    for other in section.join:
        joined = sources.open_source(other.dataset, other.path, section.targets, first, channels)
        own = joined.rows(other.train)
        own = own[joined.labels[own] >= 0]
        if section.leave_out_copies:
            tests = np.concatenate([selecting, source.rows(section.report)])
            own = _without(
                own, copies(joined, own, source, tests), f"exact copies of test images in {other.dataset}", left_out
            )
        parts.append(joined.part(_capped(own, joined, section)))
    return Splits(sources.join(parts), source.part(selecting), left_out)


def reporting(section: Data, channels: int = 1) -> Part:
    """The split that the card reports, under the recipe's classes."""
    first = targets.classes(section)[section.targets[0]]
    source = sources.open_source(section.dataset, section.path, section.targets, first, channels)
    reported = source.rows(section.report)
    return source.part(reported[source.labels[reported] >= 0])


def rows(source: Source, section: Data) -> tuple[Rows, Rows, dict[str, int]]:
    """Row numbers to train on and to select on, and how many were left out for which reason."""
    trained, selecting = source.rows(section.train), _official(source, section)
    left_out: dict[str, int] = {}
    if section.leave_out_copies:
        tests = np.concatenate([selecting, source.rows(section.report)])
        trained = _without(trained, copies(source, trained, source, tests), "exact copies of test images", left_out)
    for file in section.exclude:
        listed = np.isin(source.file_rows[trained], list(read_exclusions(Path(file))))
        trained = _without(trained, listed, f"listed in {Path(file).name}", left_out)
    if section.classes:
        trained = _without(trained, source.labels[trained] < 0, "of other classes", left_out)
    before = len(trained)
    trained = _capped(trained, source, section)[: section.limit]
    if len(trained) < before:
        left_out["above the cap"] = before - len(trained)
    if section.selection != "official":
        trained, held = selection.hold_out(trained, section.held_out)
        left_out["held out"] = len(held)
        selecting = held if section.selection == "held_out" else selecting
        if section.leave_out_copies:
            trained = _without(
                trained, copies(source, trained, source, held), "exact copies of held-out images", left_out
            )
    return trained, selecting[source.labels[selecting] >= 0], left_out


def copies(source: Source, rows: Rows, other: Source, others: Rows) -> NDArray[np.bool_]:
    """Which rows have an image that stands, pixel for pixel, among the other source's rows too."""
    known = set(_pixels(other, others))
    return np.array([image in known for image in _pixels(source, rows)], np.bool_)


def identical(images: Images, others: Images) -> NDArray[np.bool_]:
    """Which images (n, ...) stand, pixel for pixel, among the others (m, ...)."""
    known = {other.tobytes() for other in others}
    return np.array([image.tobytes() in known for image in images], np.bool_)


def _pixels(source: Source, rows: Rows) -> list[int]:
    """A hash of each image, in the order of the rows; files are read one by one and not kept."""
    if isinstance(source.pool, sources.DiskPool):
        read = source.pool.dataset.image
        return [hash((image.shape[:2], image.tobytes())) for image in map(read, source.pool.rows[rows].tolist())]
    return [hash((image.shape[:2], image.tobytes())) for image in source.pool.take(rows, 0)]


def _official(source: Source, section: Data) -> Rows:
    if section.selection == "part_of_test":
        return selection.hold_out(source.rows(section.report), section.held_out)[1]
    return source.rows(section.select) if section.selection == "official" else np.empty(0, np.intp)


def _capped(rows: Rows, source: Source, section: Data) -> Rows:
    return selection.cap(rows, source.labels, section.cap) if section.cap else rows


def _without(rows: Rows, which: NDArray[np.bool_], reason: str, left_out: dict[str, int]) -> Rows:
    left_out[reason] = int(which.sum())
    return rows[~which]


class Batches(keras.utils.PyDataset):
    """One epoch of augmented batches.

    All chance comes from (seed, epoch, batch), so that a resumed training sees what an unbroken one would have seen.
    """

    def __init__(self, part: Part, recipe: Recipe, *, epoch: int, size: int, share: float = 1.0) -> None:
        """`share`: of the images, the same ones in every epoch."""
        super().__init__(workers=1, max_queue_size=8)
        # OpenCV's own threads wait by spinning, on cores that the network needs: CNN 48 trained at half the rate.
        cv2.setNumThreads(1)
        self.part, self.size, self.epoch = part, size, epoch
        self.settings: Augmentation = recipe.augmentation
        self.rules: Regularization = recipe.regularization
        self.batch, self.seed = recipe.training.batch, recipe.training.seed
        shown = np.random.default_rng(self.seed).permutation(len(part))[: count(len(part), share)]
        self.order = np.random.default_rng((self.seed, epoch)).permutation(np.sort(shown))
        self.targets = prepare(part.targets, self.rules)
        self.targets |= {
            name: targets.blend(self.targets[name], answers, recipe.distillation.share)
            for name, answers in part.taught.items()
        }

        # Weights that are all 1 would cost a tenth of a small network's time.
        self.weighted = any((target.weights != 1).any() for target in self.targets.values())

    def __len__(self) -> int:
        """Whole batches only: batch norm dislikes a small last one, and each epoch leaves out others."""
        return max(1, len(self.order) // self.batch)

    def __getitem__(self, index: int) -> Batch:
        generator = np.random.default_rng((self.seed, self.epoch, index))
        rows = self.order[index * self.batch : (index + 1) * self.batch]
        images = augment(self.part.pool.take(rows, self.size), self.size, self.settings, generator)
        labels = {name: target.take(rows) for name, target in self.targets.items()}
        if self.rules.mixup and generator.random() < self.rules.mixup_share:
            images, labels = mix(images, labels, self.rules.mixup, generator)
        distributions = {name: target.distributions for name, target in labels.items()}
        if not self.weighted:
            return images, distributions
        return images, distributions, {name: target.weights for name, target in labels.items()}


def count(images: int, share: float) -> int:
    """How many images a share is; at least one."""
    return max(1, round(images * share))


def prepare(made: Mapping[str, Target], rules: Regularization) -> dict[str, Target]:
    """Targets under the recipe's regularization. FER+'s crowd is soft as it is; only hard labels are smoothed."""
    prepared = {}
    for name, target in made.items():
        weighted = targets.balance(target, rules.class_weights) if rules.class_weights else target
        prepared[name] = weighted if name == "ferplus" else targets.smooth(weighted, rules.label_smoothing)
    return prepared


def mix(
    images: Images, labels: Mapping[str, Target], alpha: float, generator: np.random.Generator
) -> tuple[Images, dict[str, Target]]:
    """Mixup (arXiv 1710.09412) of a batch with itself reversed; one share for the whole batch."""
    share = np.float32(generator.beta(alpha, alpha))
    blended = images * share + images[::-1] * (1 - share)
    mixed = {
        name: Target(
            target.distributions * share + target.distributions[::-1] * (1 - share),
            target.weights * target.weights[::-1],
        )
        for name, target in labels.items()
    }
    return (blended + 0.5).astype(np.uint8), mixed
