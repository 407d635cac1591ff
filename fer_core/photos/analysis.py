"""The way of a photo: bytes, faces, crops, probabilities, decisions. Every surface calls `analyse`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.errors import PhotoError, PredictorError, unforeseen
from fer_core.photos import faces, visibility
from fer_core.photos.faces import Face
from fer_core.photos.images import Photo
from fer_core.predictors.base import Predictor, PredictorInfo
from fer_core.predictors.calibration import apply_temperature

UNFORESEEN = "This photo could not be read, for a reason that nobody foresaw. Try another copy of it."
"""What the owner of a photo is told when something goes wrong that is not a FerError."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """What one network reads in one face, after calibration.

    Attributes:
        model: name of the predictor.
        label: the most probable expression.
        confidence: its calibrated probability, 0 to 1.
        unsure: the confidence is below the model's threshold, or the picture shows too little of the face.
        runner_up: the second most probable expression.
        probabilities: calibrated, by expression in the model's order; they sum to 1.
        crop: uint8 (s, s, c), exactly what the network saw.
        reason: what the picture does not show, as a clause that goes on from 'unsure because'; empty for sure answers,
            and where the picture shows the face well and the network is unsure all the same.
        hidden: the picture shows so little of the face that no answer to it is sure, whatever the network says.
    """

    model: str
    label: str
    confidence: float
    unsure: bool
    runner_up: str
    probabilities: dict[str, float]
    crop: NDArray[np.uint8] = field(repr=False)
    reason: str = ""
    hidden: bool = False


@dataclass(frozen=True, eq=False)
class FaceAnalysis:
    """A face and one prediction per model, in the order of the models asked.

    `label`, `confidence`, `unsure` and `probabilities` are those of the first model.
    """

    face: Face
    predictions: tuple[Prediction, ...]

    @property
    def label(self) -> str:
        """The most probable expression."""
        return self.predictions[0].label

    @property
    def confidence(self) -> float:
        """Its calibrated probability, 0 to 1."""
        return self.predictions[0].confidence

    @property
    def unsure(self) -> bool:
        """The confidence is below the model's threshold."""
        return self.predictions[0].unsure

    @property
    def probabilities(self) -> dict[str, float]:
        """Calibrated, by expression; they sum to 1."""
        return self.predictions[0].probabilities

    @property
    def disagree(self) -> bool:
        """The models do not all give the same label."""
        return len({prediction.label for prediction in self.predictions}) > 1


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything found in one photo.

    Attributes:
        photo: uint8 (h, w, 3) RGB, upright; a large JPEG at a half, quarter or eighth of its sides.
        faces: largest first, in the pixels of the photo as it was sent; empty when there is no face.
        detector: 'yunet', 'haar', or 'none' when the photo was passed as a face crop.
        milliseconds: duration of each stage: decode, detect, crop, and predict:<model>.
        divisor: pixels of the photo as it was sent for one of `photo`, along a side.
        size: width and height of the photo as it was sent; None where that is not known.
    """

    photo: NDArray[np.uint8] = field(repr=False)
    faces: tuple[FaceAnalysis, ...]
    detector: str
    milliseconds: dict[str, float]
    divisor: int = 1
    size: tuple[int, int] | None = None


@unforeseen(PhotoError, UNFORESEEN)
def analyse(
    photo: bytes | NDArray[np.uint8],
    predictors: Sequence[Predictor],
    *,
    min_score: float = 0.7,
    already_face: bool = False,
    detector: str | None = None,
    known: Sequence[Face] | None = None,
) -> Analysis:
    """Find the faces of a photo once and let every predictor read them, one batch a predictor.

    Args:
        photo: the bytes of an image file, or uint8 (h, w, 3) RGB, upright.
        predictors: loaded networks, in the order the predictions shall stand.
        min_score: detections below this score are dropped, 0 to 1.
        already_face: the photo is a face crop; no detector runs.
        detector: 'yunet' or 'haar'; None takes the best that is there.
        known: the faces of this photo, found by an earlier call; no detector runs again.

    Raises:
        PhotoError: the bytes are no photo, or outside the limits.
    """
    milliseconds: dict[str, float] = {}
    with _timed(milliseconds, "decode"):
        image = Photo(photo)
        image.at(0.0)
    with _timed(milliseconds, "detect"):
        name, found = _find(image, min_score, already_face, detector) if known is None else ("known", list(known))
    columns = _predict(image, found, predictors, milliseconds) if found else []
    rows = zip(*columns, strict=True) if columns else [()] * len(found)
    return Analysis(
        photo=image.pixels,
        faces=tuple(FaceAnalysis(face, tuple(row)) for face, row in zip(found, rows, strict=True)),
        detector=name,
        milliseconds=milliseconds,
        divisor=image.divisor,
        size=image.size,
    )


def decide(info: PredictorInfo, probabilities: ArrayLike, crops: NDArray[np.uint8]) -> list[Prediction]:
    """Calibrated answers from a network's plain softmax, one a crop.

    Args:
        info: whose temperature and threshold apply.
        probabilities: (n, classes) in the order of info.classes.
        crops: uint8 (n, s, s, c), what the network saw.

    Raises:
        PredictorError: the probabilities have another shape, or are not numbers.
    """
    plain = np.asarray(probabilities)
    expected = (len(crops), len(info.classes))
    if plain.shape != expected or not np.isfinite(plain).all():
        raise PredictorError(
            f"{info.name} gave probabilities of shape {plain.shape}; expected finite numbers of shape {expected}. "
            "Its weights and its class list do not belong together, or the file is damaged."
        )
    return [
        prediction(info, row, crop) for row, crop in zip(apply_temperature(plain, info.temperature), crops, strict=True)
    ]


def prediction(info: PredictorInfo, row: NDArray[np.float64], crop: NDArray[np.uint8]) -> Prediction:
    """The answer to one face from its calibrated probabilities (classes,), which sum to 1."""
    first, second = np.argsort(-row, kind="stable")[:2]
    confidence = float(row[first])
    return Prediction(
        model=info.name,
        label=info.classes[first],
        confidence=confidence,
        unsure=confidence < info.threshold,
        runner_up=info.classes[second],
        probabilities=dict(zip(info.classes, row.tolist(), strict=True)),
        crop=crop,
    )


def _predict(
    image: Photo, found: list[Face], predictors: Sequence[Predictor], milliseconds: dict[str, float]
) -> list[list[Prediction]]:
    """One list of predictions a predictor; networks of the same input share their crops."""
    crops: dict[tuple[int, int], NDArray[np.uint8]] = {}
    columns = []
    for predictor in predictors:
        key = (predictor.input_size, predictor.info.channels)
        if key not in crops:
            with _timed(milliseconds, "crop"):
                crops[key] = faces.crop(image, found, *key)
        with _timed(milliseconds, f"predict:{predictor.name}"):
            probabilities = predictor.predict(crops[key])
        columns.append(decide(predictor.info, probabilities, crops[key]))
    with _timed(milliseconds, "crop"):
        doubts = _doubts(image, found, crops)
    return [[_doubted(one, doubt) for one, doubt in zip(column, doubts, strict=True)] for column in columns]


def _doubts(
    image: Photo, found: list[Face], crops: Mapping[tuple[int, int], NDArray[np.uint8]]
) -> list[visibility.Doubt | None]:
    """What the picture does not show of each face. A photo that is all one face crop shows what it shows."""
    key = (visibility.SIDE, 1)
    level = crops[key] if key in crops else faces.crop(image, found, *key)
    return [
        None if face.box == (0, 0, *image.size) else visibility.doubt(face, image.size, crop[..., 0])
        for face, crop in zip(found, level, strict=True)
    ]


def _doubted(given: Prediction, doubt: visibility.Doubt | None) -> Prediction:
    if doubt is None or not (doubt.decides or given.unsure):
        return given
    return replace(given, unsure=True, reason=doubt.reason, hidden=doubt.decides)


def _find(photo: Photo, min_score: float, already_face: bool, detector: str | None) -> tuple[str, list[Face]]:
    if already_face:
        return "none", [faces.whole(photo)]
    return detector or faces.detector_name(), faces.find(photo, min_score=min_score, detector=detector)


@contextmanager
def _timed(milliseconds: dict[str, float], stage: str) -> Iterator[None]:
    start = perf_counter()
    yield
    milliseconds[stage] = milliseconds.get(stage, 0.0) + (perf_counter() - start) * 1000
