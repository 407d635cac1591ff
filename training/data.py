"""From a recipe's data section to batches: which rows, which targets, augmented where the cores are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.augmentation import Augmentation, augment, resize
from fer_core.datasets import fer2013
from fer_core.datasets.fer2013 import Fer2013
from fer_core.errors import RecipeError
from fer_core.recipes import Data, Recipe, Regularization, read_exclusions
from training import targets
from training.targets import Target

Images = NDArray[np.uint8]
Batch = tuple[Images, dict[str, NDArray[np.float32]], dict[str, NDArray[np.float32]]]


@dataclass(frozen=True, eq=False)
class Part:
    """One split, ready to be batched: uint8 (n, h, w, c) and one target a head."""

    images: Images
    targets: Mapping[str, Target]

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True, eq=False)
class Splits:
    """The parts a training reads, and what was left out of the training part and why."""

    train: Part
    select: Part
    left_out: Mapping[str, int]


def load(section: Data) -> Splits:
    """Read the dataset and cut it as the recipe says.

    Raises:
        DatasetError: the data is not there.
        RecipeError: the recipe asks for what the data does not hold.
    """
    if section.dataset != "fer2013":
        raise RecipeError(f"The trainer reads the dataset fer2013; came '{section.dataset}'.")
    data = fer2013.load(section.path)
    rows, left_out = training_rows(data, section)
    made = {name: targets.make(name, data) for name in section.targets}
    return Splits(_part(data, rows, made), _part(data, data.rows(section.select), made), left_out)


def training_rows(data: Fer2013, section: Data) -> tuple[NDArray[np.intp], dict[str, int]]:
    """Row numbers to train on, and how many were left out for which reason."""
    rows = data.rows(section.train)
    left_out: dict[str, int] = {}
    if section.leave_out_copies:
        held = np.concatenate([data.rows(section.select), data.rows(section.report)])
        keep = ~copies(data.images[rows], data.images[held])
        left_out["exact copies of test images"] = int((~keep).sum())
        rows = rows[keep]
    for file in section.exclude:
        listed = read_exclusions(Path(file))
        keep = ~np.isin(rows, list(listed))
        left_out[f"listed in {Path(file).name}"] = int((~keep).sum())
        rows = rows[keep]
    return rows[: section.limit], left_out


def copies(images: Images, others: Images) -> NDArray[np.bool_]:
    """Which images (n, ...) stand, pixel for pixel, among the others (m, ...)."""
    known = {other.tobytes() for other in others}
    return np.array([image.tobytes() in known for image in images], np.bool_)


class Batches(keras.utils.PyDataset):
    """One epoch of augmented batches.

    All chance comes from (seed, epoch, batch), so that a resumed training sees what an unbroken one would have seen.
    """

    def __init__(self, part: Part, recipe: Recipe, *, epoch: int, size: int) -> None:
        super().__init__(workers=1, max_queue_size=8)
        self.part, self.size, self.epoch = part, size, epoch
        self.settings: Augmentation = recipe.augmentation
        self.rules: Regularization = recipe.regularization
        self.batch, self.seed = recipe.training.batch, recipe.training.seed
        self.order = np.random.default_rng((self.seed, epoch)).permutation(len(part))
        self.targets = prepare(part.targets, self.rules)

    def __len__(self) -> int:
        """Whole batches only: batch norm dislikes a small last one, and each epoch leaves out others."""
        return max(1, len(self.part) // self.batch)

    def __getitem__(self, index: int) -> Batch:
        generator = np.random.default_rng((self.seed, self.epoch, index))
        rows = self.order[index * self.batch : (index + 1) * self.batch]
        images = augment(self.part.images[rows], self.size, self.settings, generator)
        labels = {name: target.take(rows) for name, target in self.targets.items()}
        if self.rules.mixup and generator.random() < self.rules.mixup_share:
            images, labels = mix(images, labels, self.rules.mixup, generator)
        return (
            images,
            {name: target.distributions for name, target in labels.items()},
            {name: target.weights for name, target in labels.items()},
        )


def prepare(made: Mapping[str, Target], rules: Regularization) -> dict[str, Target]:
    """Targets under the recipe's regularization. FER+'s crowd is soft as it is; only hard labels are smoothed."""
    prepared = {}
    for name, target in made.items():
        weighted = targets.balance(target) if rules.class_weights else target
        prepared[name] = targets.smooth(weighted, rules.label_smoothing) if name == "fer2013" else weighted
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


def at_size(images: Images, size: int) -> Images:
    """Every image (n, h, w, c) at (n, size, size, c)."""
    if images.shape[1:3] == (size, size):
        return images
    return np.stack([resize(image, size) for image in images])


def _part(data: Fer2013, rows: NDArray[np.intp], made: Mapping[str, Target]) -> Part:
    return Part(data.images[rows][..., np.newaxis], {name: target.take(rows) for name, target in made.items()})
