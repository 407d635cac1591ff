"""Which part of a face spoke for the answer: Grad-CAM (Selvaraju et al., 2017, arXiv 1610.02391)."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core import predictors, settings
from fer_core.errors import PredictorError
from fer_core.predictors.base import PredictorInfo
from fer_core.predictors.common import check_crops
from fer_core.predictors.keras_runtime import WEIGHTS

if TYPE_CHECKING:
    import keras

KERAS = ":keras"
TINY = 1e-30


def can_explain(name: str) -> bool:
    """Only in-house networks, whose Keras file is here, can be looked into."""
    twin = _twin(name)
    return twin in predictors.names() and predictors.availability(twin).ready


def grad_cam(name: str, crop: NDArray[np.uint8], label: str | None = None) -> NDArray[np.float32]:
    """How much each place of a crop speaks for an expression.

    The map has the resolution of the network's last feature map, enlarged: it points at regions, not at wrinkles.

    Args:
        name: an in-house network, with or without its runtime; the Keras weights are used.
        crop: uint8 (s, s, c) as the network saw it.
        label: the expression asked about; by default the most probable one.

    Returns:
        float32 (s, s), 0 to 1, its maximum 1; all 0 when no place speaks for the expression.

    Raises:
        PredictorError: the network has no Keras weights here, the crop does not fit, or it does not know the label.
    """
    info, model = _opened(_twin(name), *_version(name))
    crops = np.asarray(crop)[np.newaxis]
    check_crops(info, crops)
    if label is not None and label not in info.classes:
        raise PredictorError(f"{info.name} does not know '{label}'; it knows {', '.join(info.classes)}.")
    maps, gradients = _maps_and_gradients(model, crops, info.classes.index(label) if label else None)
    return _heat((maps * gradients.mean(axis=(0, 1))).sum(axis=-1), info.input_size)


def _twin(name: str) -> str:
    return name if name.endswith(KERAS) else name + KERAS


def _version(name: str) -> tuple[Path, int]:
    """Changes when the weights do: a network that was trained anew is opened anew."""
    path = settings.models_folder() / name.removesuffix(KERAS) / WEIGHTS
    return path, path.stat().st_mtime_ns if path.is_file() else 0


@lru_cache(maxsize=2)
def _opened(name: str, *_version: object) -> tuple[PredictorInfo, "keras.Model"]:
    """The network as a model from crops to its last feature map and its probabilities."""
    if name not in predictors.names():
        raise PredictorError(
            f"{name.removesuffix(KERAS)} cannot be explained: only networks of our own with Keras weights can."
        )
    predictor = predictors.load(name)
    import keras

    model: keras.Model = predictor.model  # type: ignore[attr-defined]
    model.trainable = True  # gradients are recorded from trainable weights on; nothing is trained here
    return predictor.info, keras.Model(model.input, [_last_map(model), model.output["probabilities"]])


def _last_map(model: "keras.Model") -> "keras.KerasTensor":
    """Output of the last layer that is still a map: (batch, rows, columns, channels) with more than one place."""
    for layer in reversed(model.layers):
        shape = layer.output.shape if not isinstance(layer.output, dict | list) else ()
        if len(shape) == 4 and min(shape[1:3]) > 1:
            return layer.output
    raise PredictorError(f"{model.name} has no layer that is a map of the face; Grad-CAM needs a convolution.")


def _maps_and_gradients(
    model: "keras.Model", crops: NDArray[np.uint8], chosen: int | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The last maps (rows, columns, channels), and the gradient on them of the log odds of a class.

    Log odds, because the probability itself hardly moves where the network is certain.
    """
    import tensorflow

    with tensorflow.GradientTape() as tape:
        maps, probabilities = model(crops, training=False)
        probabilities = tensorflow.cast(probabilities[0], tensorflow.float32)
        chosen = int(tensorflow.argmax(probabilities)) if chosen is None else chosen
        others = tensorflow.concat([probabilities[:chosen], probabilities[chosen + 1 :]], axis=0)
        score = tensorflow.math.log(probabilities[chosen] + TINY) - tensorflow.math.log(
            tensorflow.reduce_sum(others) + TINY
        )
    gradients = tape.gradient(score, maps)
    return maps[0].numpy().astype(np.float32), gradients[0].numpy().astype(np.float32)


def _heat(weighted: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Weighted maps (rows, columns) as (size, size), 0 to 1: only what speaks for the expression is kept."""
    positive = np.maximum(weighted, 0)
    enlarged = cv2.resize(positive, (size, size), interpolation=cv2.INTER_LINEAR)
    strongest = enlarged.max()
    return np.asarray(enlarged / strongest if strongest > 0 else enlarged, np.float32)
