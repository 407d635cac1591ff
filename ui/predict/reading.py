"""Photos and settings to results, each made once a visit."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.errors import FerError
from fer_core.photos import drawing, explain, records
from fer_core.photos.analysis import Analysis, FaceAnalysis, Prediction, analyse
from fer_core.predictors import Predictor
from ui.predict.controls import Settings
from ui.predict.sources import Photo
from ui.shared import loaders, state
from ui.shared.text import code


@dataclass(frozen=True)
class Model:
    """What is shown of a model beside its answers."""

    title: str
    explainable: bool


@dataclass(frozen=True, eq=False)
class Result:
    """What is kept of a photo: the small numbered picture, not the photo itself.

    Attributes:
        key: unique on the page.
        name: of the file.
        record: as in downloads.
        picture: JPEG with numbered boxes; None when the photo could not be read.
        faces: empty when there is none.
        milliseconds: of each stage.
        models: by name.
        heat: Grad-CAM maps by face number and model, as far as somebody asked.
    """

    key: str
    name: str
    record: records.Record
    picture: bytes | None = None
    faces: tuple[FaceAnalysis, ...] = ()
    milliseconds: dict[str, float] = field(default_factory=dict)
    models: dict[str, Model] = field(default_factory=dict)
    heat: dict[tuple[int, str], NDArray[np.float32]] = field(default_factory=dict)


def results(photos: Sequence[Photo], settings: Settings) -> list[Result]:
    """Every photo read under these settings; a photo that cannot be read has its sentence, the others go on.

    Raises:
        PredictorError: a model cannot be loaded.
    """
    kept = state.results()
    wanted = [(photo.key, settings) for photo in photos]
    for key in kept.keys() - set(wanted):
        del kept[key]
    waiting = [photo for photo in photos if (photo.key, settings) not in kept]
    if waiting:
        _read_all(waiting, settings, kept)
    return [kept[key] for key in wanted]


def heat(result: Result, number: int, prediction: Prediction) -> NDArray[np.float32]:
    """Grad-CAM of the label given.

    Raises:
        PredictorError: the network cannot be explained here.
    """
    key = (number, prediction.model)
    if key not in result.heat:
        with st.spinner("Looking into the network; the first time Keras is loaded, which takes some seconds …"):
            result.heat[key] = explain.grad_cam(prediction.model, prediction.crop, prediction.label)
    return result.heat[key]


def _read_all(photos: Sequence[Photo], settings: Settings, kept: state.Kept) -> None:
    predictors = [loaders.predictor(name) for name in settings.models]
    progress = st.progress(0.0)
    for done, photo in enumerate(photos):
        progress.progress(done / len(photos), f"Reading photo {done + 1} of {len(photos)}: {code(photo.name)}")
        kept[photo.key, settings] = _read(photo, predictors, settings)
    progress.empty()


def _read(photo: Photo, predictors: Sequence[Predictor], settings: Settings) -> Result:
    try:
        found = analyse(photo.read(), predictors, min_score=settings.min_score, already_face=settings.already_face)
    except FerError as error:
        return Result(photo.key, photo.name, records.failure(photo.name, error))
    return _result(photo, found, settings.models)


def _result(photo: Photo, found: Analysis, names: Sequence[str]) -> Result:
    numbered = drawing.numbered(found.photo, [face.face for face in found.faces], divisor=found.divisor)
    picture = drawing.to_jpeg(numbered)
    record = records.record(photo.name, found)
    titles = loaders.titles()
    models = {name: Model(titles[name], explain.can_explain(name)) for name in names}
    return Result(photo.key, photo.name, record, picture, found.faces, found.milliseconds, models)
