"""A run folder after kills, full disks and damage: one training at a time, and a history without gap or double."""

import csv
import errno
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from paths import ROOT

from fer_core.errors import DatasetError, RecipeError, RunError
from fer_core.recipes import schema
from training import checkpoints, run_folder
from training.commands import train
from training.data import batches
from training.trainer import Trainer

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def run(trained, tmp_path):
    """A finished run of four epochs, to be damaged."""
    return shutil.copytree(trained, tmp_path / "run")


def epochs(folder):
    with (folder / "history.csv").open(encoding="utf-8", newline="") as stream:
        return [row["epoch"] for row in csv.DictReader(stream)]


@pytest.fixture
def recipe(recipe_file):
    """That of the run: with event files."""
    return schema.load(recipe_file, ["--training.tensorboard", "true"])


@pytest.fixture
def light_recipe(recipe_file, light):
    """Of a training whose network does not matter, with four epochs."""
    return schema.load(recipe_file, [*light, "--training.stages", "[{size = 24, epochs = 4}]"])


def go_on(recipe, folder):
    """The same command again, as `fer train` does it."""
    return train.train(recipe, folder)


def restored(folder):
    """The history as a training that goes on finds it."""
    return run_folder.restored_history(folder, run_folder.newest_state(folder))


def hold(folder, held, leave):
    with run_folder.locked(folder):
        held.set()
        leave.wait(60)


def test_two_trainings_in_one_folder_are_refused(tmp_path, recipe):
    context = multiprocessing.get_context("spawn")
    held, leave = context.Event(), context.Event()
    other = context.Process(target=hold, args=(tmp_path, held, leave))
    other.start()
    try:
        assert held.wait(120)
        with pytest.raises(RecipeError, match="Another training writes"):
            go_on(recipe, tmp_path)
    finally:
        leave.set()
        other.join()
    with run_folder.locked(tmp_path):
        pass


def test_a_mistake_in_the_recipe_leaves_no_folder(tmp_path, light_recipe):
    wrong = light_recipe.model_copy(update={"data": light_recipe.data.model_copy(update={"path": "/nowhere"})})
    with pytest.raises(DatasetError):
        go_on(wrong, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_finished_run_stays_as_it_is_and_its_history_is_mended(run, recipe):
    before = (run / "history.csv").read_bytes()
    (run / "history.csv").write_bytes(before + before.splitlines()[-1])
    assert go_on(recipe, run)
    assert (run / "history.csv").read_bytes() == before


HISTORIES = {
    "a doubled row": lambda text: text + text.splitlines()[-1] + "\n",
    "a cut line": lambda text: text[:-20],
    "a missing row": lambda text: "\n".join(text.splitlines()[:-1]) + "\n",
    "nothing": lambda _: "",
    "no text": lambda _: "\x00\x00",
}


@pytest.mark.parametrize("damage", HISTORIES.values(), ids=HISTORIES)
def test_the_history_is_that_of_the_state(run, damage):
    whole = (run / "history.csv").read_text(encoding="utf-8")
    (run / "history.csv").write_text(damage(whole), encoding="utf-8")
    assert restored(run) == whole


def test_a_lost_history_comes_back(run):
    whole = (run / "history.csv").read_text(encoding="utf-8")
    (run / "history.csv").unlink()
    assert restored(run) == whole


def test_states_of_earlier_versions_keep_their_finished_rows(run, capsys):
    with np.load(run / "last.npz") as stored:
        arrays = {name: stored[name] for name in stored.files if name != "history"}
    checkpoints.write_arrays(run / "last.npz", arrays)
    lines = (run / "history.csv").read_text(encoding="utf-8").splitlines()
    (run / "history.csv").write_text("\n".join([*lines[:2], *lines[3:], lines[4], "5,0.1"]), encoding="utf-8")
    assert restored(run).splitlines() == [lines[0], lines[1], lines[3], lines[4]]
    assert "lacks 1 of 4 epochs" in capsys.readouterr().out


@pytest.mark.parametrize("cut", [0, 100, -100])
def test_a_damaged_state_leaves_the_one_before_it(run, cut, capsys):
    content = (run / "last.npz").read_bytes()
    (run / "last.npz").write_bytes(content[:cut])
    assert run_folder.newest_state(run) == run / "before_last.npz"
    assert "going on from the epoch before it" in capsys.readouterr().out
    assert [line.split(",")[0] for line in restored(run).splitlines()] == ["epoch", "0", "1", "2"]


def test_two_damaged_states_are_a_sentence_with_a_way_on(run):
    for name in ("last.npz", "before_last.npz"):
        (run / name).write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(RunError, match="begin anew"):
        run_folder.newest_state(run)


def test_a_history_without_a_state_is_not_doubled(run):
    for name in ("last.npz", "before_last.npz"):
        (run / name).unlink()
    with pytest.raises(RunError, match=r"no last\.npz to go on from"):
        run_folder.newest_state(run)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"recipe": 3}', b'{"recipe": {"name": "x"}}', b"[]"])
def test_a_damaged_config_is_a_sentence(run, content):
    (run / "config.json").write_bytes(content)
    with pytest.raises(RunError, match=r"config\.json is damaged"):
        train.begun_recipe(run)


def test_a_lost_config_is_a_sentence(run):
    (run / "config.json").unlink()
    with pytest.raises(RunError, match="names its recipe"):
        train.begun_recipe(run)


def test_other_data_under_the_same_path_is_noticed(run, recipe):
    splits = batches.load(recipe.data, recipe.channels)
    assert json.loads((run / "config.json").read_text(encoding="utf-8"))["data"] == run_folder.fingerprint(splits)
    splits.train.pool.images[0] = 255 - splits.train.pool.images[0]
    with pytest.raises(RecipeError, match="other images or labels"):
        train.write_config(recipe, run, splits)


def test_a_full_disk_is_a_sentence_and_the_run_goes_on_later(light_recipe, tmp_path, monkeypatch):
    save = checkpoints.save

    def full(path, *rest, **more):
        if rest[2] == 3:
            path.with_suffix(".part.npz").write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        save(path, *rest, **more)

    monkeypatch.setattr(checkpoints, "save", full)
    with pytest.raises(RunError, match="No space left on device"):
        go_on(light_recipe, tmp_path)
    monkeypatch.undo()
    assert go_on(light_recipe, tmp_path)
    assert epochs(tmp_path) == ["0", "1", "2", "3"]


def test_a_kill_between_state_and_history_leaves_no_gap(light_recipe, tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run_folder, "write_history", killed)
    splits = batches.load(light_recipe.data, light_recipe.channels)
    training = Trainer(light_recipe, tmp_path, splits)
    with pytest.raises(KeyboardInterrupt):
        training.run_epochs()
    monkeypatch.undo()
    assert not (tmp_path / "history.csv").exists()
    assert Trainer(light_recipe, tmp_path, splits).run_epochs()
    assert epochs(tmp_path) == ["0", "1", "2", "3"]


def test_sigterm_stops_cleanly_and_says_that_the_run_is_unfinished(recipe_file, light, tmp_path):
    stages = "[{size = 24, epochs = 500}]"
    command = [sys.executable, "-u", "-m", "fer_core", "train", str(recipe_file), "--run", str(tmp_path)]
    training = subprocess.Popen(
        [*command, *light, "--training.stages", stages],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    for line in training.stdout:
        if line.startswith("epoch 1/") and " done in " in line:
            training.send_signal(signal.SIGTERM)
            break
    said = training.communicate(timeout=120)[0]
    assert training.returncode == train.UNFINISHED, said
    assert epochs(tmp_path) == [str(epoch) for epoch in range(checkpoints.epochs(tmp_path / "last.npz"))]


def test_a_kill_inside_the_writing_of_a_state_costs_that_epoch_alone(run, recipe, capsys):
    whole = (run / "history.csv").read_text(encoding="utf-8")
    content = (run / "last.npz").read_bytes()
    (run / "last.npz").replace(run / "before_last.npz")  # as `save_state` does first
    (run / "last.part.npz").write_bytes(content[: len(content) // 2])
    with np.load(run / "before_last.npz") as stored:
        arrays = {name: stored[name] for name in stored.files}
    rows = str(arrays["history"]).splitlines(keepends=True)
    checkpoints.write_arrays(run / "before_last.npz", arrays | {"epoch": 3, "history": "".join(rows[:4])})
    assert go_on(recipe, run)
    assert "going on from the epoch before it" in capsys.readouterr().out
    assert epochs(run) == ["0", "1", "2", "3"]
    assert (run / "history.csv").read_text(encoding="utf-8").splitlines()[:4] == whole.splitlines()[:4]
    assert [path.name for path in run.iterdir() if ".part" in path.name] == []
