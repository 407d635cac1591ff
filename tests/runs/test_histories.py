import json
import pickle

import numpy as np
import pytest
from training_logs import CSV_LOG, TRAIN_EVENTS, VALIDATION_EVENTS, event_file

from fer_core.errors import RunError
from fer_core.runs import logs
from fer_core.runs.histories import MAX_EPOCHS
from fer_core.runs.logs import parse
from fer_core.runs.naming import take_apart
from fer_core.runs.uploads import File, read

VALUES = {"loss": [1.8, 1.4], "accuracy": [0.3, 0.5], "val_loss": [1.7, 1.5], "val_accuracy": [0.35, 0.4]}


def columns(history):
    return {name: values.tolist() for name, values in history.columns.items()}


def test_a_keras_csv_log_is_read():
    history = parse("log.csv", CSV_LOG.encode())
    assert history.epochs.tolist() == [0, 1, 2, 3]
    assert columns(history)["val_accuracy"] == [0.35, 0.42, 0.5, 0.48]
    assert list(history.columns) == ["accuracy", "loss", "val_accuracy", "val_loss", "learning_rate"]
    assert history.notes == ()
    assert history.seconds is None


@pytest.mark.parametrize(
    "written",
    [
        json.dumps(VALUES),
        json.dumps({"history": VALUES, "epoch": [0, 1], "params": {"epochs": 2}}),
        json.dumps([{name: values[row] for name, values in VALUES.items()} for row in range(2)]),
        json.dumps({name: {str(row): value for row, value in enumerate(values)} for name, values in VALUES.items()}),
        "epoch;loss;accuracy;val_loss;val_accuracy\n0;1.8;0.3;1.7;0.35\n1;1.4;0.5;1.5;0.4\n",
        "\ufeff,loss,acc,val_loss,val_acc\r\n0,1.8,30,1.7,35\r\n1,1.4,50,1.5,40\r\n",
        "Epoch\tTrain Loss\tAccuracy/train\tvalid_loss\tval acc\n0\t1.8\t0.3\t1.7\t0.35\n1\t1.4\t0.5\t1.5\t0.4\n",
    ],
    ids=["history", "whole object", "rows", "pandas", "semicolons", "percent and BOM", "tabs and other names"],
)
def test_usual_forms_give_the_same_history(written):
    history = parse("log", written.encode())
    assert history.epochs.tolist() == [0, 1]
    assert columns(history) == {name: pytest.approx(values) for name, values in VALUES.items()}


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("acc", "accuracy"),
        ("Loss/train", "loss"),
        ("Accuracy/val", "val_accuracy"),
        ("valid_sparse_categorical_accuracy", "val_accuracy"),
        ("lr", "learning_rate"),
        ("fer2013_accuracy", "fer2013_accuracy"),
        ("val", "val"),
    ],
)
def test_columns_by_any_usual_name(name, known):
    assert take_apart(name).name == known


PICKLED = [pickle.dumps(VALUES, protocol) for protocol in range(6)]


@pytest.mark.parametrize("data", PICKLED, ids=[f"protocol {number}" for number in range(6)])
@pytest.mark.parametrize("name", ["history.pkl", "trainHistoryDict", "history.csv"])
def test_pickles_are_refused(name, data):
    with pytest.raises(RunError, match=r"is a Python pickle.*refused.*CSVLogger"):
        parse(name, data)


BAD = {
    "empty.csv": (b"", "is empty"),
    "blank.csv": (b" \n\n", "is empty"),
    "heading.csv": (b"epoch,loss\n", "has no epoch"),
    "people.csv": (b"name,age\nAda,36\n", "no loss and no accuracy.*name, age"),
    "nan.csv": (b"epoch,loss\n0,nan\n1,nan\n", "no loss and no accuracy"),
    "words.csv": (b"epoch,loss\n0,low\n", "no loss and no accuracy"),
    "ragged.csv": (b"epoch,loss\n0\n1\n", "has no epoch in it .line 2: 1 cells where the heading has 2"),
    "epochs.csv": (b"epoch,loss\nfirst,1.0\n", "column 'epoch' of epochs.csv has 'first' where the number of an epoch"),
    "share.csv": (b"epoch,accuracy\n0,512\n", "goes from 512 to 512"),
    "negative.csv": (b"epoch,accuracy\n0,-1\n", "goes from -1"),
    "photo.jpg": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "is no text"),
    "zeros.csv": (b"epoch,loss\n0,\x001\n", "is no text"),
    "model.keras": (b"PK\x03\x04rest", "a zip file or a Keras model"),
    "book.xlsx": (b"PK\x03\x04...xl/workbook.xml", "an Excel workbook.*CSV"),
    "weights.h5": (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    "history.npy": (b"\x93NUMPY\x01\x00", "a NumPy array"),
    "broken.json": (b'{"loss": [1,', "cannot be read as JSON"),
    "deep.json": (b"[" * 100_000, "cannot be read as JSON"),
    "number.json": (b"[1, 2, 3]", "has no epoch"),
    "lengths.json": (
        b'{"loss": [1, 2, 3], "val_loss": [1, 2]}',
        "differ in length.*loss 3, val_loss 2.*validation_freq",
    ),
    "nested.json": (b'{"loss": [[1], [2]]}', "no loss and no accuracy"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_history_is_answered_by_a_sentence(name):
    data, sentence = BAD[name]
    with pytest.raises(RunError, match=sentence) as caught:
        parse(name, data)
    assert name in str(caught.value)


def test_huge_files_are_refused(monkeypatch):
    monkeypatch.setattr(logs, "MAX_BYTES", 1000)
    with pytest.raises(RunError, match="larger than 0 MB"):
        parse("log.csv", CSV_LOG.encode() * 100)


def test_a_log_of_every_batch_is_refused():
    with pytest.raises(RunError, match="Log once per epoch"):
        parse("log.csv", b"loss\n" + b"1\n" * (MAX_EPOCHS + 1))


def test_several_values_per_epoch_are_told():
    history = parse("log.csv", b"epoch,loss\n0,3\n0,2\n1,1.5\n1,1\n")
    assert columns(history) == {"loss": [2, 1]}
    assert history.notes == ("loss: several values per epoch; the last one counts.",)


def test_what_is_not_finite_is_a_gap_and_is_told():
    history = parse("log.csv", b"epoch,loss,val_loss\n0,1.0,NA\n1,inf,1.2\n2,0.9,\n")
    assert np.isnan(history.columns["loss"]).tolist() == [False, True, False]
    assert np.isnan(history.columns["val_loss"]).tolist() == [True, False, True]
    assert history.notes == ("loss has 1 cells that are no finite number; they are gaps here.",)


def test_a_count_that_starts_again_goes_on_and_is_told():
    history = parse("log.csv", b"epoch,loss\n0,3\n1,2\n0,1.5\n1,1\n")
    assert history.epochs.tolist() == [0, 1, 2, 3]
    assert history.notes == ("The count of epochs starts again at row 3; here it goes on.",)


def test_two_rows_of_an_epoch_become_one():
    history = parse("metrics.csv", b"epoch,train_loss,val_loss\n0,1.5,\n0,,1.4\n1,1.2,\n1,,1.3\n")
    assert history.epochs.tolist() == [0, 1]
    assert columns(history) == {"loss": [1.5, 1.2], "val_loss": [1.4, 1.3]}


def test_percent_is_told():
    history = parse("log.csv", b"epoch,acc\n0,30\n1,61.5\n")
    assert columns(history) == {"accuracy": [0.3, 0.615]}
    assert history.notes == ("accuracy goes to 61.5 and was taken as percent.",)


def test_seconds_of_epochs_add_up():
    history = parse("log.csv", b"epoch,loss,seconds\n0,2,10\n1,1,12\n")
    assert history.seconds.tolist() == [10, 22]


@pytest.mark.parametrize("as_tensor", [True, False])
def test_an_event_file_is_read_without_tensorflow(as_tensor):
    data = event_file({"epoch_accuracy": [0.3, 0.5], "epoch_loss": [1.5, 1.2]}, as_tensor=as_tensor)
    history = parse("events.out.tfevents.1.host.v2", data)
    assert columns(history) == {"accuracy": pytest.approx([0.3, 0.5]), "loss": pytest.approx([1.5, 1.2])}
    assert history.seconds.tolist() == [10, 20]


def test_a_torn_event_file_gives_what_is_whole():
    assert len(parse("events.v2", TRAIN_EVENTS[:-9])) == 3
    assert parse("events.v2", TRAIN_EVENTS[:-9]).columns["loss"].tolist()[:2] == pytest.approx([1.5, 1.2])


def test_an_event_file_without_scalars_says_so():
    with pytest.raises(RunError, match="without scalars"):
        parse("events.v2", event_file({}))


def test_a_damaged_event_file_says_so():
    damaged = bytearray(TRAIN_EVENTS)
    damaged[60:90] = b"\xff" * 30
    with pytest.raises(RunError, match=r"damaged|without scalars|no loss"):
        parse("events.v2", bytes(damaged))


def test_training_and_validation_events_become_one_run():
    files = [File("val.v2", VALIDATION_EVENTS), File("log.csv", CSV_LOG.encode()), File("train.v2", TRAIN_EVENTS)]
    uploads = read(files)
    assert uploads.errors == ()
    by_name = {run.title: history for run, history in uploads.runs}
    assert set(by_name) == {"log.csv", "train.v2"}
    assert columns(by_name["train.v2"]) == {
        "accuracy": pytest.approx([0.3, 0.5, 0.6]),
        "loss": pytest.approx([1.5, 1.2, 1.0]),
        "val_accuracy": pytest.approx([0.35, 0.45, 0.4]),
        "val_loss": pytest.approx([1.4, 1.3, 1.35]),
    }


def test_validation_events_alone_are_a_run():
    ((run, history),) = read([File("val.v2", VALIDATION_EVENTS)]).runs
    assert run.title == "val.v2"
    assert set(history.columns) == {"val_accuracy", "val_loss"}


def test_a_bad_file_does_not_stop_the_others():
    uploads = read([File("a.pkl", PICKLED[2]), File("b.csv", b""), File("c.csv", CSV_LOG.encode())])
    assert [run.title for run, _ in uploads.runs] == ["c.csv"]
    assert len(uploads.errors) == 2
