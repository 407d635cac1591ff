"""From a recipe's data section to batches: which rows, which targets, augmented where the cores are."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import RecipeError
from fer_core.recipes import selection
from fer_core.recipes.augmentation import Augmentation, augment
from fer_core.recipes.schema import Data, Join, Recipe, Regularization, read_exclusions
from training.data import sources, targets
from training.data.sources import Draw, Part, Source
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
    also: Mapping[str, Part] = field(default_factory=dict)
    """Selecting parts of joined datasets, by their names."""


def load(section: Data, channels: int = 1) -> Splits:
    """Read the dataset and cut it as the recipe says.

    Raises:
        DatasetError: the data is not there.
        RecipeError: the recipe asks for what the data does not hold.
    """
    wanted = targets.classes(section)
    first = wanted[section.targets[0]]
    source = sources.open_source(section.dataset, section.path, section.targets, first, channels)
    trained, selecting, left_out = rows(source, section)
    parts, draws, also = [source.part(trained)], [], {}
    for other in section.join:
        joined = sources.open_source(other.dataset, other.path, section.targets, first, channels, joined=True)
        own = joined.rows(other.train)
        own = own[joined.labels[own] >= 0]
        if section.leave_out_copies:
            tests = np.concatenate([selecting, source.rows(section.report)])
            own = _without(
                own, copies(joined, own, source, tests), f"exact copies of test images in {other.dataset}", left_out
            )
        own = _capped(own, joined, section)
        parts.append(weighed(joined.part(own), joined.labels[own], first, other))
        draws.append(drawn(joined.labels[own], other) if other.share else None)
        if other.select:
            rated = joined.rows(other.select)
            also[other.dataset] = joined.part(rated[joined.labels[rated] >= 0])
    return Splits(sources.join(parts, draws), source.part(selecting), left_out, also)


def weighed(part: Part, labels: NDArray[np.int64], classes: tuple[str, ...], other: Join) -> Part:
    """The joined part with the weights that the recipe gives to its expressions, and its own smoothing."""
    factors = np.array([other.label_weights.get(name, 1.0) for name in classes], np.float32)[labels]
    smoothed = {name: targets.smooth(target, other.label_smoothing) for name, target in part.targets.items()}
    return replace(
        part, targets={name: Target(one.distributions, one.weights * factors) for name, one in smoothed.items()}
    )


def drawn(labels: NDArray[np.int64], other: Join) -> Draw:
    """How a joined dataset's rows are drawn: rarer expressions more often, as far as `class_power` says."""
    counts = np.bincount(labels)
    chances = counts[labels].astype(np.float64) ** -other.class_power
    return Draw(0, chances / chances.sum(), other.share or 0.0)


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
        self.order = order(part, recipe, epoch, share)
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


def epoch_size(part: Part, recipe: Recipe, share: float = 1.0) -> int:
    """Images of one epoch."""
    if recipe.training.epoch_images:
        return recipe.training.epoch_images
    in_turn = count(len(part) - sum(len(draw.chances) for draw in part.draws), share)
    return round(in_turn / (1 - sum(draw.share for draw in part.draws)))


def order(part: Part, recipe: Recipe, epoch: int, share: float = 1.0) -> Rows:
    """Row numbers of one epoch in the order in which they are shown.

    With `epoch_images` the rows that are shown in turn go on in the next epoch where this one ends; each time that all
    were shown they are shuffled anew.
    """
    seed, whole = recipe.training.seed, epoch_size(part, recipe, share)
    in_turn = np.setdiff1d(np.arange(len(part)), [row for draw in part.draws for row in _rows_of(draw)])
    shown = np.random.default_rng(seed).permutation(in_turn)[: count(len(in_turn), share)]
    drawn = [round(draw.share * whole) for draw in part.draws]
    if recipe.training.epoch_images:
        first, last = (number * (whole - sum(drawn)) for number in (epoch, epoch + 1))
        passes = range(first // len(shown), (last - 1) // len(shown) + 1)
        turns = np.concatenate([np.random.default_rng((seed, turn)).permutation(np.sort(shown)) for turn in passes])
        shown = turns[first - passes[0] * len(shown) : last - passes[0] * len(shown)]
    generator = np.random.default_rng((seed, epoch))
    chosen = [
        draw.first + generator.choice(len(draw.chances), size, p=draw.chances)
        for draw, size in zip(part.draws, drawn, strict=True)
    ]
    return generator.permutation(np.concatenate([np.sort(shown), *chosen]))


def _rows_of(draw: Draw) -> range:
    return range(draw.first, draw.first + len(draw.chances))


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
