import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from fer_core.predictors import onnx_file


def model(nodes, inputs, outputs, weights=()):
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(value, name) for name, value in dict(weights).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


@pytest.fixture
def forked():
    """x doubled, then two branches that meet: only `double`, `both` and the answer are passed by everything."""
    nodes = [
        helper.make_node("Add", ["weight", "weight"], ["weights alone"]),
        helper.make_node("Add", ["x", "x"], ["double"]),
        helper.make_node("Relu", ["double"], ["left"]),
        helper.make_node("Mul", ["double", "weights alone"], ["right"]),
        helper.make_node("Add", ["left", "right"], ["both"]),
        helper.make_node("Neg", ["both"], ["answer"]),
        helper.make_node("Exp", ["left"], ["no part of the answer"]),
    ]
    outputs = {"answer": ["n", 3], "no part of the answer": ["n", 3]}
    return model(nodes, {"x": ["n", 3]}, outputs, {"weight": np.float32([1, 2, 3])})


def run(content, feed, outputs):
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(outputs, feed)


X = np.float32([[1, -2, 3]])


def test_a_file_is_read_and_written_field_by_field(forked):
    again = b"".join(onnx_file.field(number, value) for number, value in onnx_file.fields(forked))
    assert onnx.load_from_string(again) == onnx.load_from_string(forked)


@pytest.mark.parametrize("size", [1, 127, 128, 300, 2**40])
def test_numbers_of_any_size(size):
    assert list(onnx_file.fields(onnx_file.field(7, size))) == [(7, size)]


@pytest.mark.parametrize("damaged", [b"\x0a\x05ab", b"\xff" * 12, b"\x0b\x01", b"\x08"])
def test_what_is_no_protocol_buffer_is_refused(damaged):
    with pytest.raises(ValueError, match="no ONNX file"):
        list(onnx_file.fields(damaged))


def test_nodes_in_their_order(forked):
    read = onnx_file.nodes(forked)
    assert [node.kind for node in read] == ["Add", "Add", "Relu", "Mul", "Add", "Neg", "Exp"]
    assert read[3].inputs == ("double", "weights alone")
    assert read[3].outputs == ("right",)


def test_a_network_can_be_cut_where_everything_passes(forked):
    assert onnx_file.narrows(forked, "answer") == ["double", "both", "answer"]


def test_what_the_input_goes_around_is_no_place_to_cut():
    nodes = [
        helper.make_node("Relu", ["x"], ["inside"]),
        helper.make_node("Add", ["inside", "x"], ["answer"]),
    ]
    assert onnx_file.narrows(model(nodes, {"x": ["n", 3]}, {"answer": ["n", 3]}), "answer") == ["answer"]


def test_both_parts_together_answer_as_the_whole(forked):
    expected = run(forked, {"x": X}, ["answer"])[0]
    (middle,) = run(onnx_file.with_outputs(forked, ["both"]), {"x": X}, ["both"])
    (answer,) = run(onnx_file.tail(forked, "both", "answer"), {"both": middle}, ["answer"])
    assert np.array_equal(answer, expected)
    (double,) = run(onnx_file.with_outputs(forked, ["double"]), {"x": X}, ["double"])
    (answer,) = run(onnx_file.tail(forked, "double", "answer"), {"double": double}, ["answer"])
    assert np.array_equal(answer, expected)


def test_a_part_holds_no_weights_but_its_own(forked):
    assert len(onnx.load_from_string(onnx_file.tail(forked, "both", "answer")).graph.initializer) == 0
    assert len(onnx.load_from_string(onnx_file.tail(forked, "double", "answer")).graph.initializer) == 1


def test_more_outputs_leave_the_old_ones_as_they_are(forked):
    more = onnx_file.with_outputs(forked, ["left", "answer"])
    names = [output.name for output in onnxruntime.InferenceSession(more).get_outputs()]
    assert names == ["answer", "no part of the answer", "left"]
    assert np.array_equal(run(more, {"x": X}, ["answer"])[0], run(forked, {"x": X}, ["answer"])[0])


def test_a_fixed_input_becomes_free():
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    fixed = model(nodes, {"x": [1, 2]}, {"y": [1, 2]})
    with pytest.raises(onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument):
        run(fixed, {"x": X}, ["y"])
    free = onnx_file.with_free_input(fixed, ("count", "width"))
    assert np.array_equal(run(free, {"x": X}, ["y"])[0], np.maximum(X, 0))
