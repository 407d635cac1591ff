"""Event files of TensorFlow, PyTorch, Lightning and the Trainer, made here record by record."""

import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from training_logs import TRAIN_EVENTS, record

from fer_core.errors import RunError
from fer_core.runs import logs
from fer_core.runs import uploads as history_uploads
from fer_core.runs.histories import MEASURES
from fer_core.runs.uploads import File

NAME = "events.out.tfevents.1.host"
VERSION = record(Event(wall_time=1000, file_version="brain.Event:2"))


def events(*points):
    """Records of (step, tag, value), one second apart."""
    records = [
        record(
            Event(
                wall_time=1001 + place, step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)])
            )
        )
        for place, (step, tag, value) in enumerate(points)
    ]
    return b"".join([VERSION, *records])


def measures(data):
    history = logs.parse(NAME, data)
    columns = {name: values.round(6).tolist() for name, values in history.columns.items() if name in MEASURES}
    return history, columns


def test_lightning_counts_by_its_tag_and_not_by_the_step():
    points = []
    for epoch in range(3):
        step = 50 * epoch + 49
        points += [(step - 25, "epoch", epoch), (step - 25, "train_loss_step", 9.0), (step, "epoch", epoch)]
        points += [(step, "val_acc", 0.1 * epoch), (step, "train_loss_epoch", 3.0 - epoch), (step, "val_loss", 2.0)]
    history, columns = measures(events(*points))
    assert history.epochs.tolist() == [0, 1, 2]
    assert columns == {"loss": [3, 2, 1], "val_accuracy": [0, 0.1, 0.2], "val_loss": [2, 2, 2]}


def test_the_trainer_counts_by_its_tag_and_broken_epochs_lie_within_one():
    points = []
    for epoch in range(3):
        points += [(20 * epoch + 10, "train/epoch", epoch + 0.5), (20 * epoch + 10, "train/loss", 9.0)]
        points += [(20 * epoch + 20, "train/epoch", epoch + 1.0), (20 * epoch + 20, "train/loss", 3.0 - epoch)]
        points += [(20 * epoch + 20, "eval/loss", 2.0), (20 * epoch + 20, "eval/accuracy", 0.25 * epoch)]
    history, columns = measures(events(*points))
    assert history.epochs.tolist() == [1, 2, 3]
    assert columns == {"loss": [3, 2, 1], "val_accuracy": [0, 0.25, 0.5], "val_loss": [2, 2, 2]}


def test_pytorch_with_an_epoch_as_its_step():
    points = [(epoch, tag, value) for epoch in range(3) for tag, value in (("Loss/train", 3 - epoch), ("Loss/val", 2))]
    history, columns = measures(events(*points, *[(epoch, "Accuracy/val", 0.5) for epoch in range(3)]))
    assert history.epochs.tolist() == [0, 1, 2]
    assert columns == {"loss": [3, 2, 1], "val_accuracy": [0.5] * 3, "val_loss": [2, 2, 2]}


def test_pytorch_with_training_logged_for_each_batch():
    points = [(step, "Loss/train", float(100 - step)) for step in range(100)]
    points += [(step, "Loss/val", value) for step, value in ((24, 5.0), (49, 4.0), (74, 3.0), (99, 2.0))]
    history, columns = measures(events(*points))
    assert history.epochs.tolist() == [0, 1, 2, 3]
    assert columns == {"loss": [76, 51, 26, 1], "val_loss": [5, 4, 3, 2]}
    assert "each validation ends an epoch here" in history.notes[0]


def test_steps_without_an_epoch_are_counted():
    history, columns = measures(events((49, "Loss/val", 3), (99, "Loss/val", 2), (149, "Loss/val", 1)))
    assert history.epochs.tolist() == [0, 1, 2]
    assert columns == {"val_loss": [3, 2, 1]}
    assert "has steps (49, 99, 149, ...) and no epochs" in history.notes[0]


def test_other_metrics_are_offered():
    history, _ = measures(events((0, "Loss/train", 1), (0, "F1/val", 0.5)))
    assert history.measures == ("loss", "f1")


def tensor(*sizes):
    """A scalar whose shape claims any number of elements."""
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=size) for size in sizes])
    claimed = Summary.Value(tag="loss", tensor=TensorProto(dtype=1, tensor_shape=shape, float_val=[1.0]))
    return VERSION + record(Event(wall_time=1001, step=0, summary=Summary(value=[claimed])))


@pytest.mark.parametrize("sizes", [(2**40,), (2**31, 2**31), (2_000_000, 1_000_000), (-1,), (0,)])
def test_a_shape_that_claims_any_number_of_elements_is_no_scalar(sizes):
    with pytest.raises(RunError, match="without scalars"):
        logs.parse(NAME, tensor(*sizes))


@pytest.mark.parametrize("length", [11, 13, 20, len(VERSION) - 1, len(VERSION)])
def test_a_file_cut_within_its_first_record_is_a_sentence(length):
    with pytest.raises(RunError):
        logs.parse(NAME, TRAIN_EVENTS[:length])


def test_a_cut_training_file_beside_a_whole_validation_file():
    from training_logs import VALIDATION_EVENTS

    uploads = history_uploads.read([File("train.v2", TRAIN_EVENTS[:20]), File("val.v2", VALIDATION_EVENTS)])
    assert [set(history.columns) for _, history in uploads.runs] == [{"val_accuracy", "val_loss"}]
    assert len(uploads.errors) == 1


def test_far_too_many_tags_are_a_sentence():
    with pytest.raises(RunError, match="far more than a history"):
        logs.parse(NAME, events(*[(0, f"loss/{number}", 1.0) for number in range(1001)]))
