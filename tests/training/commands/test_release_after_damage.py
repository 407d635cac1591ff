"""`fer release` and `fer calibrate` after damage of the run, the network or the disk: a sentence, and nothing lost."""

import errno
import os
import shutil

import pytest

from fer_core.cli.main import main
from training.commands import release
from training.releasing import exports

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def run(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "run")


@pytest.fixture
def before(tmp_path):
    """What an earlier release left."""
    folder = tmp_path / "models" / "tiny"
    folder.mkdir(parents=True)
    files = {"model.onnx": b"network", "SHA256SUMS": b"sums", "README.md": b"card", "notes.txt": b"mine"}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return files


def holds(models):
    assert [path.name for path in models.iterdir()] == ["tiny"]
    return {path.name: path.read_bytes() for path in (models / "tiny").iterdir()}


DAMAGES = {
    "config.json": (b"", b"{", b"\xff", b'{"recipe": 3}', b"[]", b"{}"),
    "best.npz": (b"", b"PK\x03\x04 cut", None),
    "history.csv": (b"", b"\x00", b"epoch,loss\n0\n", b"\xff\xfe", None),
}
CASES = [
    (command, name, content)
    for name, contents in DAMAGES.items()
    for content in contents
    for command in ("release", "calibrate")
    if (command, name) != ("calibrate", "history.csv")  # which it does not read
]


@pytest.mark.parametrize(("command", "name", "content"), CASES)
def test_a_damaged_run_is_a_sentence_and_the_earlier_release_stays(
    command, name, content, run, before, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(release, "export", lambda _, folder: folder.mkdir(parents=True))  # dear
    (run / name).unlink()
    if content is not None:
        (run / name).write_bytes(content)
    models = ["--models", str(tmp_path / "models")] if command == "release" else []
    assert main([command, str(run), *models]) == 2
    told = capsys.readouterr()
    assert name in told.err
    assert "Traceback" not in told.err
    assert holds(tmp_path / "models") == before


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("where", ["export", "write_json"])
def test_a_full_disk_is_a_sentence_and_the_earlier_release_stays(where, run, before, tmp_path, monkeypatch, capsys):
    if where != "export":
        monkeypatch.setattr(release, "export", lambda _, folder: folder.mkdir(parents=True))
    monkeypatch.setattr(release, where, full)
    assert main(["release", str(run), "--models", str(tmp_path / "models")]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert holds(tmp_path / "models") == before


def test_a_release_takes_the_place_of_the_one_before(run, before, tmp_path):
    models = tmp_path / "models"
    (models / ".releasing-tiny" / "tiny").mkdir(parents=True)  # of one that was killed
    assert main(["release", str(run), "--models", str(models)]) == 0
    now = holds(models)
    assert now["notes.txt"] == before["notes.txt"]
    assert all(now[name] != content for name, content in before.items() if name != "notes.txt")
    assert "model.keras" in now


def test_a_network_that_answers_otherwise_in_the_browser_is_not_released(run, before, tmp_path, monkeypatch, capsys):
    from fer_core.predictors import half_precision

    monkeypatch.setattr(half_precision, "TOLERANCE", -1.0)
    monkeypatch.setattr(exports, "EXPORTS", {"Live in a browser": exports.browser})
    assert main(["release", str(run), "--models", str(tmp_path / "models")]) == 2
    assert "cannot be exported for the browser" in capsys.readouterr().err
    assert holds(tmp_path / "models") == before
