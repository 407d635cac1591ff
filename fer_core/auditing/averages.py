"""Numbers behind the pictures of a dataset: averages, agreement, features. Images are read as far as needed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets.base import Dataset, Progress
from fer_core.errors import DatasetError
from fer_core.labels import FERPLUS_VOTES
from fer_core.photos import faces
from fer_core.predictors.base import Predictor
from fer_core.predictors.common import NetworkPredictor
from fer_core.recipes.selection import draw

Rows = NDArray[np.intp]
Images = NDArray[np.uint8]

BATCH = 256
"""Images given to the network at a time."""
AVERAGED = 400
"""Images per class for mean faces: more changes nothing that can be seen."""
GAIN = 4
MEASURED = 4000
MOST_POINTS = 3000


@dataclass(frozen=True, eq=False)
class Average:
    """What the images of a class have in common.

    Attributes:
        label: the class.
        mean: uint8 (s, s).
        difference: uint8 (s, s), the mean against that of all classes, 128 where they are alike, GAIN times as strong.
        contrast: mean over the images of their own standard deviation, 0 to 127.5.
        count: images averaged.
    """

    label: str
    mean: Images
    difference: Images
    contrast: float
    count: int


@dataclass(frozen=True, eq=False)
class Embedding:
    """Points of a map.

    Attributes:
        rows: (n,) row numbers.
        points: float32 (n, 2).
        predictions: the network's answer for each, by name.
        method: how the features came into the plane.
    """

    rows: Rows
    points: NDArray[np.float32]
    predictions: tuple[str, ...]
    method: str


def rows_of(dataset: Dataset, splits: Sequence[str], labels: Sequence[str]) -> Rows:
    """Row numbers of some splits and classes, in their order; no split or class chosen means all."""
    places = [dataset.split_names.index(name) for name in splits or dataset.split_names]
    numbers = [dataset.classes.index(name) for name in labels or dataset.classes]
    return np.flatnonzero(np.isin(dataset.splits, places) & np.isin(dataset.labels, numbers))


def shuffled(rows: Rows, seed: int = 0) -> Rows:
    """The rows in an order of chance, always the same."""
    return np.random.default_rng(seed).permutation(rows)


def readable(dataset: Dataset, rows: Iterable[int], size: int, channels: int = 1) -> Iterator[tuple[int, Images]]:
    """Each image (size, size, channels) with its row; those that cannot be read are passed over."""
    for row in map(int, rows):
        try:
            yield row, dataset.images([row], size, channels)[0]
        except DatasetError:
            continue


def of_classes(dataset: Dataset, rows: Rows, size: int = 48, most: int = AVERAGED) -> list[Average]:
    """One a class that is present."""
    stacks = {}
    for number, label in enumerate(dataset.classes):
        chosen = draw(rows[dataset.labels[rows] == number], most)
        images = [image[..., 0] for _, image in readable(dataset, chosen, size)]
        if images:
            stacks[label] = np.stack(images)
    means = {label: images.mean(axis=0) for label, images in stacks.items()}
    middle = np.mean(list(means.values()), axis=0) if means else 0
    return [
        Average(
            label,
            means[label].astype(np.uint8),
            (128 + GAIN * (means[label] - middle)).clip(0, 255).astype(np.uint8),
            float(images.std(axis=(1, 2)).mean()),
            len(images),
        )
        for label, images in stacks.items()
    ]


def agreement(votes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of the top answer among an image's FER+ votes, 0 to 1; 'unknown' and 'not a face' are answers too."""
    return np.asarray(votes.max(axis=1) / np.maximum(votes.sum(axis=1), 1))


def most_contested(votes: NDArray[np.int64], rows: Rows) -> Rows:
    """The rows, least agreement first; of equal ones, those with the more even second answer."""
    ordered = np.sort(votes[rows], axis=1)
    return rows[np.lexsort((-ordered[:, -2], agreement(votes[rows])))]


def votes_in_words(votes: NDArray[np.int64]) -> str:
    """One image's votes, most first."""
    given = sorted(zip(votes.tolist(), FERPLUS_VOTES, strict=True), reverse=True)
    return ", ".join(f"{count} {name if name != 'NF' else 'not a face'}" for count, name in given if count)


def embed(
    dataset: Dataset, rows: Rows, predictor: Predictor, method: str = "PCA", progress: Progress | None = None
) -> Embedding:
    """The network's features of some images, brought into the plane.

    Args:
        dataset: an opened one.
        rows: at most MOST_POINTS are taken, drawn at random.
        predictor: an in-house network.
        method: 'PCA', or 't-SNE' (van der Maaten and Hinton, 2008) of the first 30 principal components.
        progress: called with images done and their number.

    Raises:
        DatasetError: too few images can be read.
        PredictorError: the network has no features.
    """
    rows = draw(rows, MOST_POINTS)
    features, answers, kept = _features(dataset, rows, predictor, progress)
    if len(kept) < 3:
        raise DatasetError(f"A map needs three images that can be read; here are {len(kept)}. Choose more classes.")
    names = tuple(predictor.classes[number] for number in answers.argmax(axis=1).tolist())
    return Embedding(kept, _plane(features, method), names, method)


def _features(
    dataset: Dataset, rows: Rows, predictor: Predictor, progress: Progress | None
) -> tuple[NDArray[np.float32], NDArray[np.float32], Rows]:
    if not isinstance(predictor, NetworkPredictor):
        raise DatasetError(f"'{predictor.name}' gives no features; choose one of our own networks.")
    features, answers, kept = [], [], []
    for start in range(0, len(rows), BATCH):
        if progress:
            progress(start, len(rows))
        batch = list(readable(dataset, rows[start : start + BATCH], predictor.input_size, 3))
        if batch:
            crops = _crops([image for _, image in batch], predictor)
            features.append(predictor.features(crops))
            answers.append(predictor.predict(crops))
            kept += [row for row, _ in batch]
    none = np.empty((0, 2), np.float32)
    return np.concatenate(features or [none]), np.concatenate(answers or [none]), np.array(kept, np.intp)


def _crops(images: Sequence[Images], predictor: Predictor) -> Images:
    size, channels = predictor.input_size, predictor.info.channels
    return np.concatenate([faces.crop(image, [faces.whole(image)], size, channels) for image in images])


def _plane(features: NDArray[np.float32], method: str) -> NDArray[np.float32]:
    from sklearn.decomposition import PCA

    if method == "PCA":
        return np.asarray(PCA(2, random_state=0).fit_transform(features), np.float32)
    from sklearn.manifold import TSNE

    components = min(30, *features.shape)
    reduced = PCA(components, random_state=0).fit_transform(features)
    perplexity = min(30.0, (len(features) - 1) / 3)
    return np.asarray(TSNE(2, perplexity=perplexity, init="pca", random_state=0).fit_transform(reduced), np.float32)
