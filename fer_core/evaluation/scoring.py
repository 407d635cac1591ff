"""A predictor against labelled face crops: the same crops, calibration and classes as in serving."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NotRequired, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.datasets.adapters.fer2013 import Fer2013
from fer_core.datasets.votes import VOTES_FILE, top_votes
from fer_core.errors import DatasetError, PredictorError
from fer_core.evaluation import metrics
from fer_core.evaluation.metrics import Evaluation
from fer_core.labels import EIGHT, SEVEN
from fer_core.photos import faces
from fer_core.predictors.base import Predictor
from fer_core.predictors.calibration import apply_temperature

Images = NDArray[np.uint8]
Read = Callable[[Images], NDArray[np.float32]]

BATCH = 256
"""Images cropped at a time: 3,589 crops of 224 pixels in colour would be 540 MB."""

SPLITS = ("train", "public_test", "private_test")
SCHEMES: Mapping[str, tuple[str, ...]] = MappingProxyType({"fer2013": SEVEN, "ferplus": EIGHT})
View = Callable[[Images], Images]


def _cut(top: int, left: int) -> View:
    """A window of eleven twelfths of the side; top and left are 0, 1 or 2 for its place."""

    def view(images: Images) -> Images:
        height, width = images.shape[1:3]
        over = height // 12, width // 12
        first, second = over[0] * top // 2, over[1] * left // 2
        return images[:, first : height - over[0] + first, second : width - over[1] + second]

    return view


def _mirrored(view: View) -> View:
    return lambda images: view(images)[:, :, ::-1]


def _whole(images: Images) -> Images:
    return images


_WINDOWS = (_whole, *(_cut(top, left) for top, left in ((0, 0), (0, 2), (2, 0), (2, 2), (1, 1))))
TTA: Mapping[str, tuple[View, ...]] = MappingProxyType(
    {
        "none": (_whole,),
        "flip": (_whole, _mirrored(_whole)),
        "flip_crops": (*_WINDOWS, *map(_mirrored, _WINDOWS)),
    }
)
"""Views of uint8 (n, h, w) or (n, h, w, 3) that are read and averaged, by name. 'flip_crops': the image, its four
corners and its middle at 44 of 48 pixels, each also mirrored (after the ten-crop test of Krizhevsky et al., 2012)."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled face crops.

    Attributes:
        images: uint8 (n, h, w), gray, or (n, h, w, 3), RGB.
        targets: int64 (n,), indices into classes.
        classes: expressions by their canonical names.
    """

    images: Images
    targets: NDArray[np.int64]
    classes: tuple[str, ...]


class Named(TypedDict):
    """What stands beside the numbers of an Evaluation."""

    model: str
    data: str
    split: str
    labels: str
    tta: NotRequired[str | None]
    head: NotRequired[str]


def examples(data: Fer2013, split: str, labels: str = "fer2013", limit: int | None = None) -> Examples:
    """The images of a split that have a label, in file order.

    Args:
        data: FER2013, with votes for 'ferplus'.
        split: train, public_test or private_test.
        labels: 'fer2013', or 'ferplus' for the top vote of its annotators.
        limit: at most so many images.

    Raises:
        DatasetError: the split or the votes are not there, or no image is left.
    """
    targets = data.labels
    if labels == "ferplus":
        if data.votes is None:
            raise DatasetError(f"FER+ labels need {VOTES_FILE} (github.com/microsoft/FERPlus) beside the images.")
        targets = top_votes(data.votes)
    rows = data.rows(split)
    rows = rows[targets[rows] >= 0][:limit]
    if not rows.size:
        raise DatasetError(f"No image of the split '{split}' has a label under '{labels}'.")
    return Examples(data.images[rows], targets[rows], SCHEMES[labels])


def evaluate(
    predictor: Predictor,
    given: Examples,
    *,
    data: str,
    split: str,
    labels: str = "fer2013",
    tta: str = "none",
) -> Evaluation:
    """Score a predictor; a network trained on FER+ votes answers under 'ferplus' with that head.

    Args:
        predictor: a loaded network.
        given: what to score it on.
        data: named in the result.
        split: named in the result.
        labels: names the scheme of the examples.
        tta: a key of TTA.
    """
    crowd = _crowd(predictor) if labels == "ferplus" else None
    plain = read(crowd or predictor.predict, predictor, given.images, tta)
    temperature = predictor.info.crowd_temperature if crowd else predictor.info.temperature
    calibrated = apply_temperature(plain, temperature)
    probabilities = align(calibrated, EIGHT if crowd else predictor.classes, given.classes)
    return score(
        probabilities,
        given,
        model=predictor.name,
        data=data,
        split=split,
        labels=labels,
        tta=None if tta == "none" else tta,
        head="crowd" if crowd else "classes",
    )


def score(probabilities: ArrayLike, given: Examples, **named: Unpack[Named]) -> Evaluation:
    """The numbers of answers that are there already.

    Args:
        probabilities: (n, classes), calibrated, in the order of given.classes.
        given: what was answered.
        named: what stands beside the numbers.
    """
    answers = np.asarray(probabilities).argmax(axis=1)
    confusion = metrics.confusion_matrix(answers, given.targets, len(given.classes))
    recall = metrics.recall(confusion).tolist()
    return Evaluation(
        n=len(given.targets),
        accuracy=float(metrics.accuracy(confusion)),
        balanced_accuracy=float(metrics.balanced_accuracy(confusion)),
        macro_f1=float(metrics.macro_f1(confusion)),
        recall={name: None if np.isnan(r) else r for name, r in zip(given.classes, recall, strict=True)},
        ece=metrics.ece(probabilities, given.targets),
        intervals=metrics.intervals(confusion) | {"ece": metrics.ece_interval(probabilities, given.targets)},
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        **named,
    )


def read(output: Read, predictor: Predictor, images: Images, tta: str = "none") -> NDArray[np.float64]:
    """Plain probabilities (n, classes) of images, averaged over the views of the test-time augmentation.

    Args:
        output: what reads the crops: predictor.predict, or another output of the same network.
        predictor: whose crops are cut.
        images: uint8 (n, h, w) or (n, h, w, 3).
        tta: a key of TTA.
    """
    starts = range(0, len(images), BATCH)
    views = TTA[tta]
    return np.concatenate(
        [
            np.mean(
                [output(crops(view(images[start : start + BATCH]), predictor)) for view in views],
                axis=0,
                dtype=np.float64,
            )
            for start in starts
        ]
    )


def crops(images: Images, predictor: Predictor) -> Images:
    """What serving would show the network of each image, passed as 'already a face': uint8 (n, s, s, c)."""
    colour = images if images.ndim == 4 else np.repeat(images[..., np.newaxis], 3, axis=-1)
    size, channels = predictor.input_size, predictor.info.channels
    return np.concatenate([faces.crop(image, [faces.whole(image)], size, channels) for image in colour])


def align(probabilities: ArrayLike, classes: tuple[str, ...], wanted: tuple[str, ...]) -> NDArray[np.float64]:
    """Columns brought into another order of classes by name, rows summing to 1.

    A class that the network does not know gets 0; one that is not wanted is dropped before renormalising.
    """
    given = np.asarray(probabilities, np.float64)
    aligned = np.zeros((len(given), len(wanted)))
    for column, name in enumerate(wanted):
        if name in classes:
            aligned[:, column] = np.maximum(given[:, classes.index(name)], np.finfo(np.float64).tiny)
    return np.asarray(aligned / aligned.sum(axis=1, keepdims=True))


def _crowd(predictor: Predictor) -> Read | None:
    """The output trained on FER+ votes, where the network has one."""
    crowd: Read | None = getattr(predictor, "crowd", None)
    if crowd is None:
        return None
    try:
        crowd(np.empty((0, predictor.input_size, predictor.input_size, predictor.info.channels), np.uint8))
    except PredictorError:
        return None
    return crowd
