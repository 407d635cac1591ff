"""DeepFace's emotion network, run by DeepFace's own code on its ONNX engine.

That engine starts fastest; its TensorFlow engine wants tf-keras and another weight file. Only the two DeepFace modules
that hold the emotion client and its preprocessing are imported: the package's front door silences every warning of the
process, and sets environment variables. DeepFace downloads missing weights in the middle of a call; `load` refuses
instead; `fer setup --baselines` fetches them when asked.
"""

import contextlib
import importlib.util
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fer_core.errors import PredictorError
from fer_core.labels import SEVEN
from fer_core.predictors.base import Availability, PredictorInfo
from fer_core.predictors.common import Crops, LoadedPredictor, Rows
from fer_core.predictors.networks import megabytes

NAME = "deepface"
PACKAGES = ("deepface", "werkzeug")
WEIGHTS = "facial_expression_model_weights.onnx"
ADDRESSES = (
    f"https://github.com/serengil/deepface_models/releases/download/v1.0/{WEIGHTS}",
    f"https://huggingface.co/serengil/deepface/resolve/main/{WEIGHTS}",
)
FETCH = "fer setup --baselines"
ENVIRONMENT = {"DEEPFACE_BACKEND_ENGINE": "onnx", "DEEPFACE_LOG_LEVEL": "50"}


def weights_path() -> Path:
    """Where DeepFace looks: .deepface/weights in DEEPFACE_HOME, else in the home directory."""
    return Path(os.environ.get("DEEPFACE_HOME") or Path.home()) / ".deepface" / "weights" / WEIGHTS


def info() -> PredictorInfo:
    return PredictorInfo(
        name=NAME,
        title="DeepFace",
        about="the emotion network of the deepface package",
        classes=SEVEN,
        input_size=224,
        channels=3,
        origin="Sefik Ilkin Serengil, trained on FER2013; DeepFace makes 48x48 gray of the crop",
        licence="MIT",
        source="https://github.com/serengil/deepface",
        parameters=1_485_831,
        megabytes=megabytes(weights_path()),
        threshold=0.5,
        accuracy=0.5743,
        accuracy_note="FER2013 private test, reported by its author (deepface issue 247), not measured here",
    )


def availability() -> Availability:
    missing = [package for package in PACKAGES if importlib.util.find_spec(package) is None]
    if missing:
        return Availability(False, f"{' and '.join(missing)} not installed; pip install {' '.join(missing)}.")
    path = weights_path()
    if not path.is_file():
        return Availability(
            False,
            f"its weights are not here. Run {FETCH}, or download {ADDRESSES[0]} (or {ADDRESSES[1]}) "
            f"and put {WEIGHTS} into {path.parent}.",
        )
    return Availability(True)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Our settings for DeepFace while it is imported; the process has its own back afterwards."""
    names = (*ENVIRONMENT, "TF_USE_LEGACY_KERAS", "TF_CPP_MIN_LOG_LEVEL")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(ENVIRONMENT)
    try:
        # DeepFace prints to stdout, where the command line writes its results.
        with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class DeepFacePredictor(LoadedPredictor):
    """DeepFace's emotion client, as `DeepFace.analyze` calls it on a face that needs no detector."""

    def __init__(self) -> None:
        super().__init__(info())
        with _undisturbed():
            try:
                from deepface.commons import backend_utils
                from deepface.modules import modeling, preprocessing

                engine = backend_utils.get_backend_engine()
                if engine == "onnx":
                    self._client = modeling.build_model(task="facial_attribute", model_name="Emotion")
            except (ImportError, ValueError, AttributeError) as error:
                raise PredictorError(
                    f"DeepFace cannot start ({str(error).splitlines()[0]}); delete {weights_path()} and run {FETCH}."
                ) from None
        if engine != "onnx":
            raise PredictorError(f"DeepFace already runs on its {engine} engine in this process; start a new one.")
        self._resize = preprocessing.resize_image

    def _probabilities(self, crops: Crops) -> Rows:
        # DeepFace works on BGR; its resize scales to 0..1 and adds the batch axis.
        faces = [self._resize(crop[:, :, ::-1], (self.input_size, self.input_size)) for crop in crops]
        rows = self._client.predict(np.concatenate(faces))
        return np.asarray(rows, np.float32).reshape(len(crops), len(self.classes))


def load() -> DeepFacePredictor:
    """Never touches the network: the registry has seen that the weights are here."""
    state = availability()
    if not state.ready:
        raise PredictorError(state.reason)
    return DeepFacePredictor()
