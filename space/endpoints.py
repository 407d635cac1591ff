"""What programs can call: named, typed endpoints. Errors are the sentences of FerError."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import NamedTuple, TypedDict, cast

import gradio as gr
from gradio_client.utils import python_type_to_json_schema

from fer_core.errors import FerError, PhotoError, let_go
from fer_core.photos import faces
from fer_core.photos.records import Record, failure, record, to_csv
from fer_core.predictors import PredictorInfo
from space import engine
from space.uploads import Upload


class Lane(NamedTuple):
    """Events of the same lane wait for each other once so many run at once."""

    name: str
    at_once: int


class PredictionJson(TypedDict):
    model: str
    label: str
    confidence: float
    unsure: bool
    probabilities: dict[str, float]


class FaceJson(TypedDict):
    box: list[int]
    score: float
    predictions: list[PredictionJson]


class PhotoJson(TypedDict):
    """As the command line's JSON, but `photo` for `path`: Gradio's clients would fetch what is called a path."""

    photo: str
    error: str | None
    faces: list[FaceJson]


class BatchJson(TypedDict):
    photos: list[PhotoJson]
    csv: str


class ModelJson(TypedDict):
    name: str
    title: str
    classes: list[str]
    parameters: int | None
    megabytes: float | None
    accuracy: float | None
    accuracy_note: str
    threshold: float
    coverage: float | None
    origin: str
    licence: str
    source: str


class ModelsJson(TypedDict):
    models: list[ModelJson]
    detector: str


@contextmanager
def sentences() -> Iterator[None]:
    """What a user did wrong reaches the page or the caller as it is written, without a trace in the log."""
    try:
        yield
    except FerError as error:
        let_go(error)
        sentence = str(error)
    else:
        return
    raise gr.Error(sentence, duration=None, print_exception=False)


def predict(photo: Upload | None, models: list[str], min_score: float, face_crop: bool) -> PhotoJson:
    """Perceived expressions of every face in one photo: the numbers of `fer predict --format json`."""
    with sentences():
        analysis = engine.look(photo, models, min_score, face_crop)
    return _named(record(photo.name if photo else "", analysis))


def predict_batch(photos: list[Upload], models: list[str], min_score: float, face_crop: bool) -> BatchJson:
    """Up to 50 photos: a record each, with the reason for those that cannot be read, and all of it as CSV."""
    records = list(look_at_all(photos, models, min_score, face_crop))
    return {"photos": [_named(one) for one in records], "csv": to_csv(records)}


def _named(read: Record) -> PhotoJson:
    return {"photo": read["path"], "error": read["error"], "faces": read["faces"]}


def look_at_all(photos: list[Upload], models: list[str], min_score: float, face_crop: bool) -> Iterator[Record]:
    """A record per photo. A photo that cannot be read has its reason in it; a network that fails ends the whole."""
    with sentences():
        if not photos:
            raise PhotoError("No photos came; expected one to 50 image files. Choose some.")
        engine.load_all(models)
        for photo in photos:
            try:
                yield record(photo.name, engine.look(photo, models, min_score, face_crop))
            except PhotoError as error:
                let_go(error)
                yield failure(photo.name, error)


def list_models() -> ModelsJson:
    """The networks that can be asked, with their measured accuracy, and the detector that finds the faces."""
    return {"models": [_model(info) for info in engine.infos()], "detector": faces.detector_name()}


def _model(info: PredictorInfo) -> ModelJson:
    values = asdict(info) | {"classes": list(info.classes)}
    return cast(ModelJson, {name: values[name] for name in ModelJson.__annotations__})


def offer(
    function: Callable[..., object], name: str, inputs: Sequence[gr.components.Component], answer: type, lane: Lane
) -> None:
    """Give a function a name for programs, without showing anything on the page."""
    output = gr.JSON(visible=False, label=name)
    schema = python_type_to_json_schema(answer)
    output.api_info = lambda: schema  # type: ignore[method-assign]
    gr.Button(visible=False).click(
        function,
        inputs,
        output,
        api_name=name,
        show_progress="hidden",
        concurrency_limit=lane.at_once,
        concurrency_id=lane.name,
    )
