"""Accuracy by how a face stands in its picture."""

import json

import numpy as np
import pytest
import small_datasets as make
from brightness import STEP, write_network

from fer_core.cli import main as cli
from fer_core.compare import breakdown
from fer_core.evaluation.metrics import share_interval


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    write_network(tmp_path / "models" / "house")


def seen(sizes):
    return [
        {"size": float(size), "sharpness": 1.0 + row, "brightness": 100.0, "skin_tone": float(row)}
        | {"tilt": np.nan, "turn": np.nan}
        for row, size in enumerate(sizes)
    ]


def test_each_group_has_its_own_answers():
    sizes = [48] * 40 + [300] * 20
    right = np.array([True] * 30 + [False] * 10 + [True] * 20)
    found = breakdown.by_condition(right, np.zeros(60, np.int64), ("happy", "sad"), seen(sizes))
    small, large = found["size"]
    assert (small["group"], small["n"], small["range"]) == ("under 64 pixels", 40, [48, 48])
    assert small["accuracy"] == {"share": 0.75, "n": 40, "interval": list(share_interval(30, 40))}
    assert (large["n"], large["accuracy"]["share"]) == (20, 1)


def test_no_recall_is_claimed_for_a_handful():
    found = breakdown.by_condition(np.ones(60, bool), np.array([0] * 45 + [1] * 15), ("happy", "sad"), seen([48] * 60))
    assert list(found["size"][0]["recall"]) == ["happy"]
    assert found["size"][0]["recall"]["happy"]["n"] == 45


def test_what_nobody_can_tell_has_no_groups():
    found = breakdown.by_condition(np.ones(3, bool), np.zeros(3, np.int64), ("happy",), seen([48] * 3))
    assert "tilt" not in found
    assert [group["n"] for group in found["skin_tone"]] == [1, 1, 1]


def test_the_command_tells_it_where_asked(tmp_path, capsys):
    for split in ("train", "test"):
        for number, word in enumerate(("angry", "happy", "surprise")):
            for image in range(4):
                make.picture(tmp_path / "set" / split / word / f"{image}.png", (0, 3, 5)[number] * STEP, 48 + image, 48)
    asked = ["evaluate", "--data", str(tmp_path / "set"), "--split", "test", "--format", "json"]
    assert cli.main([*asked, "--conditions"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert sum(group["n"] for group in told["conditions"]["brightness"]) == told["n"] == 12
    shares = [group["accuracy"]["share"] * group["n"] for group in told["conditions"]["brightness"]]
    assert sum(shares) == pytest.approx(told["accuracy"] * told["n"])
    assert cli.main(asked) == 0
    assert "conditions" not in json.loads(capsys.readouterr().out)
    assert cli.main([*asked[:-2], "--conditions"]) == 0
    assert "very dark (under 70)" in capsys.readouterr().out
