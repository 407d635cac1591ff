"""Write a trained network as Keras and ONNX files, check that both answer alike, and describe its layers.

fer export RUN FOLDER [--crowd-share S]
fer export FILE.keras models/NAME [--classes angry,...] [--divide-by 255]
"""

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import RunError
from fer_core.labels import EIGHT, SEVEN
from fer_core.predictors import checksums, eight_bits, half_precision

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
    for name in (checksums.FILE, eight_bits.FILE):  # until sums are written, nothing vouches for what is here
        (folder / name).unlink(missing_ok=True)
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


def bring_in(file: Path, folder: Path, classes: Sequence[str], divide_by: float = 1.0) -> None:
    """A Keras network that was trained elsewhere, as a folder of models/ that every list shows.

    Args:
        file: .keras or .h5; input (size, size, 1 or 3), output one softmax.
        folder: models/NAME.
        classes: the expressions in the order of its output; empty for FER2013's order of seven or eight.
        divide_by: what its training divided the pixels (0 to 255) by, usually 255.

    Raises:
        RunError: it cannot be opened, or has another shape.
    """
    try:
        network = keras.saving.load_model(file, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises what the file format's library raises
        raise RunError(
            f"{file} cannot be opened as a Keras network ({str(error)[:200]}). Save it anew in Keras 3."
        ) from error
    names = tuple(classes) or {len(SEVEN): SEVEN, len(EIGHT): EIGHT}.get(int(network.output_shape[-1]), ())
    _check_shape(file, network, names)
    size, channels = int(network.input_shape[1]), int(network.input_shape[3])
    crops = keras.Input((size, size, channels), dtype="uint8", name="crops")
    pixels = keras.layers.Rescaling(1 / divide_by, name="pixels")(crops)
    export(keras.Model(crops, {"probabilities": network(pixels)}, name=folder.name), folder)
    write_json(
        folder / "config.json",
        {
            "name": folder.name,
            "title": folder.name,
            "about": "brought in from a Keras file",
            "classes": list(names),
            "input_size": size,
            "channels": channels,
            "origin": f"brought in from {file.name}; its accuracy and calibration were not measured here",
            "licence": "unknown; ask who trained it",
            "source": file.name,
        },
    )


def _check_shape(file: Path, network: keras.Model, classes: Sequence[str]) -> None:
    came, answer = network.input_shape, network.output_shape
    square = isinstance(came, tuple) and len(came) == 4 and came[1] == came[2] and came[1] and came[3] in (1, 3)
    if not square or not isinstance(answer, tuple) or len(answer) != 2:
        raise RunError(
            f"{file} takes {came} and gives {answer}; expected one picture (size, size, 1 or 3) and one row of "
            "probabilities. Cut the network down to that and save it again."
        )
    if len(classes) != answer[1] or len(set(classes)) != len(classes) or not set(classes) <= set(EIGHT):
        raise RunError(
            f"{file} gives {answer[1]} probabilities and {len(classes)} expressions were named ({', '.join(classes)}). "
            f"Name all of them in the order of its output, for example --classes {','.join(SEVEN)}."
        )
    blank = np.zeros((2, *came[1:]), np.float32)
    if not np.allclose(np.sum(network.predict_on_batch(blank), axis=1), 1, atol=1e-3):
        raise RunError(f"What {file} gives does not sum to 1. Add a softmax to its end and save it again.")


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
