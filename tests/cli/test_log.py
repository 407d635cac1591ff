"""`fer log`: what was read, who wrote it, and what was assumed."""

import csv
import io
import json

import pytest
from training_logs import CSV_LOG, TRAIN_EVENTS

WANDB = '"Step","a - val_acc","b - val_acc"\n"0","0.3","0.4"\n"1","0.5",""\n'


def test_a_table_tells_runs_epochs_and_what_was_assumed(run, tmp_path):
    (tmp_path / "de.csv").write_text("epoch;loss;val_acc\n0;1,5;0,25\n1;1,25;0,5\n", encoding="utf-8")
    code, out, _ = run("log", tmp_path / "de.csv")
    assert code == 0
    heading, line, *told = [line for line in out.splitlines() if line]
    assert heading.split() == ["log", "run", "epochs", "judged", "by", "best", "at", "epoch"]
    assert line.split()[1:] == ["2", "val_accuracy", "0.5000", "1"]
    assert "val_accuracy from 'val_acc'" in told[0]
    assert "';' between cells; decimal comma" in told[1]


def test_a_chart_with_several_runs_has_a_line_for_each(run, tmp_path):
    (tmp_path / "wandb.csv").write_text(WANDB, encoding="utf-8")
    code, out, _ = run("log", tmp_path / "wandb.csv", "--format", "json")
    assert code == 0
    assert [(one["run"], len(one["epochs"]), one["best"]["value"]) for one in json.loads(out)] == [
        ("a", 2, 0.5),
        ("b", 1, 0.4),
    ]
    _, out, _ = run("log", tmp_path / "wandb.csv", "--format", "csv")
    assert [row["run"] for row in csv.DictReader(io.StringIO(out))] == ["a", "a", "b"]


def test_json_tells_the_columns_by_their_headings(run, tmp_path):
    (tmp_path / "log.csv").write_text("epoch,train_loss,valid_loss,accuracy\n0,2,3,0.5\n", encoding="utf-8")
    _, out, _ = run("log", tmp_path / "log.csv", "--format", "json")
    (record,) = json.loads(out)
    assert record["columns"] == {"loss": "train_loss", "val_accuracy": "accuracy", "val_loss": "valid_loss"}
    assert record["dialect"] == "fastai's CSVLogger"
    assert record["epochs"] == [{"epoch": 0, "loss": 2, "val_accuracy": 0.5, "val_loss": 3}]


def test_a_folder_of_a_run_is_read(run, tmp_path):
    (tmp_path / "tb" / "train").mkdir(parents=True)
    (tmp_path / "tb" / "train" / "events.out.tfevents.1").write_bytes(TRAIN_EVENTS)
    code, out, _ = run("log", tmp_path / "tb", "--format", "json")
    assert code == 0
    assert json.loads(out)[0]["best"] == {"column": "accuracy", "value": pytest.approx(0.6), "epoch": 2}


def test_a_file_that_is_no_log_has_its_sentence_and_the_others_are_read(run, tmp_path):
    (tmp_path / "log.csv").write_text(CSV_LOG, encoding="utf-8")
    (tmp_path / "empty.csv").write_bytes(b"")
    code, out, _ = run("log", tmp_path / "log.csv", tmp_path / "empty.csv", tmp_path / "gone.csv")
    assert code == 2
    assert "empty.csv is empty" in out
    assert "cannot be opened" in out
    assert "0.5000" in out
