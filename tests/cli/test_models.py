"""`fer models`."""

import json

from fer_core.labels import SEVEN


def test_json_says_what_runs_and_what_to_do(run, tmp_path):
    (tmp_path / "models" / "second" / "model.onnx").unlink()

    code, out, _ = run("models", "--format", "json")

    rows = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert next(iter(rows)) == "house"
    assert rows["house"]["ready"] is True
    assert rows["house"]["classes"] == list(SEVEN)
    assert rows["second"]["ready"] is False
    assert "export" in rows["second"]["reason"]


def test_table(run, tmp_path):
    (tmp_path / "models" / "second" / "model.onnx").unlink()

    _, out, _ = run("models")

    words = {line.split()[0]: line.split()[1] for line in out.splitlines() if line and ":" not in line.split()[0]}
    assert (words["house"], words["second"]) == ("yes", "no")
    assert "\nsecond: " in out
