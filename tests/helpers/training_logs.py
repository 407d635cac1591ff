"""Logs of trainings as Keras and TensorBoard write them."""

import struct

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.util.tensor_util import make_tensor_proto

CSV_LOG = (
    "epoch,accuracy,loss,val_accuracy,val_loss,learning_rate\n"
    "0,0.30,1.8,0.35,1.7,0.001\n"
    "1,0.45,1.4,0.42,1.5,0.001\n"
    "2,0.52,1.3,0.50,1.4,0.0005\n"
    "3,0.60,1.1,0.48,1.5,0.0005\n"
)


def record(event):
    data = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc32c(length)) + data + struct.pack("<I", masked_crc32c(data))


def event_file(scalars, *, begun=1000.0, per_epoch=10.0, as_tensor=True):
    """As keras.callbacks.TensorBoard writes it: a version record, then one scalar a record."""
    records = [record(Event(wall_time=begun, file_version="brain.Event:2"))]
    for tag, values in scalars.items():
        for step, value in enumerate(values):
            if as_tensor:
                plugin = SummaryMetadata.PluginData(plugin_name="scalars")
                entry = Summary.Value(
                    tag=tag,
                    tensor=make_tensor_proto(value, dtype="float32"),
                    metadata=SummaryMetadata(plugin_data=plugin),
                )
            else:
                entry = Summary.Value(tag=tag, simple_value=value)
            wall = begun + (step + 1) * per_epoch
            records.append(record(Event(wall_time=wall, step=step, summary=Summary(value=[entry]))))
    return b"".join(records)


TRAIN_EVENTS = event_file({"epoch_accuracy": [0.3, 0.5, 0.6], "epoch_loss": [1.5, 1.2, 1.0]})
VALIDATION_EVENTS = event_file(
    {
        "epoch_accuracy": [0.35, 0.45, 0.4],
        "epoch_loss": [1.4, 1.3, 1.35],
        "evaluation_loss_vs_iterations": [1.4, 1.3, 1.35],
    },
    begun=1001.0,
)
