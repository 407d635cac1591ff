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


@dataclass(frozen=True, eq=False)
class Prepared:
    """A photo whose faces are found and cut out. The networks have not answered yet.

    Attributes:
        photo: as in Analysis; None where it was let go to save memory.
        faces: largest first, in the pixels of the photo as it was sent.
        crops: uint8 (faces, s, s, c) by side and channels, for each kind of input that the networks take.
        doubts: what the picture does not show of each face.
        detector: as in Analysis.
        milliseconds: of decode, detect and crop.
        divisor: as in Analysis.
        size: as in Analysis.
    """

    photo: NDArray[np.uint8] | None = field(repr=False)
    faces: tuple[Face, ...]
    crops: Mapping[tuple[int, int], NDArray[np.uint8]] = field(repr=False)
    doubts: tuple[visibility.Doubt | None, ...]
    detector: str
    milliseconds: dict[str, float]
    divisor: int
    size: tuple[int, int]

    def crops_for(self, info: PredictorInfo) -> NDArray[np.uint8]:
        """What a network is to see, uint8 (faces, s, s, c)."""
        return self.crops[info.input_size, info.channels]


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
    """Find the faces of a photo once and let every predictor read them, one batch per predictor.

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
    infos = [predictor.info for predictor in predictors]
    prepared = prepare(photo, infos, min_score=min_score, already_face=already_face, detector=detector, known=known)
    plain = []
    for predictor in predictors if prepared.faces else ():
        with _timed(prepared.milliseconds, f"predict:{predictor.name}"):
            plain.append(predictor.predict(prepared.crops_for(predictor.info)))
    return finished(prepared, infos, plain)


@unforeseen(PhotoError, UNFORESEEN)
def prepare(
    photo: bytes | NDArray[np.uint8],
    infos: Sequence[PredictorInfo],
    *,
    min_score: float = 0.7,
    already_face: bool = False,
    detector: str | None = None,
    known: Sequence[Face] | None = None,
) -> Prepared:
    """The first half of `analyse`: decode the photo, find its faces, cut them out for the networks.

    A batch of photos runs this half on many threads, and gives the crops of several photos to a network at once.

    Args:
        photo: as for `analyse`.
        infos: what the networks are that will answer.
        min_score: as for `analyse`.
        already_face: as for `analyse`.
        detector: as for `analyse`.
        known: as for `analyse`.

    Raises:
        PhotoError: the bytes are no photo, or outside the limits.
    """
    milliseconds: dict[str, float] = {}
    with _timed(milliseconds, "decode"):
        image = Photo(photo)
        image.at(0.0)
    with _timed(milliseconds, "detect"):
        name, found = _find(image, min_score, already_face, detector) if known is None else ("known", list(known))
    crops: dict[tuple[int, int], NDArray[np.uint8]] = {}
    doubts: list[visibility.Doubt | None] = [None] * len(found)
    if found and infos:
        with _timed(milliseconds, "crop"):
            for key in dict.fromkeys((info.input_size, info.channels) for info in infos):
                crops[key] = faces.crop(image, found, *key)
            doubts = _doubts(image, found, crops)
    return Prepared(
        photo=image.pixels,
        faces=tuple(found),
        crops=crops,
        doubts=tuple(doubts),
        detector=name,
        milliseconds=milliseconds,
        divisor=image.divisor,
        size=image.size,
    )


@unforeseen(PhotoError, UNFORESEEN)
def finished(prepared: Prepared, infos: Sequence[PredictorInfo], plain: Sequence[ArrayLike]) -> Analysis:
    """The last step of `analyse`: calibrated answers, and 'unsure' where the picture shows too little.

    Args:
        prepared: what `prepare` gave.
        infos: of the networks, in the order the predictions shall stand.
        plain: what each network's `predict` gave for its crops; nothing where there is no face.

    Raises:
        PredictorError: as `decide`.
    """
    columns = []
    for info, rows_of_one in zip(infos, plain, strict=False):  # without a face no network has answered
        answers = decide(info, rows_of_one, prepared.crops_for(info))
        columns.append([_doubted(one, doubt) for one, doubt in zip(answers, prepared.doubts, strict=True)])
    rows = zip(*columns, strict=True) if columns else [()] * len(prepared.faces)
    return Analysis(
        photo=np.empty((0, 0, 3), np.uint8) if prepared.photo is None else prepared.photo,
        faces=tuple(FaceAnalysis(face, tuple(row)) for face, row in zip(prepared.faces, rows, strict=True)),
        detector=prepared.detector,
        milliseconds=prepared.milliseconds,
        divisor=prepared.divisor,
        size=prepared.size,
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


def _doubts(
    image: Photo, found: list[Face], crops: Mapping[tuple[int, int], NDArray[np.uint8]]
) -> list[visibility.Doubt | None]:
    """What the picture does not show of each face. A photo that is all one face crop shows what it shows."""
    key = (visibility.SIDE, 1)
    level = crops[key] if key in crops else faces.crop(image, found, *key)
    return [
        None if faces.is_whole(face, image.size) else visibility.doubt(face, image.size, crop[..., 0])
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
