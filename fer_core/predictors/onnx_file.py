"""Small edits to an ONNX file's bytes, without the package onnx, which serving does not install.

An ONNX file is a protocol buffer: a row of fields, each a number, a kind and a value
(https://protobuf.dev/programming-guides/encoding/). Field numbers are those of onnx.proto.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

VARINT, EIGHT_BYTES, COUNTED, FOUR_BYTES = 0, 1, 2, 5
"""Kinds of a field's value on the wire."""

GRAPH = 7
NODE, INITIALIZER, INPUT, OUTPUT, VALUE_INFO = 1, 5, 11, 12, 13
NAME = 1
NODE_INPUT, NODE_OUTPUT, NODE_KIND = 1, 2, 4
TENSOR_TYPE, ELEMENT_TYPE, SHAPE, DIMENSION, DIMENSION_NAME = 1, 1, 2, 1, 2
VALUE_TYPE = 2
TENSOR_SIDES, TENSOR_KIND, TENSOR_FLOATS, TENSOR_NAME, TENSOR_RAW = 1, 2, 4, 8, 9
ELEMENTS = {1: np.float32, 10: np.float16}
"""Kinds of numbers that weights have, as onnx.proto counts them."""


@dataclass(frozen=True)
class Node:
    """One operation of a graph, with the names of the tensors that go in and come out."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field: an integer, or the bytes of text, of packed numbers or of an inner message.

    Raises:
        ValueError: this is no protocol buffer.
    """
    position = 0
    while position < len(message):
        key, position = _read_varint(message, position)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, position = _read_varint(message, position)
            yield number, value
            continue
        if kind == COUNTED:
            length, position = _read_varint(message, position)
        else:
            length = {EIGHT_BYTES: 8, FOUR_BYTES: 4}.get(kind, -1)
        if length < 0 or position + length > len(message):
            raise ValueError(f"no ONNX file: field {number} of kind {kind} at byte {position} cannot be read")
        yield number, message[position : position + length]
        position += length


def field(number: int, value: int | bytes) -> bytes:
    """One field as bytes."""
    if isinstance(value, int):
        return _varint(number << 3 | VARINT) + _varint(value)
    return _varint(number << 3 | COUNTED) + _varint(len(value)) + value


def nodes(model: bytes) -> list[Node]:
    """The operations of a graph, in the order in which they run."""
    return [_node(value) for value in _inner(_graph(model), NODE)]


def initializer(model: bytes, name: str) -> NDArray[np.float32] | None:
    """The weights of that name; None when the graph holds none, or none of floating point."""
    for tensor in _inner(_graph(model), INITIALIZER):
        if _text(tensor, TENSOR_NAME) == name:
            return _array(tensor)
    return None


def with_output(model: bytes, name: str) -> bytes:
    """The same model with one more output: the float32 tensor that the graph calls `name`.

    Fields of a message that comes twice are joined, so that a model with this output alone is put behind the file.
    """
    element = field(VALUE_TYPE, field(TENSOR_TYPE, field(ELEMENT_TYPE, 1)))
    return model + field(GRAPH, field(OUTPUT, field(NAME, name.encode()) + element))


def with_free_input(model: bytes, sides: tuple[str, ...]) -> bytes:
    """The same model with an input of any size: its sides get names, and the sizes written for other tensors go.

    Args:
        model: a graph with one input, whose operations do not depend on its size.
        sides: a name for each side of the input.
    """
    graph = b""
    for number, value in fields(_graph(model)):
        if number == INPUT and isinstance(value, bytes):
            graph += field(INPUT, _value_info(_text(value, NAME), sides))
        elif number == OUTPUT and isinstance(value, bytes):
            graph += field(OUTPUT, _value_info(_text(value, NAME), None))
        elif number != VALUE_INFO:
            graph += field(number, value)
    rest = b"".join(field(number, value) for number, value in fields(model) if number != GRAPH)
    return rest + field(GRAPH, graph)


def _value_info(name: str, sides: tuple[str, ...] | None) -> bytes:
    """Name and float32 type of an input or output; a shape of named sides, or none."""
    kind = field(ELEMENT_TYPE, 1)
    if sides is not None:
        kind += field(SHAPE, b"".join(field(DIMENSION, field(DIMENSION_NAME, side.encode())) for side in sides))
    return field(NAME, name.encode()) + field(VALUE_TYPE, field(TENSOR_TYPE, kind))


def _graph(model: bytes) -> bytes:
    """The graph of a model, joined where it comes in pieces."""
    return b"".join(_inner(model, GRAPH))


def _inner(message: bytes, wanted: int) -> list[bytes]:
    return [value for number, value in fields(message) if number == wanted and isinstance(value, bytes)]


def _text(message: bytes, wanted: int) -> str:
    return next((value.decode() for value in _inner(message, wanted)), "")


def _node(message: bytes) -> Node:
    inputs, outputs = _inner(message, NODE_INPUT), _inner(message, NODE_OUTPUT)
    return Node(_text(message, NODE_KIND), tuple(map(bytes.decode, inputs)), tuple(map(bytes.decode, outputs)))


def _array(tensor: bytes) -> NDArray[np.float32] | None:
    kind = next((value for number, value in fields(tensor) if number == TENSOR_KIND), 0)
    if kind not in ELEMENTS:
        return None
    raw = b"".join(_inner(tensor, TENSOR_RAW)) or b"".join(_inner(tensor, TENSOR_FLOATS))
    return np.frombuffer(raw, ELEMENTS[int(kind)]).reshape(_sides(tensor)).astype(np.float32)


def _sides(tensor: bytes) -> list[int]:
    """The shape, which is written as one field each or as packed numbers."""
    sides: list[int] = []
    for number, value in fields(tensor):
        if number != TENSOR_SIDES:
            continue
        if isinstance(value, int):
            sides.append(value)
            continue
        position = 0
        while position < len(value):
            side, position = _read_varint(value, position)
            sides.append(side)
    return sides


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    """A number in groups of seven bits, and the position behind it."""
    value = shift = 0
    while position < len(message) and shift < 70:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise ValueError(f"no ONNX file: the number at byte {position} has no end")


def _varint(value: int) -> bytes:
    groups = []
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])
