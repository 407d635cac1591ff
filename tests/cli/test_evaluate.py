"""`fer evaluate` on a small FER2013."""

import json

import pytest
from brightness import STEP, write_fer2013

KEYS = (
    "model",
    "data",
    "split",
    "labels",
    "n",
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "recall",
    "ece",
    "tta",
)


@pytest.fixture
def data(tmp_path):
    rows = [(label, label * STEP, usage) for usage in ("PublicTest", "PrivateTest") for label in range(4)]
    votes = [(9, 0, 0, 0, 1, 0, 0, 0, 0, 0)] * 7 + [(0, 0, 0, 0, 0, 0, 0, 0, 0, 10)]
    return write_fer2013(tmp_path / "data", [*rows[:-1], (0, 3 * STEP, "PrivateTest")], votes)


def test_json(run, data):
    options = ("--data", data, "--split", "private_test", "--format", "json")
    code, out, _ = run("evaluate", "--model", "house", *options)

    result = json.loads(out)
    assert code == 0
    assert tuple(result)[:11] == KEYS
    assert (result["model"], result["data"], result["n"], result["tta"]) == ("house", str(data), 4, None)
    assert (result["accuracy"], result["recall"]["angry"], result["recall"]["neutral"]) == (0.75, 0.5, None)
    assert result["intervals"]["accuracy"][0] < 0.75 < result["intervals"]["accuracy"][1]


def test_limit(run, data):
    _, out, _ = run("evaluate", "--model", "house", "--data", data, "--limit", "3", "--format", "json")

    assert (json.loads(out)["n"], json.loads(out)["accuracy"]) == (3, 1.0)


def test_crowd_labels(run, data):
    _, out, _ = run("evaluate", "--model", "house", "--data", data, "--labels", "ferplus", "--format", "json")

    result = json.loads(out)
    assert (result["labels"], result["head"], result["n"], result["accuracy"]) == ("ferplus", "classes", 3, 0)


def test_table(run, data):
    code, out, _ = run("evaluate", "--model", "house", "--data", data, "--tta", "flip")

    lines = dict(line.split(maxsplit=1) for line in out.splitlines() if line and not line.startswith(("recall", " ")))
    assert code == 0
    assert (lines["tta"], lines["accuracy"].split()[0]) == ("flip", "75.0%")
    assert "recall of angry" in out


def test_data_that_is_not_there(run, tmp_path):
    code, out, err = run("evaluate", "--model", "house", "--data", tmp_path / "nowhere")

    assert (code, out) == (2, "")
    assert "There is nothing at" in err


def test_ray_that_is_not_installed(run, tmp_path, monkeypatch):
    from fer_core import extras

    write_fer2013(tmp_path, [(0, 10, "PrivateTest")])
    find = extras.find_spec
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "ray" else find(name))
    code, _, err = run("evaluate", "--data", tmp_path / "fer2013.csv", "--engine", "ray")
    assert code == 2
    assert err == 'This needs ray, which is not installed. Install it with: pip install "fer-lab[scale]"\n'
