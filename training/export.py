"""Write a trained network as Keras and ONNX files, check that both answer alike, and describe its layers.

python -m training.export RUN FOLDER [--crowd-share S]
"""

import argparse
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fer_core.errors import FerError, RunError
from training.serving import serving_model

TOLERANCE = 1e-4


def export(model: keras.Model, folder: Path) -> None:
    """Fill a folder with model.keras, model.onnx and architecture.json.

    Raises:
        RunError: the two runtimes differ by more than TOLERANCE.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model(np.zeros((1, *model.input_shape[1:]), np.uint8))  # Keras exports only what was called once
    model.save(folder / "model.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # Keras 3.15 asks NumPy for np.object while exporting
        model.export(folder / "model.onnx", format="onnx", verbose=False)
    write_json(folder / "architecture.json", describe(model))
    difference = compare(model, folder / "model.onnx")
    if difference > TOLERANCE:
        raise RunError(f"ONNX and Keras answer {difference:.1e} apart; at most {TOLERANCE} is allowed.")


def compare(model: keras.Model, path: Path, images: int = 64) -> float:
    """Largest difference of any output between Keras and ONNX Runtime, on random crops."""
    import onnxruntime

    crops = np.random.default_rng(0).integers(0, 256, (images, *model.input_shape[1:]), np.uint8)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    expected = model.predict_on_batch(crops)
    names = [output.name for output in session.get_outputs()]
    given = dict(zip(names, session.run(names, {"crops": crops}), strict=True))
    return max(float(np.abs(given[name] - np.asarray(expected[name])).max()) for name in expected)


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


def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.export", description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--crowd-share", type=float, default=0.0)
    known = parser.parse_args(arguments)
    try:
        export(serving_model(known.run, known.crowd_share), known.folder)
    except FerError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
