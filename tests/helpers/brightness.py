"""A real network, small enough for a test: it tells apart how bright a crop is.

Class k answers to a mean brightness of 40 k, so a test knows what is right without training anything.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from fer_core.labels import EIGHT, SEVEN

STEP = 40
SHARPNESS = 1 / 200


def write_network(folder: Path, *, size=8, crowd=False, classes=SEVEN, calibration=None, crowd_offset=0) -> Path:
    """models/<name>/ with model.onnx, config.json and metrics.json."""
    folder.mkdir(parents=True)
    heads = {"probabilities": (len(classes), 0)} | ({"crowd": (len(EIGHT), crowd_offset)} if crowd else {})
    nodes = [
        helper.make_node("Cast", ["crops"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["real", "sides"], ["mean"], keepdims=0),
    ]
    constants = [numpy_helper.from_array(np.array([1, 2], np.int64), "sides")]
    for name, (count, offset) in heads.items():
        centers = (np.arange(count, dtype=np.float32) * STEP + offset)[np.newaxis]
        constants += [
            numpy_helper.from_array(centers, f"{name}_centers"),
            numpy_helper.from_array(np.float32(-SHARPNESS), f"{name}_sharpness"),
        ]
        nodes += [
            helper.make_node("Sub", ["mean", f"{name}_centers"], [f"{name}_off"]),
            helper.make_node("Mul", [f"{name}_off", f"{name}_off"], [f"{name}_square"]),
            helper.make_node("Mul", [f"{name}_square", f"{name}_sharpness"], [f"{name}_logits"]),
            helper.make_node("Softmax", [f"{name}_logits"], [name], axis=-1),
        ]
    graph = helper.make_graph(
        nodes,
        "brightness",
        [helper.make_tensor_value_info("crops", TensorProto.UINT8, ["n", size, size, 1])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", count]) for name, (count, _) in heads.items()],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    config = {
        "name": folder.name,
        "title": "Brightness",
        "classes": list(classes),
        "input_size": size,
        "channels": 1,
        "origin": "a test",
        "licence": "MIT",
        "source": "none",
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    metrics = {"calibration": calibration or {}, "evaluations": []}
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    return folder


def write_fer2013(folder: Path, rows, votes=None) -> Path:
    """fer2013.csv of evenly bright images, and fer2013new.csv beside it.

    Args:
        folder: made when it is not there.
        rows: (emotion, brightness, usage) each.
        votes: ten counts a row.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{emotion},{' '.join([str(brightness)] * 48 * 48)},{usage}" for emotion, brightness, usage in rows]
    (folder / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *lines]) + "\n", encoding="utf-8")
    if votes is not None:
        columns = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
        lines = [f"Training,fer{row:07d}.png," + ",".join(map(str, counts)) for row, counts in enumerate(votes)]
        (folder / "fer2013new.csv").write_text(
            "\n".join([f"Usage,Image name,{columns}", *lines]) + "\n", encoding="utf-8"
        )
    return folder


def two_networks(folder, monkeypatch):
    """Our own models in a folder; no detector file, so that the built-in one serves."""
    monkeypatch.setenv("FER_CACHE", str(folder / "cache"))
    monkeypatch.setenv("FER_MODELS", str(folder / "models"))
    monkeypatch.setenv("FER_YUNET", str(folder / "none.onnx"))
    write_network(folder / "models" / "house")
    write_network(folder / "models" / "second", size=16)
