"""In-house networks through Keras: the source of truth, for Grad-CAM and summaries. Takes seconds to start."""

import os
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from fer_core.errors import PredictorError
from fer_core.predictors.base import PredictorInfo
from fer_core.predictors.common import Crops, NetworkPredictor, Rows

if TYPE_CHECKING:
    import keras

WEIGHTS = "model.keras"


def import_keras() -> ModuleType:
    """Keras on TensorFlow, with TensorFlow's start-up messages turned down; PredictorError when not installed."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import keras
    except ImportError as error:
        raise PredictorError(f"Keras cannot be imported ({error}); pip install tensorflow keras.") from None
    return keras


def open_model(path: Path) -> "keras.Model":
    """A model from a file, never running code the file carries."""
    keras = import_keras()
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras, h5py and zipfile raise what they like on a damaged file
        reason = str(error).strip().splitlines()[0]
        raise PredictorError(f"{path} is no network that Keras can read ({reason}); export it again.") from None
    # XLA would compile, and keep, one program for each number of faces.
    model.jit_compile = False
    return model


class KerasPredictor(NetworkPredictor):
    """An in-house network as `model`, a functional Keras model from `crops` to a dict of outputs."""

    def __init__(self, info: PredictorInfo, path: Path) -> None:
        self.model = open_model(path)
        if not isinstance(self.model.output, dict):
            raise PredictorError(f"{path} gives no named outputs, but 'probabilities' is expected; export it again.")
        super().__init__(info, {name: output.shape[-1] for name, output in self.model.output.items()})

    def _run(self, outputs: tuple[str, ...], crops: Crops) -> list[Rows]:
        given = self.model.predict_on_batch(crops)
        return [np.asarray(given[output], np.float32) for output in outputs]
