"""A home folder for DeepFace: its real weights where they are, else a stand-in with random weights for timing alone.

The stand-in has the layers of DeepFace's emotion network, so it costs the same; its answers mean nothing.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.predictors.baselines.deepface_baseline import WEIGHTS, weights_path
from fer_core.predictors.downloads import YUNET_FILE, yunet_path

Weights = list[tuple[NDArray[np.float32], NDArray[np.float32]]]


@dataclass(frozen=True)
class Layer:
    """A convolution (`kernel` > 0) or a dense layer, with its activation and the pooling after it (kind, size)."""

    inputs: int
    units: int
    kernel: int = 0
    activation: str = "Relu"
    pool: tuple[str, int] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the kernel, as Keras keeps it: rows, columns, inputs, units."""
        return (*(self.kernel,) * 2, self.inputs, self.units) if self.kernel else (self.inputs, self.units)


LAYERS = (
    Layer(1, 64, 5, pool=("MaxPool", 5)),
    Layer(64, 64, 3),
    Layer(64, 64, 3, pool=("AveragePool", 3)),
    Layer(64, 128, 3),
    Layer(128, 128, 3, pool=("AveragePool", 3)),
    Layer(128, 1024),
    Layer(1024, 1024),
    Layer(1024, 7, activation="Softmax"),
)
"""deepface/models/demography/tf/Emotion.py of 0.0.103; every pooling has stride 2."""


def random_weights(seed: int = 0) -> Weights:
    random = np.random.default_rng(seed)
    scales = [np.sqrt(2 / np.prod(layer.shape[:-1])) for layer in LAYERS]
    return [
        ((random.standard_normal(layer.shape) * scale).astype(np.float32), np.zeros(layer.units, np.float32))
        for layer, scale in zip(LAYERS, scales, strict=True)
    ]


def write_onnx(path: Path, weights: Weights) -> None:
    """As DeepFace's ONNX engine reads it: float32 (n, 48, 48, 1) in, (n, 7) out."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes, constants = [helper.make_node("Transpose", ["image"], ["0"], perm=[0, 3, 1, 2])], []

    def add(operator: str, *extra: str, output: str | None = None, **attributes: Any) -> None:  # noqa: ANN401
        name = output or str(len(nodes))
        nodes.append(helper.make_node(operator, [nodes[-1].output[0], *extra], [name], **attributes))

    for number, (layer, (kernel, bias)) in enumerate(zip(LAYERS, weights, strict=True)):
        names = (f"kernel{number}", f"bias{number}")
        stored = kernel.transpose(3, 2, 0, 1) if layer.kernel else kernel
        constants += [numpy_helper.from_array(a.copy(), n) for a, n in zip((stored, bias), names, strict=True)]
        if not layer.kernel and LAYERS[number - 1].kernel:
            add("Flatten")
        add("Conv" if layer.kernel else "Gemm", *names)
        add(layer.activation, output="emotions" if layer is LAYERS[-1] else None)
        if layer.pool:
            kind, size = layer.pool
            add(kind, kernel_shape=[size, size], strides=[2, 2])
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 48, 48, 1])
    emotions = helper.make_tensor_value_info("emotions", TensorProto.FLOAT, ["n", 7])
    graph = helper.make_graph(nodes, "standin", [image], [emotions], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def write_h5(path: Path, weights: Weights) -> None:
    """As DeepFace's TensorFlow engine reads it: Keras 2 weights, one group per layer, in the order of the model."""
    import h5py

    names = [f"layer{number}" for number in range(len(weights))]
    with h5py.File(path, "w") as file:
        file.attrs.update(layer_names=[name.encode() for name in names], backend=b"tensorflow", keras_version=b"2.2.4")
        for name, pair in zip(names, weights, strict=True):
            group = file.create_group(name)
            group.attrs["weight_names"] = [b"kernel:0", b"bias:0"]
            for weight, part in zip(pair, ("kernel:0", "bias:0"), strict=True):
                group.create_dataset(part, data=weight)


def furnish(home: Path) -> list[str]:
    """Fill a DEEPFACE_HOME with detector and weights for both engines; returns the names of the stand-ins."""
    folder = home / ".deepface" / "weights"
    folder.mkdir(parents=True)
    detector = yunet_path()
    if detector is not None:
        shutil.copy(detector, folder / YUNET_FILE)
    written = []
    for name, write in ((WEIGHTS, write_onnx), (Path(WEIGHTS).with_suffix(".h5").name, write_h5)):
        real = weights_path().with_name(name)
        if real.is_file():
            shutil.copy(real, folder / name)
        else:
            write(folder / name, random_weights())
            written.append(name)
    return written
