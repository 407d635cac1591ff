"""Whether heat maps can be made of a released network without TensorFlow, and how far they are from Keras' gradients.

fer export --heat-map models/NAME

Nothing is written: the feature map is found in model.onnx when a heat map is asked for, so released networks need no
new export.
"""

from pathlib import Path

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import RunError
from fer_core.photos import explain
from fer_core.predictors import networks
from fer_core.predictors.keras_runtime import WEIGHTS as KERAS_WEIGHTS
from fer_core.predictors.keras_runtime import open_model
from fer_core.predictors.onnx_runtime import WEIGHTS
from fer_core.predictors.two_parts import TwoParts

CROPS = 16
ALLOWED = 0.1
"""Largest difference to Keras' map, 0 to 1: a step may cross the bend of a ReLU where hidden layers follow the map."""


def check(folder: Path) -> str:
    """A sentence: from which tensor of the network heat maps come, and how far they are from Keras' Grad-CAM.

    Raises:
        RunError: they differ by more than ALLOWED.
        PredictorError: the folder holds no network, or one without a feature map.
    """
    info = networks.read_info(folder, WEIGHTS, name=folder.name)
    network = TwoParts(folder / WEIGHTS, (info.input_size, info.input_size, info.channels))
    crops = _blobs(CROPS, info.input_size, info.channels)
    channels, *places = network.maps(crops[:1]).shape[1:]
    said = f"{folder.name}: heat maps come from {network.cut}, {channels} maps of {places[0]}x{places[1]} places"
    if not (folder / KERAS_WEIGHTS).is_file() or keras.backend.backend() != "tensorflow":
        return f"{said}; not compared with Keras, which needs {KERAS_WEIGHTS} here and TensorFlow as its backend."
    model = open_model(folder / KERAS_WEIGHTS)
    apart = [
        np.abs(explain.heat(network, crop[np.newaxis], chosen) - by_gradient(model, crop, chosen)).max()
        for number, crop in enumerate(crops)
        for chosen in [number % len(info.classes)]
    ]
    if max(apart) > ALLOWED:
        raise RunError(f"{said}; Keras' gradients differ by {max(apart):.3f}, at most {ALLOWED} is allowed.")
    return f"{said}; Keras' gradients differ by {max(apart):.4f} at most, {np.median(apart):.1e} in the median."


def by_gradient(model: keras.Model, crop: NDArray[np.uint8], chosen: int) -> NDArray[np.float32]:
    """Grad-CAM by TensorFlow's gradients, float32 (s, s), 0 to 1: what explain.heat must give without them.

    Args:
        model: a serving model with the output 'probabilities'.
        crop: uint8 (s, s, c).
        chosen: the class that is explained.
    """
    import tensorflow

    layer = next(layer for layer in reversed(model.layers) if _is_map(layer))
    both = keras.Model(model.input, [layer.output, model.output["probabilities"]])
    with tensorflow.GradientTape() as tape:
        maps, probabilities = both(crop[np.newaxis], training=False)
        tape.watch(maps)
        maps, probabilities = both(crop[np.newaxis], training=False)
        others = tensorflow.concat([probabilities[0, :chosen], probabilities[0, chosen + 1 :]], axis=0)
        score = tensorflow.math.log(probabilities[0, chosen]) - tensorflow.math.log(tensorflow.reduce_sum(others))
    gradients = tape.gradient(score, maps)[0].numpy()
    return explain.enlarged((maps[0].numpy() * gradients.mean(axis=(0, 1))).sum(axis=-1), crop.shape[0])


def _is_map(layer: keras.Layer) -> bool:
    shape = layer.output.shape if not isinstance(layer.output, dict | list) else ()
    return len(shape) == 4 and min(shape[1:3]) > 1


def _blobs(count: int, size: int, channels: int) -> NDArray[np.uint8]:
    """Soft random spots (n, s, s, c): more like faces to a network than noise of single pixels."""
    noise = np.random.default_rng(0).normal(128, 60, (count, size, size, channels)).astype(np.float32)
    soft = [cv2.GaussianBlur(crop, (0, 0), size / 16).reshape(size, size, channels) for crop in noise]
    stretched = [(crop - crop.mean()) / crop.std() * 60 + 128 for crop in soft]
    return np.asarray(np.clip(stretched, 0, 255), np.uint8)
