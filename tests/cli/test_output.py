"""The result alone goes to stdout; errors are sentences on stderr."""

import os
import subprocess
import sys

import pytest
import typer
from paths import ROOT

from fer_core.cli.output import Answer, answering, working
from fer_core.errors import PredictorError


def ends(command):
    """The exit code of a wrapped command."""
    with pytest.raises(typer.Exit) as stop:
        command()
    return stop.value.exit_code


def test_chatter_of_libraries_does_not_reach_stdout(capfd):
    @answering
    def noisy():
        print("from Python")
        os.write(1, b"from C\n")
        return Answer("the result", 2)

    assert ends(noisy) == 2
    printed = capfd.readouterr()
    assert printed.out == "the result\n"
    assert "from Python" in printed.err
    assert "from C" in printed.err


def test_stdout_comes_back_after_an_error(capfd):
    @answering
    def failing():
        raise PredictorError("It cannot run here.")

    assert ends(failing) == 2
    os.write(1, b"still here")
    assert capfd.readouterr() == ("still here", "It cannot run here.\n")


@pytest.mark.parametrize("kind", [answering, working])
def test_ctrl_c_leaves_no_trace(kind, capfd):
    @kind
    def interrupted():
        raise KeyboardInterrupt

    assert ends(interrupted) == 130
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", [answering, working])
def test_a_package_that_is_not_installed_is_a_sentence(kind, capfd):
    @kind
    def needing():
        raise ModuleNotFoundError("No module named 'plotly'", name="plotly.graph_objects")

    assert ends(needing) == 2
    assert 'pip install "fer-lab[data]"' in capfd.readouterr().err


def test_a_command_that_prints_as_it_goes(capfd):
    @working
    def training():
        print("epoch 1")
        return 3

    assert ends(training) == 3
    assert capfd.readouterr().out == "epoch 1\n"


def test_a_reader_that_has_seen_enough_is_no_error():
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        command = [sys.executable, "-m", "fer_core", "models"]
        done = subprocess.run(command, stdout=write_end, stderr=subprocess.PIPE, check=False, cwd=ROOT)
    finally:
        os.close(write_end)

    assert (done.returncode, done.stderr) == (0, b"")
