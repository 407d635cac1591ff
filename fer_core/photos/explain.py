"""Which part of a face spoke for the answer: Grad-CAM (Selvaraju et al., 2017, arXiv 1610.02391) in ONNX Runtime alone.

Grad-CAM weighs each channel of the last feature map by how much the answer rises with that channel, everywhere in the
map at once. ONNX Runtime has no gradients, but this one needs none of its inner ones: the network is cut in two at the
map, each channel is raised and lowered a little, and the second part tells how the answer follows.

In networks that end in global average pooling and one linear layer, the answer is linear in the channels, and Grad-CAM
is the class activation map (Zhou et al., 2016, arXiv 1512.04150): of the class asked about, less the others weighted
by their probabilities. Keras' gradients give the same maps: tests hold both together.
"""

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core import predictors, settings
from fer_core.errors import PredictorError
from fer_core.predictors import networks
from fer_core.predictors.base import PredictorInfo
from fer_core.predictors.common import check_crops
from fer_core.predictors.onnx_runtime import WEIGHTS
from fer_core.predictors.two_parts import TwoParts

KERAS = ":keras"
TINY = 1e-30

STEP = 0.003
"""By how much a channel is raised and lowered, in parts of the largest value of the map."""

BATCH = 64
"""Channels changed in one run of the second part: bounds its memory."""


def can_explain(name: str) -> bool:
    """Networks of our own whose ONNX file is here can be looked into; baselines of others cannot."""
    return _folder(name) in networks.folders() and predictors.availability(_folder(name).name).ready


def grad_cam(name: str, crop: NDArray[np.uint8], label: str | None = None) -> NDArray[np.float32]:
    """How much each place of a crop speaks for an expression.

    The map has the resolution of the network's last feature map, enlarged: it points at regions, not at wrinkles.

    Args:
        name: an in-house network, with or without its runtime.
        crop: uint8 (s, s, c) as the network saw it.
        label: the expression asked about; by default the most probable one.

    Returns:
        float32 (s, s), 0 to 1, its maximum 1; all 0 when no place speaks for the expression.

    Raises:
        PredictorError: the network cannot be explained here, the crop does not fit, or it does not know the label.
    """
    info, network = _opened(name, *_version(name))
    crops = np.asarray(crop)[np.newaxis]
    check_crops(info, crops)
    if label is not None and label not in info.classes:
        raise PredictorError(f"{info.name} does not know '{label}'; it knows {', '.join(info.classes)}.")
    return heat(network, crops, info.classes.index(label) if label else None)


def heat(network: TwoParts, crops: NDArray[np.uint8], chosen: int | None = None) -> NDArray[np.float32]:
    """As grad_cam, of a network at hand.

    Args:
        network: in two parts.
        crops: uint8 (1, s, s, c): one crop.
        chosen: number of the class asked about; by default the most probable one.
    """
    maps = network.maps(crops)
    chosen = int(network.answer(maps)[0].argmax()) if chosen is None else chosen
    weights = _slopes(network, maps, chosen) / maps[0, 0].size
    return enlarged(np.tensordot(weights, maps[0], axes=1), crops.shape[1])


def _folder(name: str) -> Path:
    return settings.models_folder() / name.removesuffix(KERAS)


def _version(name: str) -> tuple[Path, int]:
    """Changes when the weights do: a network that was trained anew is opened anew."""
    path = _folder(name) / WEIGHTS
    return path, path.stat().st_mtime_ns if path.is_file() else 0


@lru_cache(maxsize=8)
def _opened(name: str, *_version: object) -> tuple[PredictorInfo, TwoParts]:
    folder = _folder(name)
    if folder not in networks.folders():
        raise PredictorError(
            f"{name} cannot be explained: only networks of our own can, whose ONNX file lies in a folder of models/."
        )
    state = predictors.availability(folder.name)
    if not state.ready:
        raise PredictorError(f"{name} cannot be explained: {state.reason}")
    info = predictors.info(folder.name)
    return info, TwoParts(folder / WEIGHTS, (info.input_size, info.input_size, info.channels))


def _slopes(network: TwoParts, maps: NDArray[np.float32], chosen: int) -> NDArray[np.float64]:
    """How the log odds of a class rise with each channel of the maps (1, channels, rows, columns)."""
    channels = maps.shape[1]
    step = STEP * float(np.abs(maps).max()) or 1.0
    slopes = np.empty(channels)
    for start in range(0, channels, BATCH):
        rows = np.arange(start, min(start + BATCH, channels))
        change = np.zeros((len(rows), channels, 1, 1), np.float32)
        change[np.arange(len(rows)), rows] = step
        higher, lower = (_log_odds(network.answer(maps + sign * change), chosen) for sign in (1, -1))
        slopes[rows] = (higher - lower) / (2 * step)
    return slopes


def _log_odds(probabilities: NDArray[np.float32], chosen: int) -> NDArray[np.float64]:
    """Of a class against all others (n,): the probability itself hardly moves where the network is certain."""
    rows = probabilities.astype(np.float64)
    others = np.delete(rows, chosen, axis=1).sum(axis=1)
    return np.asarray(np.log(rows[:, chosen] + TINY) - np.log(others + TINY))


def enlarged(weighted: NDArray[np.floating], size: int) -> NDArray[np.float32]:
    """Weighted maps (rows, columns) as (size, size), 0 to 1: only what speaks for the expression is kept."""
    positive = np.maximum(weighted, 0).astype(np.float32)
    wide = cv2.resize(positive, (size, size), interpolation=cv2.INTER_LINEAR)
    strongest = wide.max()
    return np.asarray(wide / strongest if strongest > 0 else wide, np.float32)
