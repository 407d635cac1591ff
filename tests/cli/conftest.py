"""The command line with networks of our own (tests/helpers/brightness.py), and without the detector's file."""

import pytest
from brightness import write_network

from fer_core.cli.main import main


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Our own models; no detector file, so that the built-in one serves."""
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("FER_YUNET", str(tmp_path / "none.onnx"))
    write_network(tmp_path / "models" / "house")
    write_network(tmp_path / "models" / "second", size=16)


@pytest.fixture
def run(capsys):
    """Runs `fer` with these arguments; gives the exit code, stdout and stderr."""

    def command(*arguments):
        code = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command
