"""Write a trained network as Keras and ONNX files, check that both answer alike, and describe its layers.

fer export RUN FOLDER [--crowd-share S]
"""

import json
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import RunError
from fer_core.predictors import checksums, half_precision

TOLERANCE = 1e-4
HEAVIEST = 25_000_000
"""Bytes a committed file may have."""


def export(model: keras.Model, folder: Path) -> None:
    """Fill a folder with model.keras, model.onnx, architecture.json and the checksums of the first two.

    Above HEAVIEST a half-precision ONNX stands alone.

    Raises:
        RunError: the two runtimes differ by more than TOLERANCE, or half_precision.TOLERANCE in half precision.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / checksums.FILE).unlink(missing_ok=True)  # until it is written, nothing vouches for what is here
    model(np.zeros((1, *model.input_shape[1:]), np.uint8))  # Keras exports only what was called once
    model.save(folder / "model.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # Keras 3.15 asks NumPy for np.object while exporting
        model.export(folder / "model.onnx", format="onnx", verbose=False)
    heavy = max(file.stat().st_size for file in folder.glob("model.*")) > HEAVIEST
    if heavy:
        (folder / "model.keras").unlink()
        half_precision.halve(folder / "model.onnx", folder / "model.onnx")
    write_json(folder / "architecture.json", describe(model))
    difference, allowed = compare(model, folder / "model.onnx"), half_precision.TOLERANCE if heavy else TOLERANCE
    if difference > allowed:
        raise RunError(f"ONNX and Keras answer {difference:.1e} apart; at most {allowed} is allowed.")
    checksums.write(folder, sorted(path.name for path in folder.glob("model.*")))


def compare(model: keras.Model, path: Path, images: int = 64) -> float:
    """Largest difference of any output between Keras and ONNX Runtime, on random crops."""
    import onnxruntime

    crops = np.random.default_rng(0).integers(0, 256, (images, *model.input_shape[1:]), np.uint8)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    expected = model.predict_on_batch(crops)
    names = [output.name for output in session.get_outputs()]
    given = dict(zip(names, session.run(names, {"crops": crops}), strict=True))
    return max(apart(given[name], np.asarray(expected[name])) for name in expected)


def apart(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Largest difference, relative to the largest value where that is above 1 (features have no bound)."""
    return float(np.abs(first - second).max() / max(1.0, np.abs(second).max()))


def describe(model: keras.Model) -> dict[str, Any]:
    """Layers, shapes, parameters and multiply-adds of one crop, as architecture.json holds them."""
    layers = [describe_layer(layer) for layer in model.layers]
    return {
        "name": model.name,
        "input_shape": list(model.input_shape[1:]),
        "parameters": model.count_params(),
        "multiply_adds": sum(layer["multiply_adds"] for layer in layers),
        "layers": layers,
    }


def describe_layer(layer: keras.Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "type": type(layer).__name__,
        "output_shape": list(layer.output.shape[1:]),
        "parameters": layer.count_params(),
        "multiply_adds": multiply_adds(layer),
        "inputs": input_names(layer),
    }


def multiply_adds(layer: keras.Layer) -> int:
    """Of convolutions and dense layers; the rest is small beside them."""
    if not isinstance(layer, keras.layers.Dense | keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
        return 0
    places = int(np.prod(layer.output.shape[1:-1])) if len(layer.output.shape) == 4 else 1
    return int(np.prod(layer.kernel.shape)) * places


def input_names(layer: keras.Layer) -> list[str]:
    """Names of the layers that feed this one."""
    tensors = layer.input if isinstance(layer.input, list | tuple) else [layer.input]
    return [tensor._keras_history.operation.name for tensor in tensors if tensor._keras_history.operation is not layer]


def write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
