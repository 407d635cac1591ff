"""Progress stays off stdout, and away from who does not watch."""

import io
import sys

import pytest

from fer_core.cli import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """Time that stands until a test moves it."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_nothing_in_a_pipe(capsys, clock):
    with progress.shown("reading") as report:
        clock[0] = 60
        report(1, 10)

    assert capsys.readouterr() == ("", "")


def test_nothing_for_what_is_over_soon(monkeypatch, clock):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.shown("reading") as report:
        clock[0] = 0.5
        report(10, 10)

    assert sys.stderr.getvalue() == ""


def test_a_bar_on_the_terminal_after_a_second(monkeypatch, clock, capsys):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.shown("reading") as report:
        clock[0] = 2
        report(3, 10)

    assert "reading" in sys.stderr.getvalue()
    assert "3/10" in sys.stderr.getvalue()
    assert capsys.readouterr().out == ""
