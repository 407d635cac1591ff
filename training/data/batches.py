"""From a recipe's data section to batches: which rows, which targets, augmented where the cores are."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.compare.skin_tone import typology_angle
from fer_core.datasets import Dataset, identity
from fer_core.datasets.base import ImageFiles
from fer_core.datasets.identity import Identity
from fer_core.errors import DatasetError
from fer_core.recipes import selection
from fer_core.recipes.augmentation import Augmentation, augment
from fer_core.recipes.schema import Data, Join, Recipe, Regularization
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
    joined: Mapping[str, Part] = field(default_factory=dict)
    """Parts of joined datasets that help to select, by their names."""


def load(section: Data, channels: int = 1) -> Splits:
    """Read the datasets and cut them as the recipe says.

    Raises:
        DatasetError: the data is not there.
        RecipeError: the recipe asks for what the data does not hold.
    """
    source, known = first_source(section, channels), None
    if section.leave_out_copies:
        known = identity.of(source.dataset)
    cut = selection.cut(source.dataset, section, known)
    selecting, left_out = readable(source.dataset, cut.select, known), dict(cut.left_out)
    parts, draws, select = [source.part(cut.train)], [], {}
    for other in section.join:
        joined = joined_source(section, other, channels)
        copied = selection.copies_of_tests(identity.of(joined.dataset), known, cut.tests) if known else None
        rows, why = selection.cut_joined(joined.dataset, section, other, copied)
        part = weighed(joined.part(rows), joined.dataset, rows, other)
        parts.append(part)
        draws.append(drawn(part, joined.dataset.labels[rows], other) if other.share else None)
        if other.select:
            select[other.dataset] = joined_part(joined, section, other.select)
        left_out |= {f"{reason} in {other.dataset}": count for reason, count in why.items()}
    return Splits(sources.join(parts, draws), source.part(selecting), left_out, select)


def first_source(section: Data, channels: int = 1) -> Source:
    """The dataset that selects and reports.

    Raises:
        DatasetError: it is not there.
        RecipeError: the recipe asks for what it does not hold.
    """
    first = targets.classes(section)[section.targets[0]]
    return sources.open_source(section.dataset, section.path, section.targets, first, channels)


def joined_source(section: Data, other: Join, channels: int = 1) -> Source:
    """A joined dataset, with its labels as a target of every head.

    Raises:
        DatasetError: it is not there.
    """
    classes = selection.classes(section)
    return sources.open_source(other.dataset, other.path, section.targets, classes, channels, joined=True)


def joined_part(joined: Source, section: Data, split: str) -> Part:
    """A split of a joined dataset without the expressions that the recipe leaves out."""
    data = joined.dataset
    rows, known = data.rows(split), selection.translate(data.labels, data.classes, selection.classes(section)) >= 0
    return joined.part(rows[known[rows]])


def weighed(part: Part, data: Dataset, rows: Rows, other: Join) -> Part:
    """The joined part with the weights that the recipe gives to its heads and expressions, and its own smoothing."""
    factors = np.array([other.label_weights.get(name, 1.0) for name in data.classes], np.float32)[data.labels[rows]]
    smoothed = {name: targets.smooth(target, other.label_smoothing) for name, target in part.targets.items()}
    learning = {name: not other.targets or name in other.targets for name in smoothed}
    weights = {name: one.weights * factors * np.float32(learning[name]) for name, one in smoothed.items()}
    return replace(part, targets={name: Target(one.distributions, weights[name]) for name, one in smoothed.items()})


def drawn(part: Part, labels: NDArray[np.int64], other: Join) -> Draw:
    """How a joined dataset's rows are drawn: rarer expressions and dark faces more often, as far as the recipe says."""
    chances = np.bincount(labels)[labels].astype(np.float64) ** -other.class_power
    if other.dark_weight > 1:
        chances[darkest_third(part)] *= other.dark_weight
    return Draw(0, chances / chances.sum(), other.share or 0.0)


def darkest_third(part: Part, size: int = 48) -> NDArray[np.bool_]:
    """Which images have the darkest cheeks (`fer_core.compare.skin_tone`): bool (n,). It is partly the light."""
    images = part.images(size)
    gray = images.shape[-1] == 1
    angles = np.array([typology_angle(image[..., 0] if gray else image, None) for image in images])
    return np.asarray(angles <= np.nanquantile(angles, 1 / 3))


def readable(dataset: Dataset, rows: Rows, known: Identity | None) -> Rows:
    """The rows whose pictures can be read; looked at here where no pass over the dataset has done so."""
    if known is not None or not isinstance(dataset, ImageFiles):
        return rows
    return np.array([row for row in rows.tolist() if _can_read(dataset, row)], np.intp)


def _can_read(dataset: Dataset, row: int) -> bool:
    try:
        dataset.image(row)
    except DatasetError:
        return False
    return True


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
        rows, images = self.part.pool.read(self.order[index * self.batch : (index + 1) * self.batch], self.size)
        images = augment(images, self.size, self.settings, generator)
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
    in_turn = np.setdiff1d(np.arange(len(part)), [row for draw in part.draws for row in draw.rows.tolist()])
    shown = np.random.default_rng(seed).permutation(in_turn)[: count(len(in_turn), share)]
    drawn = [round(draw.share * whole) for draw in part.draws]
    if recipe.training.epoch_images:
        shown = in_passes(np.sort(shown), seed, epoch * (whole - sum(drawn)), whole - sum(drawn))
    generator = np.random.default_rng((seed, epoch))
    chosen = [
        draw.first + generator.choice(len(draw.chances), size, p=draw.chances)
        for draw, size in zip(part.draws, drawn, strict=True)
    ]
    return generator.permutation(np.concatenate([np.sort(shown), *chosen]))


def in_passes(rows: Rows, seed: int, first: int, size: int) -> Rows:
    """`size` rows from place `first` on in an endless row of passes, each of which shuffles all rows anew."""
    passes = range(first // len(rows), (first + size - 1) // len(rows) + 1)
    turns = np.concatenate([np.random.default_rng((seed, turn)).permutation(rows) for turn in passes])
    start = first - passes[0] * len(rows)
    return turns[start : start + size]


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
