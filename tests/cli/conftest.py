"""The command line with networks of our own (tests/helpers/brightness.py), and without the detector's file."""

import pytest
from brightness import two_networks

from fer_core.cli.main import main


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    two_networks(tmp_path, monkeypatch)


@pytest.fixture
def run(capsys):
    """Runs `fer` with these arguments; gives the exit code, stdout and stderr."""

    def command(*arguments):
        code = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command
