"""Scalars of TensorBoard's event files, read by TensorBoard's own message classes and without TensorFlow.

A file is a row of records: length (8 bytes), its checksum (4), an Event message, the message's checksum (4).
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from fer_core.errors import RunError

Scalars = dict[str, dict[float, tuple[float, float]]]
"""By tag and step: the value, and when it was written in seconds since 1970."""

HEADER = struct.Struct("<QI")
CHECKSUM_BYTES = 4
PER_BATCH = ("batch_", "evaluation_")
VALIDATION = "evaluation_"
"""Keras writes tags that begin so, once a batch, into the file of the validation split only."""

MISSING = (
    "reading TensorBoard's event files needs the package tensorboard: pip install tensorboard, or log with "
    "keras.callbacks.CSVLogger"
)


def recognised(data: bytes) -> bool:
    """Whether the first record's checksum fits: chance does that once in four billion files.

    Raises:
        RunError: it may well be one, but the package that can tell is not installed.
    """
    if len(data) < HEADER.size:
        return False
    length, checksum = HEADER.unpack_from(data)
    return bool(length <= len(data)) and _masked_crc(data[:8]) == checksum


def scalars(name: str, data: bytes) -> Scalars:
    """All scalars of a file that belong to an epoch; validation ones begin with 'val_'.

    Raises:
        RunError: the package is not installed, or the file is damaged before its first scalar.
    """
    found: Scalars = {}
    for event in _events(name, data):
        for value in event.summary.value:
            number = _number(value)
            if number is not None and np.isfinite(event.wall_time):
                found.setdefault(value.tag, {})[float(event.step)] = (number, event.wall_time)
    validation = any(tag.startswith(VALIDATION) for tag in found)
    kept = {tag: points for tag, points in found.items() if not tag.startswith(PER_BATCH)} or found
    return {f"val_{tag}" if validation else tag: points for tag, points in kept.items()}


def joined(files: Sequence[Mapping[str, Mapping[float, tuple[float, float]]]]) -> Scalars:
    """The scalars of several files as of one training; a later file counts where both have a step."""
    together: Scalars = {}
    for file in files:
        for tag, points in file.items():
            together.setdefault(tag, {}).update(points)
    return together


def is_validation(name: str, data: bytes) -> bool:
    return any(tag.startswith("val_") for tag in scalars(name, data))


def started(data: bytes) -> float:
    """When the file was opened, in seconds since 1970; infinity when it is cut off within its first record."""
    first = next(_events("the file", data), None)
    return float("inf") if first is None else float(first.wall_time)


def _events(name: str, data: bytes) -> Iterator[Any]:
    """The messages of a file as far as it is whole: a training in progress may be writing the last one."""
    try:
        from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
        from tensorboard.compat.proto.event_pb2 import Event  # type: ignore[import-untyped]
    except ImportError:
        raise RunError(f"{name} cannot be read: {MISSING}.") from None
    place = 0
    while place + HEADER.size <= len(data):
        length, _ = HEADER.unpack_from(data, place)
        begin = place + HEADER.size
        if begin + length + CHECKSUM_BYTES > len(data):
            return
        try:
            yield Event.FromString(data[begin : begin + length])
        except DecodeError:
            raise RunError(f"{name} is a damaged event file; copy it again.") from None
        place = begin + length + CHECKSUM_BYTES


def _number(value: Any) -> float | None:  # noqa: ANN401
    """The scalar of a summary: TensorFlow 1 and PyTorch write `simple_value`, TensorFlow 2 a tensor."""
    if value.HasField("simple_value"):
        return float(value.simple_value)
    if not value.HasField("tensor") or value.metadata.plugin_data.plugin_name not in ("scalars", ""):
        return None
    if any(dim.size != 1 for dim in value.tensor.tensor_shape.dim):  # a shape may claim any number of elements
        return None
    from tensorboard.util.tensor_util import make_ndarray  # type: ignore[import-untyped]

    try:
        array = make_ndarray(value.tensor)
    except (TypeError, ValueError):
        return None
    return float(array.item()) if array.size == 1 and np.issubdtype(array.dtype, np.number) else None


def _masked_crc(data: bytes) -> int:
    try:
        from tensorboard.compat.tensorflow_stub import pywrap_tensorflow  # type: ignore[import-untyped]
    except ImportError:
        raise RunError(f"This looks like an event file; {MISSING}.") from None
    return int(pywrap_tensorflow.masked_crc32c(data))
