"""Networks small enough to be made in a test: as ONNX graphs, and as Keras models of the same kind as ours."""

import json
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from fer_core.labels import SEVEN

SIZE, FEATURES = 16, 5
CONFIG = {
    "name": "house",
    "title": "Tiny network",
    "classes": list(SEVEN),
    "input_size": SIZE,
    "channels": 1,
    "origin": "made by a test",
    "licence": "MIT",
    "source": "tests/helpers/tiny_networks.py",
}


def write_json(folder: Path, name: str, content: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(content), encoding="utf-8")


def write_onnx(path: Path, *, outputs: int = len(SEVEN), input_name: str = "crops", scale: float = 1.0) -> None:
    """Mean of each crop, times a row of weights: `features`; times another matrix: `probabilities`. No `crowd`."""
    random = np.random.default_rng(0)
    constants = {
        "first": random.standard_normal((1, FEATURES)) * scale,
        "second": random.standard_normal((FEATURES, outputs)) * scale / 100,
    }
    nodes = [
        helper.make_node("Cast", [input_name], ["cast"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["cast"], ["mean"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["mean", "first"], ["features"]),
        helper.make_node("MatMul", ["features", "second"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(input_name, TensorProto.UINT8, ["n", SIZE, SIZE, 1])],
        [
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", FEATURES]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", outputs]),
        ],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in constants.items()],
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def write_network(folder: Path) -> Path:
    """A complete folder, but for the Keras file."""
    write_json(folder, "config.json", {**CONFIG, "name": folder.name})
    write_onnx(folder / "model.onnx")
    return folder


def write_broken_network(folder: Path) -> Path:
    """A complete folder whose weights are no numbers: it loads, and answers nothing."""
    write_network(folder)
    write_onnx(folder / "model.onnx", scale=float("nan"))
    return folder


def write_keras_network(folder: Path) -> Path:
    """A complete folder with both files, exported from one Keras model as ours are."""
    from fer_core.predictors.keras_runtime import import_keras

    keras = import_keras()
    keras.utils.set_random_seed(0)
    crops = keras.Input((SIZE, SIZE, 1), dtype="uint8", name="crops")
    maps = keras.layers.Rescaling(1 / 127.5, -1)(crops)
    maps = keras.layers.Conv2D(8, 3, padding="same", use_bias=False)(maps)
    maps = keras.layers.BatchNormalization()(maps)
    maps = keras.layers.Activation("relu")(maps)
    features = keras.layers.GlobalAveragePooling2D(name="features")(maps)
    outputs = {
        "probabilities": keras.layers.Dense(7, "softmax", name="probabilities")(features),
        "features": features,
        "crowd": keras.layers.Dense(8, "softmax", name="crowd")(features),
    }
    model = keras.Model(crops, outputs)
    model(np.zeros((1, SIZE, SIZE, 1), np.uint8))
    write_json(folder, "config.json", {**CONFIG, "name": folder.name})
    model.save(folder / "model.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # Keras 3.15 asks NumPy for np.object while exporting
        model.export(folder / "model.onnx", format="onnx", verbose=False)
    return folder


def random_crops(count: int, size: int = SIZE, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, size, size, channels), np.uint8)
