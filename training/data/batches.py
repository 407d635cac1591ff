"""From a recipe's data section to batches: which rows, which targets, augmented where the cores are."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.datasets import Dataset, identity
from fer_core.datasets.base import ImageFiles
from fer_core.datasets.identity import Identity
from fer_core.errors import DatasetError, RecipeError
from fer_core.recipes import selection
from fer_core.recipes.augmentation import Augmentation, augment
from fer_core.recipes.schema import Data, Recipe, Regularization
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
    """Read the datasets and cut them as the recipe says.

    Raises:
        DatasetError: the data is not there.
        RecipeError: the recipe asks for what the data does not hold.
    """
    if section.join and section.targets != ("labels",):
        raise RecipeError('Joined datasets share hard labels only: say [data] targets = ["labels"].')
    source, known = first_source(section, channels), None
    if section.leave_out_copies:
        known = identity.of(source.dataset)
    cut = selection.cut(source.dataset, section, known)
    selecting, left_out = readable(source.dataset, cut.select, known), dict(cut.left_out)
    parts = [source.part(cut.train)]
    for other in section.join:
        joined = sources.open_source(other.dataset, other.path, section.targets, selection.classes(section), channels)
        copied = selection.copies_of_tests(identity.of(joined.dataset), known, cut.tests) if known else None
        rows, why = selection.cut_joined(joined.dataset, section, other, copied)
        parts.append(joined.part(rows))
        left_out |= {f"{reason} in {other.dataset}": count for reason, count in why.items()}
    return Splits(sources.join(parts), source.part(selecting), left_out)


def first_source(section: Data, channels: int = 1) -> Source:
    """The dataset that selects and reports.

    Raises:
        DatasetError: it is not there.
        RecipeError: the recipe asks for what it does not hold.
    """
    first = targets.classes(section)[section.targets[0]]
    return sources.open_source(section.dataset, section.path, section.targets, first, channels)


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
        rows, images = self.part.pool.read(self.order[index * self.batch : (index + 1) * self.batch], self.size)
        images = augment(images, self.size, self.settings, generator)
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
