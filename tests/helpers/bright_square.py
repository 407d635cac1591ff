"""A detector with YuNet's inputs and outputs that finds bright squares of 192 pixels, and films that show one.

It stands where YuNet's file is not there, so that the pages can be tried with a camera anywhere.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 192
"""Side of the square that it takes for a face: the size at which the engine looks at a face again."""
STRIDES = (8, 16, 32)
COLUMNS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
EYES = [-1.0, -1.0, 1.0, -1.0, 0.0, 0.0, -1.0, 1.0, 1.0, 1.0]
"""Landmarks around the middle of a cell, in cells: the eyes level, so that the face stands upright."""


def write_detector(path: Path) -> Path:
    """An ONNX file for 640x640, as YuNet's is. Each cell of 32 pixels answers to the brightness around it."""
    constants = {
        "columns_1": np.array([1, -1, 1], np.int64),
        "dark": np.float32(150),
        "sharp": np.float32(0.1),
        "none": np.float32(0),
        "bbox": np.array([[[0.5, 0.5, np.log(SIDE / 32), np.log(SIDE / 32)]]], np.float32),
        "kps": np.array([[EYES]], np.float32) + np.float32(0.5),
    }
    nodes = [helper.make_node("ReduceMean", ["input"], ["gray"], axes=[1], keepdims=1)]
    for stride in STRIDES:
        window = SIDE if stride == 32 else stride
        pad = (window - stride) // 2
        nodes += [
            helper.make_node(
                "AveragePool",
                ["gray"],
                [f"mean_{stride}"],
                kernel_shape=[window, window],
                strides=[stride, stride],
                pads=[pad] * 4,
                count_include_pad=1,
            ),
            helper.make_node("Reshape", [f"mean_{stride}", "columns_1"], [f"cells_{stride}"]),
            helper.make_node("Mul", [f"cells_{stride}", "none"], [f"zero_{stride}"]),
            helper.make_node("Add", [f"zero_{stride}", "bbox"], [f"bbox_{stride}"]),
            helper.make_node("Add", [f"zero_{stride}", "kps"], [f"kps_{stride}"]),
        ]
        if stride == 32:
            nodes += [
                helper.make_node("Sub", ["cells_32", "dark"], ["bright"]),
                helper.make_node("Mul", ["bright", "sharp"], ["logits"]),
                *[helper.make_node("Sigmoid", ["logits"], [name]) for name in ("cls_32", "obj_32")],
            ]
        else:
            nodes += [helper.make_node("Identity", [f"zero_{stride}"], [f"{name}_{stride}"]) for name in ("cls", "obj")]
    outputs = [
        helper.make_tensor_value_info(f"{name}_{stride}", TensorProto.FLOAT, [1, (640 // stride) ** 2, columns])
        for name, columns in COLUMNS.items()
        for stride in STRIDES
    ]
    picture = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 640, 640])
    stored = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "bright_square", [picture], outputs, stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def write_film(path: Path, places, *, brightness=230, frames_per_second=10) -> Path:
    """A film of 640x480 in Y4M, as Chromium's fake camera takes it: a bright square on black.

    Args:
        path: of the film.
        places: x, y of the square's corner in each frame, a multiple of 32 each; None for a frame without a square.
        brightness: of the square.
        frames_per_second: of the film, which begins anew at its end.
    """
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W640 H480 F{frames_per_second}:1 Ip A1:1 C420jpeg\n".encode())
        for place in places:
            luma = np.zeros((480, 640), np.uint8)
            if place is not None:
                x, y = place
                luma[y : y + SIDE, x : x + SIDE] = brightness
            film.write(b"FRAME\n" + luma.tobytes() + bytes([128]) * (640 * 480 // 2))
    return path
