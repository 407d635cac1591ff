"""`fer log` on training logs."""

import csv
import io
import json

import pytest


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("epoch,accuracy,loss,val_accuracy,val_loss\n0,.3,1.8,.4,1.5\n1,.6,1.1,.7,.9\n2,.8,.6,.65,1.0\n")
    return path


def test_json_has_every_epoch_and_the_best(run, log):
    code, out, _ = run("log", log, "--format", "json")

    [told] = json.loads(out)
    assert code == 0
    assert (told["path"], told["error"], len(told["epochs"])) == (str(log), None, 3)
    assert told["epochs"][1] == {"epoch": 1, "accuracy": 0.6, "loss": 1.1, "val_accuracy": 0.7, "val_loss": 0.9}
    assert told["best"] == {"column": "val_accuracy", "value": 0.7, "epoch": 1}


def test_a_table_has_a_line_per_log(run, log):
    lines = run("log", log, log)[1].splitlines()

    assert lines[0].split() == ["log", "epochs", "judged", "by", "best", "at", "epoch"]
    assert [line.split()[1:] for line in lines[1:]] == [["3", "val_accuracy", "0.7000", "1"]] * 2


def test_csv_has_a_row_per_epoch(run, log):
    rows = list(csv.DictReader(io.StringIO(run("log", log, "--format", "csv")[1])))

    assert [row["val_loss"] for row in rows] == ["1.5", "0.9", "1.0"]
    assert {row["log"] for row in rows} == {str(log)}


def test_what_is_no_log_stops_no_other(run, log, tmp_path):
    (tmp_path / "model.pkl").write_bytes(b"\x80\x04K\x01.")
    code, out, _ = run("log", tmp_path / "*.pkl", log, tmp_path / "nowhere.csv", "--format", "json")

    assert code == 2
    assert [bool(one["error"]) for one in json.loads(out)] == [True, False, True]
