import json

import cv2
import numpy as np
import pytest
from brightness import STEP, write_network

from fer_core import predictors
from fer_core.cli.main import main
from fer_core.datasets import open_dataset
from fer_core.errors import DatasetError
from fer_core.evaluation import measured, scored_images, scoring
from fer_core.labels import SEVEN

FOLDERS = {"angry": 0, "happy": 3, "neutral": 6, "contempt": 2}
"""Class folders, and the class whose brightness their pictures have: contempt is not among the network's answers."""


@pytest.fixture
def network(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("FER_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    write_network(tmp_path / "models" / "house")
    return predictors.load("house")


@pytest.fixture
def folder(tmp_path):
    """Five pictures a class, in colour and gray, square and not; one angry one is as bright as a happy one."""
    root = tmp_path / "mine"
    for label, brightness in FOLDERS.items():
        (root / label).mkdir(parents=True)
        for number in range(5):
            sides = (20, 30 if number % 2 else 20) + ((3,) if number % 3 else ())
            wrong = label == "angry" and number == 4
            shade = STEP * (3 if wrong else brightness)
            cv2.imwrite(str(root / label / f"{number}.png"), np.full(sides, shade, np.uint8))
    return root


def evaluated(network, folder, split):
    data = open_dataset(folder)
    given = scored_images.examples(data, split, answers=network.classes)
    return scoring.answer(network, given, data="mine", split=split).evaluation


def test_class_folders_are_scored_and_what_cannot_be_answered_is_told(network, folder):
    result = evaluated(network, folder, "all")
    assert (result.n, result.accuracy, result.labels) == (15, 14 / 15, "folder, without contempt")
    assert result.recall["angry"] == 0.8
    assert result.recall["contempt"] is None


def test_batches_change_nothing(network, folder, monkeypatch):
    whole = evaluated(network, folder, "all")
    monkeypatch.setattr(scoring, "BATCH", 4)
    assert evaluated(network, folder, "all") == whole


def test_a_split_that_is_not_there_says_so(network, folder):
    with pytest.raises(DatasetError, match="No image is of the split 'test'"):
        evaluated(network, folder, "test")


def test_nothing_that_could_be_answered_says_so(network, folder):
    for label in set(FOLDERS) - {"contempt"}:
        (folder / label).rename(folder.parent / label)
    with pytest.raises(DatasetError, match=r"knows no label|is no dataset|class folders"):
        evaluated(network, folder, "all")


@pytest.mark.usefixtures("network")
def test_what_the_command_prints_fills_the_matrix(folder, tmp_path, capfd):
    raf_db = folder.rename(tmp_path / "RAF-DB")
    assert main(["evaluate", "--data", str(raf_db), "--split", "all", "--format", "json"]) == 0
    kept = tmp_path / "runs" / "evaluations"
    kept.mkdir(parents=True)
    text = capfd.readouterr().out
    (kept / "house_raf_db.json").write_text(text, encoding="utf-8")
    assert json.loads(text)["data"] == "RAF-DB"
    assert measured.across(measured.measured(local=True))["house"]["RAF-DB"] == pytest.approx(14 / 15)


def test_the_network_of_this_test_has_no_contempt(network):
    assert network.classes == SEVEN
