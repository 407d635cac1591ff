"""A predictor against labelled face crops: the same crops, calibration and classes as in serving."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, NotRequired, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.datasets import Dataset
from fer_core.datasets.base import DAMAGED, Progress
from fer_core.datasets.votes import FERPLUS
from fer_core.errors import DatasetError, PredictorError
from fer_core.evaluation import metrics
from fer_core.evaluation.metrics import Evaluation
from fer_core.evaluation.scored_images import Asked, Examples, asked_examples, name_of
from fer_core.labels import EIGHT
from fer_core.photos import faces
from fer_core.predictors.base import Predictor
from fer_core.predictors.calibration import apply_temperature

Images = NDArray[np.uint8]
Read = Callable[[Images], NDArray[np.float32]]

BATCH = 256
"""Images cropped at a time: 3,589 crops of 224 pixels in colour would be 540 MB."""

Transform = Callable[[Images], Images]


def _cut(top: int, left: int) -> Transform:
    """A window of eleven twelfths of the side; top and left are 0, 1 or 2 for its place."""

    def transform(images: Images) -> Images:
        height, width = images.shape[1:3]
        over = height // 12, width // 12
        first, second = over[0] * top // 2, over[1] * left // 2
        return images[:, first : height - over[0] + first, second : width - over[1] + second]

    return transform


def _mirrored(transform: Transform) -> Transform:
    return lambda images: transform(images)[:, :, ::-1]


def _whole(images: Images) -> Images:
    return images


_WINDOWS = (_whole, *(_cut(top, left) for top, left in ((0, 0), (0, 2), (2, 0), (2, 2), (1, 1))))
TTA: Mapping[str, tuple[Transform, ...]] = MappingProxyType(
    {
        "none": (_whole,),
        "flip": (_whole, _mirrored(_whole)),
        "flip_crops": (*_WINDOWS, *map(_mirrored, _WINDOWS)),
    }
)
"""Transforms of uint8 (n, h, w) or (n, h, w, 3) that are read and averaged, by name. 'flip_crops': the image, its four
corners and its middle at 44 of 48 pixels, each also mirrored (after the ten-crop test of Krizhevsky et al., 2012)."""


class Named(TypedDict):
    """What stands beside the numbers of an Evaluation."""

    model: str
    data: str
    split: str
    labels: str
    tta: NotRequired[str | None]
    head: NotRequired[str]
    left_out: NotRequired[Mapping[str, int]]


def evaluate_dataset(
    predictor: Predictor,
    data: Dataset,
    path: Path | str,
    asked: Asked,
    progress: Progress | None = None,
    engine: "Engine | None" = None,
) -> "Answered":
    """Score a predictor on a split of a dataset, and keep what it said to each image.

    Args:
        predictor: a loaded network.
        data: as opened.
        path: where the user said that it lies, which names FER2013 in the result.
        asked: what and how.
        progress: called with the images read, and how many there are.
        engine: who reads the images; None reads them here.

    Raises:
        DatasetError: the split or the labels are not there, or no image can be scored.
    """
    given = asked_examples(predictor, data, asked)
    name = name_of(data, path, asked.split)
    return answer(predictor, given, data=name, split=asked.split, tta=asked.tta, progress=progress, engine=engine)


class Answered(NamedTuple):
    """An evaluation, the images that could be read, and the calibrated probabilities (n, classes) of each."""

    evaluation: Evaluation
    given: Examples
    probabilities: NDArray[np.float64]


def answer(
    predictor: Predictor,
    given: Examples,
    *,
    data: str,
    split: str,
    tta: str = "none",
    progress: Progress | None = None,
    engine: "Engine | None" = None,
) -> Answered:
    """Score a predictor; a network trained on FER+ votes answers under 'ferplus' with that head.

    Args:
        predictor: a loaded network.
        given: what to score it on.
        data: named in the result.
        split: named in the result.
        tta: a key of TTA.
        progress: called with the images read, and how many there are.
        engine: who reads the images; None reads them here.

    Raises:
        DatasetError: not one image can be read.
    """
    crowd = _crowd(predictor) if given.labels == FERPLUS else None
    plain, given = answered(output_of(predictor, given), predictor, given, tta, progress, engine)
    temperature = predictor.info.crowd_temperature if crowd else predictor.info.temperature
    shown = calibrated(plain, temperature, EIGHT if crowd else predictor.classes, given.classes)
    evaluation = score(
        shown,
        given.targets,
        given.classes,
        model=predictor.name,
        data=data,
        split=split,
        labels=given.labels,
        tta=None if tta == "none" else tta,
        head="crowd" if crowd else "classes",
        left_out=given.left_out,
    )
    return Answered(evaluation, given, shown)


def calibrated(
    plain: ArrayLike, temperature: float, classes: tuple[str, ...], wanted: tuple[str, ...]
) -> NDArray[np.float64]:
    """Probabilities after temperature, in the order of other classes."""
    return align(apply_temperature(plain, temperature), classes, wanted)


def score(
    probabilities: ArrayLike, targets: NDArray[np.int64], classes: tuple[str, ...], **named: Unpack[Named]
) -> Evaluation:
    """The numbers of answers that are there already.

    Args:
        probabilities: (n, classes), calibrated.
        targets: (n,), indices into classes.
        classes: expressions in the order of the columns.
        named: what stands beside the numbers.
    """
    answers = np.asarray(probabilities).argmax(axis=1)
    confusion = metrics.confusion_matrix(answers, targets, len(classes))
    recall = metrics.recall(confusion).tolist()
    return Evaluation(
        n=len(targets),
        accuracy=float(metrics.accuracy(confusion)),
        balanced_accuracy=float(metrics.balanced_accuracy(confusion)),
        macro_f1=float(metrics.macro_f1(confusion)),
        recall={name: None if np.isnan(r) else r for name, r in zip(classes, recall, strict=True)},
        ece=metrics.ece(probabilities, targets),
        intervals=metrics.intervals(confusion) | {"ece": metrics.ece_interval(probabilities, targets)},
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        **named,
    )


class Slice(NamedTuple):
    """What was said of some examples that follow one another.

    Attributes:
        start: the first of them.
        plain: float64 (k, classes), of those that could be read.
        readable: bool (n,), which they are.
    """

    start: int
    plain: NDArray[np.float64]
    readable: NDArray[np.bool_]


Engine = Callable[[Sequence[int]], Iterator[Slice]]
"""Reads the slices of BATCH examples that begin at these places, in any order."""


def read_slice(
    output: Read, predictor: Predictor, given: Examples, start: int, tta: str, progress: Progress | None = None
) -> Slice:
    """The BATCH examples from `start` on, or as many as there are."""
    rows = range(start, min(start + BATCH, len(given)))
    readable = np.zeros(len(rows), np.bool_)

    def pictures() -> Iterator[Images]:
        for row in rows:
            with suppress(DatasetError):
                picture = given.dataset.image(row)
                readable[row - start] = True
                yield picture
            if progress:
                progress(row + 1, len(given))

    plain = read(output, predictor, pictures(), tta)
    return Slice(start, plain, readable)


def output_of(predictor: Predictor, given: Examples) -> Read:
    """What of a network answers for such labels: its head for FER+'s votes where it has one, else its classes."""
    return (_crowd(predictor) if given.labels == FERPLUS else None) or predictor.predict


def answered(
    output: Read,
    predictor: Predictor,
    given: Examples,
    tta: str = "none",
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> tuple[NDArray[np.float64], Examples]:
    """Plain probabilities of the examples, and those of them that could be read; the others are counted.

    Raises:
        DatasetError: not one image can be read.
    """

    def read_here(starts: Sequence[int]) -> Iterator[Slice]:
        return (read_slice(output, predictor, given, start, tta, progress) for start in starts)

    read_now = np.zeros(len(given), np.bool_)
    found: dict[int, NDArray[np.float64]] = {}
    done = 0
    for start, answers, readable in (engine or read_here)(range(0, len(given), BATCH)):
        read_now[start : start + len(readable)] = readable
        found[start] = answers
        done += len(readable)
        if progress and engine:
            progress(done, len(given))
    if not read_now.any():
        raise DatasetError(f"None of the {len(given):,} images in {given.dataset.path} can be read as a picture.")
    plain = np.concatenate([found[start] for start in sorted(found) if len(found[start])])
    if read_now.all():
        return plain, given
    kept = given.only(read_now)
    return plain, replace(kept, left_out={**kept.left_out, DAMAGED: int((~read_now).sum())})


def read(output: Read, predictor: Predictor, images: Iterable[Images], tta: str = "none") -> NDArray[np.float64]:
    """Plain probabilities (n, classes) of images, averaged over the views of the test-time augmentation.

    Args:
        output: what reads the crops: predictor.predict, or another output of the same network.
        predictor: whose crops are cut.
        images: each uint8 (h, w) or (h, w, 3).
        tta: a key of TTA.
    """
    transforms = TTA[tta]
    rows = [
        np.mean(
            [
                output(crops([transform(image[np.newaxis])[0] for image in batch], predictor))
                for transform in transforms
            ],
            axis=0,
            dtype=np.float64,
        )
        for batch in _batches(images)
    ]
    return np.concatenate(rows) if rows else np.empty((0, len(predictor.classes)))


def crops(images: Iterable[Images], predictor: Predictor) -> Images:
    """What serving would show the network of each image, passed as 'already a face': uint8 (n, s, s, c)."""
    size, channels = predictor.input_size, predictor.info.channels
    return np.concatenate([faces.crop(image, [faces.whole(image)], size, channels) for image in map(_colour, images)])


def _colour(image: Images) -> Images:
    return image if image.ndim == 3 else np.repeat(image[..., np.newaxis], 3, axis=-1)


def _batches(images: Iterable[Images]) -> Iterator[list[Images]]:
    waiting = iter(images)
    while batch := list(islice(waiting, BATCH)):
        yield batch


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
