"""Weights from a local file into a network, layer by layer by name. Nothing here downloads."""

import os
from collections.abc import Mapping
from pathlib import Path

import h5py
import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import RecipeError

Weights = Mapping[str, list[NDArray[np.float32]]]
KERAS_APPLICATIONS = "https://storage.googleapis.com/tensorflow/keras-applications/"


def imagenet_file(weights: str, published: str) -> Path | None:
    """Which file holds the weights: None for 'none', Keras' own cache for 'imagenet', else the path given.

    Args:
        weights: 'none', 'imagenet' or a path.
        published: where Keras publishes the file, below KERAS_APPLICATIONS.

    Raises:
        RecipeError: there is no such file; says which one to put where.
    """
    if weights == "none":
        return None
    file = cache() / Path(published).name if weights == "imagenet" else Path(weights)
    if not file.is_file():
        raise RecipeError(
            f"The ImageNet weights are not at {file}. Put {Path(published).name} there, from "
            f"{KERAS_APPLICATIONS}{published}, or train from scratch with --options.weights none."
        )
    return file


def cache() -> Path:
    """Where Keras keeps weights it has fetched: ~/.keras/models, or below KERAS_HOME."""
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"


def load_h5(model: keras.Model, file: Path) -> None:
    """Weights of a Keras HDF5 file of the old layout into the layers of the same names.

    Raises:
        RecipeError: the file is no such file, or does not fit the network.
    """
    try:
        with h5py.File(file) as stored:
            names = [_text(name) for name in stored.attrs["layer_names"]]
            put(model, {name: _arrays(stored[name]) for name in names}, file)
    except (OSError, KeyError) as error:
        raise RecipeError(f"{file} is not an HDF5 file of Keras weights: {error}.") from error


def put(model: keras.Model, weights: Weights, file: Path) -> None:
    """Give each named layer its weights; layers that exist here only (the heads) keep theirs.

    Raises:
        RecipeError: a layer with weights does not exist in the network, or has another shape.
    """
    for name, arrays in weights.items():
        if not arrays:
            continue
        try:
            model.get_layer(name).set_weights(arrays)
        except ValueError as error:
            raise RecipeError(
                f"{file} does not fit '{model.name}' at layer '{name}'; it holds {[array.shape for array in arrays]}."
            ) from error


def _arrays(group: h5py.Group) -> list[NDArray[np.float32]]:
    return [group[_text(name)][()] for name in group.attrs["weight_names"]]


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name
