"""The networks and the detector of the Space: in-house folders through ONNX Runtime, loaded once for all visitors."""

import contextlib
import threading
from collections.abc import Sequence

from fer_core import predictors
from fer_core.errors import FerError, PhotoError, PredictorError
from fer_core.photos import faces, wording
from fer_core.photos.analysis import Analysis, analyse
from fer_core.predictors import Predictor, PredictorInfo, networks
from space.process import SAMPLES
from space.uploads import Upload

_loaded: dict[str, Predictor] = {}
_loading = threading.Lock()


def names() -> tuple[str, ...]:
    """Networks that can run here, the default first. Baselines stay out: they need other libraries."""
    found = [folder.name for folder in networks.folders()]
    return tuple(name for name in found if predictors.availability(name).ready)


def infos() -> list[PredictorInfo]:
    return [predictors.info(name) for name in names()]


def load(name: str) -> Predictor:
    with _loading:
        if name not in _loaded:
            _loaded[name] = predictors.load(name)
        return _loaded[name]


def look(upload: Upload | None, models: Sequence[str], min_score: float, face_crop: bool) -> Analysis:
    """The way of a visitor's photo.

    Raises:
        FerError: there is no photo or no model, or the photo cannot be read.
    """
    if upload is None:
        raise PhotoError("No photo came. Choose a photo, paste one, or take one with the camera.")
    return analyse(upload.read(), load_all(models), min_score=min_score, already_face=face_crop)


def load_all(models: Sequence[str]) -> list[Predictor]:
    chosen = list(dict.fromkeys(models)) or list(names()[:1])
    if not chosen:
        raise PredictorError("There is no network here that can run; expected one in models/. Tell who runs this app.")
    return [load(name) for name in chosen]


def detector_note() -> str:
    return wording.DETECTORS[faces.detector_name()]


def warm_up() -> threading.Thread:
    """Load the networks and look at a sample, so that the first visitor does not wait for either."""
    # No daemon: a process that ends while ONNX Runtime loads a network in one is aborted.
    thread = threading.Thread(target=_first_look, daemon=False, name="warm-up")
    thread.start()
    return thread


def _first_look() -> None:
    photo = (SAMPLES / "astronaut.jpg").read_bytes()
    for name in names():
        with contextlib.suppress(FerError):  # whoever chooses that network gets the sentence
            analyse(photo, [load(name)])
