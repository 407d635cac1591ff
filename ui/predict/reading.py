"""Photos and settings to answers. Each photo is searched for faces once, and each model reads it once per visit."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.errors import PhotoError, PredictorError, let_go, unforeseen
from fer_core.photos import drawing, explain, records
from fer_core.photos.analysis import UNFORESEEN, Analysis, FaceAnalysis, Prediction, analyse
from fer_core.photos.faces import Face
from fer_core.photos.images import decode
from ui.predict.controls import Settings
from ui.shared import loaders, state
from ui.shared.photos import Photo
from ui.shared.text import code


@dataclass(eq=False)
class Reading:
    """What was found in one photo under one way of finding faces; the photo itself is not kept here.

    Attributes:
        name: of the file.
        error: the sentence that says why the photo cannot be read; then nothing else is here.
        small: JPEG of the photo, at most drawing.LONGEST pixels long.
        scale: pixels of the photo as it was sent for one pixel of `small`.
        faces: largest first, in the pixels of the photo as it was sent.
        size: width and height of the photo as it was sent.
        detector: as in Analysis.
        answers: by model, one prediction per face.
        milliseconds: of each stage.
        heat: maps of what raised an answer, by face number and model, as far as somebody asked.
        drawn: `small` with boxes and labels, by the models chosen.
    """

    name: str
    error: str = ""
    small: bytes = b""
    scale: float = 1.0
    faces: tuple[Face, ...] = ()
    size: tuple[int, int] | None = None
    detector: str = ""
    answers: dict[str, tuple[Prediction, ...]] = field(default_factory=dict)
    milliseconds: dict[str, float] = field(default_factory=dict)
    heat: dict[tuple[int, str], NDArray[np.float32]] = field(default_factory=dict)
    drawn: dict[tuple[str, ...], bytes] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Result:
    """One photo with the answers of the chosen models.

    Attributes:
        key: tells the photo from all others of the visit.
        reading: what was found in it.
        faces: with one prediction per chosen model.
        record: as in downloads.
    """

    key: str
    reading: Reading
    faces: tuple[FaceAnalysis, ...]
    record: records.Record

    @property
    def name(self) -> str:
        return self.reading.name


def results(photos: Sequence[Photo], settings: Settings) -> list[Result]:
    """Every photo under these settings; a photo that cannot be read has its sentence, the others go on.

    Raises:
        PredictorError: none of the models can be loaded.
    """
    kept = state.results()
    for key in kept.keys() - {_key(photo, settings) for photo in photos}:
        del kept[key]
    settings = replace(settings, models=tuple(one.name for one in loaders.loaded(settings.models)))
    waiting = [photo for photo in photos if _missing(kept.get(_key(photo, settings)), settings)]
    if waiting:
        _read_all(waiting, settings, kept)
    return [_result(photo, kept[_key(photo, settings)], settings) for photo in photos]


def one(photo: Photo, settings: Settings) -> Result:
    """A photo that is none of the visitor's.

    Raises:
        PredictorError: a model cannot be loaded.
    """
    return _result(photo, _read(photo, settings, None), settings)


def heat(reading: Reading, number: int, prediction: Prediction) -> NDArray[np.float32]:
    """The map of one answer, (s, s), 0 to 1.

    Raises:
        PredictorError: the network cannot be explained here.
    """
    key = (number, prediction.model)
    if key not in reading.heat:
        reading.heat[key] = explain.grad_cam(prediction.model, prediction.crop, prediction.label)
    return reading.heat[key]


def picture(result: Result, models: tuple[str, ...], words: Sequence[str]) -> bytes:
    """JPEG of the photo with a box and its words on each face."""
    reading = result.reading
    if models not in reading.drawn:
        pixels = decode(reading.small)
        boxed = () if reading.detector == "none" else reading.faces
        labelled = drawing.labelled(pixels, boxed, words if boxed else (), divisor=reading.scale)
        reading.drawn[models] = drawing.to_jpeg(labelled)
    return reading.drawn[models]


def _key(photo: Photo, settings: Settings) -> tuple[str, float, bool]:
    return photo.key, settings.min_score, settings.already_face


def _missing(reading: Reading | None, settings: Settings) -> bool:
    return reading is None or (not reading.error and not set(settings.models) <= reading.answers.keys())


def _read_all(photos: Sequence[Photo], settings: Settings, kept: state.Kept) -> None:
    progress = st.empty()
    for done, photo in enumerate(photos):
        if len(photos) > 1:
            progress.progress(done / len(photos), f"Reading photo {done + 1} of {len(photos)}: {code(photo.name)}")
        key = _key(photo, settings)
        kept[key] = _read(photo, settings, kept.get(key))
    progress.empty()


def _read(photo: Photo, settings: Settings, before: Reading | None) -> Reading:
    """Only the models that have not read this photo yet."""
    asked = [name for name in settings.models if before is None or name not in before.answers]
    try:
        with unforeseen(PhotoError, UNFORESEEN):
            return _read_by(asked, photo, settings, before)
    except (PhotoError, PredictorError) as error:
        let_go(error)
        return Reading(photo.name, error=str(error))


def _read_by(asked: Sequence[str], photo: Photo, settings: Settings, before: Reading | None) -> Reading:
    found = analyse(
        photo.data,
        [loaders.predictor(name) for name in asked],
        min_score=settings.min_score,
        already_face=settings.already_face,
        known=before.faces if before else None,
    )
    answers = {name: tuple(face.predictions[place] for face in found.faces) for place, name in enumerate(asked)}
    if before is None:
        return replace(_first(photo, found), answers=answers)
    before.answers.update(answers)
    before.milliseconds |= {stage: took for stage, took in found.milliseconds.items() if stage.startswith("predict:")}
    return before


def _first(photo: Photo, found: Analysis) -> Reading:
    small = drawing.shrunk(found.photo, drawing.LONGEST)
    return Reading(
        photo.name,
        small=drawing.to_jpeg(small),
        scale=found.divisor * found.photo.shape[1] / small.shape[1],
        faces=tuple(face.face for face in found.faces),
        size=found.size,
        detector=found.detector,
        milliseconds=dict(found.milliseconds),
    )


def _result(photo: Photo, reading: Reading, settings: Settings) -> Result:
    if reading.error:
        return Result(photo.key, reading, (), records.failure(photo.name, reading.error))
    faces = tuple(
        FaceAnalysis(face, tuple(reading.answers[name][place] for name in settings.models))
        for place, face in enumerate(reading.faces)
    )
    return Result(photo.key, reading, faces, records.record_of_faces(photo.name, faces, reading.size))
