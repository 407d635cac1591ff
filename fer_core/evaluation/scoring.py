"""A predictor against labelled face crops: the same crops, calibration and classes as in serving."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, NotRequired, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.datasets import Dataset, adapters, identity
from fer_core.datasets.adapters import class_folders
from fer_core.datasets.base import DAMAGED, Progress, lost
from fer_core.datasets.identity import Identity
from fer_core.datasets.votes import FERPLUS, by_majority
from fer_core.errors import DatasetError, PredictorError
from fer_core.evaluation import metrics
from fer_core.evaluation.metrics import Evaluation
from fer_core.labels import EIGHT, SEVEN
from fer_core.photos import faces
from fer_core.predictors.base import Predictor
from fer_core.predictors.calibration import apply_temperature
from fer_core.recipes import selection

Images = NDArray[np.uint8]
Read = Callable[[Images], NDArray[np.float32]]

BATCH = 256
"""Images cropped at a time: 3,589 crops of 224 pixels in colour would be 540 MB."""

SPLITS = ("train", "public_test", "private_test", "test", "val", "all")
OFFICIAL = SPLITS[:3]
"""Splits that FER2013 has."""

SCHEMES: Mapping[str, tuple[str, ...]] = MappingProxyType({"fer2013": SEVEN, FERPLUS: EIGHT})
"""Labels whose figures count every class, also those that a network does not know: so they can be compared."""
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


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled face crops of a dataset; each image is one face, as serving has it for 'already a face crop'.

    Attributes:
        dataset: these images alone.
        targets: int64 (n,), indices into classes.
        classes: expressions by their canonical names.
        labels: whose labels, and which expressions were left out.
        left_out: images by the reason why they are not here.
    """

    dataset: Dataset
    targets: NDArray[np.int64]
    classes: tuple[str, ...]
    labels: str
    left_out: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def __len__(self) -> int:
        return len(self.targets)

    def only(self, kept: NDArray[np.bool_]) -> "Examples":
        """Those that are marked."""
        return replace(self, dataset=self.dataset.take(np.flatnonzero(kept)), targets=self.targets[kept])


COPIES = "images that also stand, pixel for pixel, in the training split"


class Named(TypedDict):
    """What stands beside the numbers of an Evaluation."""

    model: str
    data: str
    split: str
    labels: str
    tta: NotRequired[str | None]
    head: NotRequired[str]
    left_out: NotRequired[Mapping[str, int]]


def examples(
    data: Dataset,
    split: str,
    labels: str | None = None,
    limit: int | None = None,
    answers: tuple[str, ...] = (),
) -> Examples:
    """The images of a split that have a label.

    Args:
        data: as opened.
        split: one of its splits, or 'all'.
        labels: as in `labelled`.
        limit: at most so many images, drawn at random with a fixed seed, of each class as many as of the others.
        answers: as in `labelled`.

    Raises:
        DatasetError: the split or the labels are not there, or no image is left.
    """
    given = labelled(data.take(data.rows(split)), labels, answers)
    if limit is None:
        return given
    drawn = selection.draw_by_class(np.arange(len(given)), given.targets, limit)
    return given.only(np.isin(np.arange(len(given)), drawn))


def without_copies(given: Examples, data: Dataset, split: str) -> Examples:
    """The examples that do not stand, pixel for pixel, in the training split too.

    Args:
        given: of the dataset.
        data: as opened.
        split: where the examples are from.
    """
    alone = uncopied(data, identity.of(data), np.flatnonzero(np.isin(data.file_rows, given.dataset.file_rows)), split)
    kept = given.only(alone)
    return replace(kept, left_out={**kept.left_out, COPIES: int((~alone).sum())})


def uncopied(data: Dataset, same: Identity, rows: NDArray[np.intp], split: str) -> NDArray[np.bool_]:
    """Which rows of a split do not stand in the official training split, too.

    Raises:
        DatasetError: there is no other split to train on.
    """
    if data.parts.train == split:
        raise DatasetError(f"The split '{split}' of {data.path} is the training split: ask for another one.")
    train = np.setdiff1d(data.rows(data.parts.train), rows)
    return ~same.among(rows, same, train)


def labelled(part: Dataset, labels: str | None = None, answers: tuple[str, ...] = ()) -> Examples:
    """Images with their labels, in their order.

    Args:
        part: a dataset, or some of its images.
        labels: None for the dataset's own; 'fer2013', or 'ferplus' for the majority of FER+'s annotators.
        answers: classes that the network knows. Images of other expressions are left out and named in the labels, but
            for FER2013 and FER+, whose figures are always of all their classes.

    Raises:
        DatasetError: the labels are not there, or no image is left.
    """
    if labels == FERPLUS and part.kind != FERPLUS:
        part = by_majority(part)
    elif labels not in (None, part.kind):
        raise DatasetError(
            f"The labels '{labels}' are asked for, and {part.path} has those of {adapters.title(part.kind)}. "
            "Leave --labels out."
        )
    given = Examples(part, part.labels, part.classes, part.kind, lost(part.problem_counts))
    if part.kind not in SCHEMES and answers:
        given = _answerable(given, answers)
    if not len(given):
        raise DatasetError(f"The network knows no label of {part.path.name}: it answers {', '.join(answers)}.")
    return given


def _answerable(given: Examples, answers: tuple[str, ...]) -> Examples:
    known = [place for place, label in enumerate(given.classes) if label in answers]
    others = [label for label in given.classes if label not in answers]
    kept = np.isin(given.targets, known)
    left_out = {f"labelled {', '.join(others)}, which the network does not answer": int((~kept).sum())}
    return replace(
        given.only(kept),
        labels=", ".join([given.labels, *(f"without {label}" for label in others)]),
        left_out={**given.left_out, **({} if kept.all() else left_out)},
    )


class Asked(NamedTuple):
    """What of a dataset is scored, and how.

    Attributes:
        split: one of its splits, or 'all'.
        labels: None for its own; 'fer2013', or 'ferplus' for the majority of FER+'s annotators.
        tta: a key of TTA.
        limit: at most so many images, drawn at random.
        leave_out_copies: images that also stand in the training split are left out.
    """

    split: str
    labels: str | None = None
    tta: str = "none"
    limit: int | None = None
    leave_out_copies: bool = False


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


def asked_examples(predictor: Predictor, data: Dataset, asked: Asked) -> Examples:
    """The images of a dataset that are to be scored, in their order.

    Raises:
        DatasetError: the split or the labels are not there, or no image is left.
    """
    given = examples(data, asked.split, asked.labels, asked.limit, predictor.classes)
    return without_copies(given, data, asked.split) if asked.leave_out_copies else given


def name_of(data: Dataset, path: Path | str, split: str) -> str:
    """How an evaluation names its data: by the path for FER2013's official splits, else by its short name."""
    return str(path) if split in OFFICIAL else short_name(data)


def short_name(data: Dataset) -> str:
    """The kind of a dataset; the name of the folder where that says nothing."""
    return data.kind if data.kind != class_folders.KIND else data.path.name


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
