"""The face detector's ONNX file as a browser takes it."""

from pathlib import Path


def free_sides(source: Path, target: Path) -> None:
    """Write YuNet's file with height and width left open; as published it takes 640x640 alone.

    ONNX Runtime then takes any multiple of 32, as OpenCV does with the file as it is.
    """
    import onnx

    model = onnx.load(source)
    for name, size in zip(("height", "width"), model.graph.input[0].type.tensor_type.shape.dim[2:], strict=True):
        size.dim_param = name
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = f"cells_of_{output.name}"
    del model.graph.value_info[:]  # the sizes in between, for 640x640
    onnx.save(model, target)
