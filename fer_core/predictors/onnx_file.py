"""Small edits to an ONNX file's bytes, without the package onnx, which serving does not install.

An ONNX file is a protocol buffer: a row of fields, each a number, a kind and a value
(https://protobuf.dev/programming-guides/encoding/). Field numbers are those of onnx.proto.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

VARINT, EIGHT_BYTES, COUNTED, FOUR_BYTES = 0, 1, 2, 5
"""Kinds of a field's value on the wire."""

GRAPH = 7
NODE, INITIALIZER, INPUT, OUTPUT, VALUE_INFO = 1, 5, 11, 12, 13
NAME = 1
NODE_INPUT, NODE_OUTPUT, NODE_KIND = 1, 2, 4
TENSOR_TYPE, ELEMENT_TYPE, SHAPE, DIMENSION, DIMENSION_NAME = 1, 1, 2, 1, 2
VALUE_TYPE = 2
TENSOR_NAME = 8
FLOAT = 1


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


def narrows(model: bytes, output: str) -> list[str]:
    """Tensors through which everything on the way to an output passes, first to last; the output is the last.

    A network can be cut in two at each of them.
    """
    given = {_text(value, NAME) for value in _inner(_graph(model), INPUT)}
    alive = set(given)
    order: list[Node] = []
    for node in nodes(model):  # what is made of weights alone is no part of the way
        if alive & set(node.inputs):
            alive |= set(node.outputs)
            order.append(node)
    needed = _needed({name: node for node in order for name in node.outputs}, output, "")
    order = [node for node in order if needed & set(node.outputs)]
    last_use = {name: row for row, node in enumerate(order) for name in node.inputs}
    found = []
    waiting = max((last_use.get(name, 0) for name in given), default=0)
    for row, node in enumerate(order):
        first, *others = node.outputs
        if waiting <= row and not any(name in last_use for name in others):
            found.append(first)
        waiting = max(waiting, last_use.get(first, row))
    return found


def tail(model: bytes, start: str, output: str) -> bytes:
    """The part of a network from one of its `narrows` to an output, as a model of its own.

    Args:
        model: the whole network.
        start: the float32 tensor that becomes the input, of any shape.
        output: the float32 tensor that becomes the only output.
    """
    made = {name: node for node in nodes(model) for name in node.outputs}
    needed = _needed(made, output, start)
    used = {name for node in made.values() if needed & set(node.outputs) for name in node.inputs}
    graph = b""
    for number, value in fields(_graph(model)):
        if number == NODE and isinstance(value, bytes):
            keep = bool(needed & set(_node(value).outputs))
        elif number == INITIALIZER and isinstance(value, bytes):
            keep = _text(value, TENSOR_NAME) in used
        else:
            keep = number not in (INPUT, OUTPUT, VALUE_INFO)
        graph += field(number, value) if keep else b""
    graph += field(INPUT, _value_info(start, None)) + field(OUTPUT, _value_info(output, None))
    rest = b"".join(field(number, value) for number, value in fields(model) if number != GRAPH)
    return rest + field(GRAPH, graph)


def with_outputs(model: bytes, names: Iterable[str]) -> bytes:
    """The same model with more outputs: tensors by the names that the graph has for them, of whatever type.

    Fields of a message that comes twice are joined, so that a model with these outputs alone is put behind the file.
    """
    there = {_text(value, NAME) for value in _inner(_graph(model), OUTPUT)}
    more = b"".join(field(OUTPUT, field(NAME, name.encode())) for name in names if name not in there)
    return model + field(GRAPH, more)


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
    kind = field(ELEMENT_TYPE, FLOAT)
    if sides is not None:
        kind += field(SHAPE, b"".join(field(DIMENSION, field(DIMENSION_NAME, side.encode())) for side in sides))
    return field(NAME, name.encode()) + field(VALUE_TYPE, field(TENSOR_TYPE, kind))


def _needed(made: dict[str, Node], output: str, start: str) -> set[str]:
    """Tensors that are made on the way from `start` to an output, without `start`."""
    needed: set[str] = set()
    waiting = [output]
    while waiting:
        name = waiting.pop()
        if name != start and name in made and name not in needed:
            needed.add(name)
            waiting += made[name].inputs
    return needed


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
