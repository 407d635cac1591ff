import csv
import json
import os

import numpy as np
import pytest
from paths import SHARED
from training_logs import CSV_LOG, TRAIN_EVENTS, VALIDATION_EVENTS

from fer_core import settings
from fer_core.errors import RunError
from fer_core.runs import curves, folders, tables
from fer_core.text import to_csv

ROWS = (
    CSV_LOG.replace("learning_rate", "learning_rate,seconds")
    .replace("0.001\n", "0.001,60\n")
    .replace("0.0005\n", "0.0005,60\n")
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """runs/mine with four of ten epochs."""
    monkeypatch.setenv("FER_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    mine = tmp_path / "runs" / "mine"
    mine.mkdir(parents=True)
    config = {"recipe": {"training": {"stages": [{"size": 40, "epochs": 4}, {"size": 48, "epochs": 6}]}}}
    (mine / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (mine / "history.csv").write_text(ROWS, encoding="utf-8")
    return mine


@pytest.fixture
def mine(folder):  # noqa: ARG001
    return named("runs/mine")


def named(key, *, local=True):
    return next(run for run in folders.listed(local=local) if run.key == key)


def test_a_run_in_progress_is_told_from_a_stopped_one(mine):
    history = folders.read(mine)
    now = folders.changed(mine)
    assert mine.planned == 10
    assert folders.state(mine, history, now + 100) == ("in progress, 4 of 10 epochs", True)
    assert folders.state(mine, history, now + 1000) == ("stopped after 4 of 10 epochs", False)


def test_a_run_is_finished_when_its_plan_is(folder):
    (folder / "config.json").write_text('{"recipe": {"training": {"stages": [{"epochs": 4}]}}}', encoding="utf-8")
    run = named("runs/mine")
    assert folders.state(run, folders.read(run)) == ("finished", False)


def test_a_run_before_its_first_epoch_says_so_and_counts_as_in_progress(folder):
    (folder / "history.csv").unlink()
    run = named("runs/mine")
    with pytest.raises(RunError, match="its first epoch is not over"):
        folders.read(run)
    assert folders.state(run, None).in_progress


def test_a_growing_history_has_a_new_stamp(folder):
    run = named("runs/mine")
    before = folders.changed(run)
    with (folder / "history.csv").open("a", encoding="utf-8") as stream:
        stream.write("4,0.7,1.0,0.5,1.4,0.0005,60\n")
    os.utime(folder / "history.csv", (before + 5, before + 5))
    assert folders.changed(run) > before
    assert len(folders.read(run)) == 5


def test_runs_on_the_disk_are_shown_to_their_owner_only(mine):
    assert mine.key in {run.key for run in folders.listed(local=True)}
    assert not any(run.group == folders.LOCAL for run in folders.listed(local=False))


def test_runs_in_a_folder_of_runs_are_shown_one_by_one(folder):
    folder.rename(folder.parents[1] / "mine")
    folder.parent.joinpath("several").mkdir()
    (folder.parents[1] / "mine").rename(folder.parent / "several" / "mine")
    (folder.parent / "several" / "other").mkdir()
    assert [run.key for run in folders.listed(local=True) if run.group == folders.LOCAL] == ["runs/several/mine"]
    assert len(folders.read(named("runs/several/mine"))) == 4


def test_event_files_in_a_folder_are_one_run(folder):
    (folder / "history.csv").unlink()
    for split, data in (("train", TRAIN_EVENTS), ("validation", VALIDATION_EVENTS)):
        (folder / split).mkdir()
        (folder / split / "events.out.tfevents.1.host.v2").write_bytes(data)
    history = folders.read(named("runs/mine"))
    assert list(history.columns) == ["accuracy", "loss", "val_accuracy", "val_loss"]


@pytest.mark.parametrize("config", ["", "[]", '{"recipe": 3}', '{"recipe": {"training": {"stages": [{}]}}}'])
def test_a_damaged_config_hides_only_the_plan(folder, config):
    (folder / "config.json").write_text(config, encoding="utf-8")
    run = named("runs/mine")
    assert run.planned is None
    assert len(folders.read(run)) == 4


def test_a_damaged_history_says_so(folder):
    (folder / "history.csv").write_text("nothing", encoding="utf-8")
    with pytest.raises(RunError, match=r"history.csv has no epoch"):
        folders.read(named("runs/mine"))


def test_all_logs_of_the_projects_are_there():
    projects = [run for run in folders.listed(local=False) if run.group == folders.PROJECTS]
    assert {run.file for run in projects} == {path.name for path in (settings.FACTS / "histories").iterdir()}
    assert len(projects) == 7
    for run in projects:
        history = folders.read(run)
        assert run.source.startswith("Project ")
        assert history.seconds[-1] == (history.epochs[-1] + 1) * run.epoch_seconds


def test_gaps_in_a_project_log_stay_gaps():
    run = named("projects/project_a_resemotenet_rafdb")
    history = folders.read(run)
    assert list(curves.pieces(history.epochs)) == [slice(0, 12), slice(12, 14)]
    assert folders.state(run, history).word == "14 of 45 epochs were logged"


def test_a_project_log_without_validation_has_none():
    assert list(folders.read(named("projects/project_b_mobilenetv2_fer2013")).columns) == ["accuracy", "loss"]


@pytest.mark.shared
def test_the_logs_are_those_of_the_facts():
    shared = SHARED / "facts" / "histories"
    if not shared.is_dir():
        pytest.skip(f"needs {shared}")
    for path in shared.iterdir():
        assert (settings.FACTS / "histories" / path.name).read_text() == path.read_text()


def test_the_summary_says_what_the_curves_show(mine):
    history = folders.read(mine)
    (row,) = tables.summary([(mine, history, folders.state(mine, history))], "val_accuracy", 1)
    assert (row["best"], row["best epoch"], row["early stop"], row["minutes"]) == (0.5, 2, 3, 4)
    assert row["gap there"] == pytest.approx(0.02)


def test_the_file_of_epochs_holds_what_was_logged_and_nothing_to_run(mine):
    history = folders.read(mine)
    evil = folders.Run("x", "=cmd()", folders.UPLOADED)
    written = to_csv(tables.epochs([(mine, history), (evil, history)]), places=None)
    rows = list(csv.DictReader(written.splitlines()))
    assert [row["run"] for row in rows] == ["runs/mine"] * 4 + ["'=cmd()"] * 4
    assert np.array([float(row["val_loss"]) for row in rows[:4]]).tolist() == history.columns["val_loss"].tolist()
