"""What a command answers: the result on stdout, everything else on stderr, and an exit code.

Exit code 0 when all went well; 2 when an argument was wrong, or something cannot run or be read; 130 after Ctrl-C.
"""

import contextlib
import functools
import io
import os
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple, ParamSpec

import typer

from fer_core import extras
from fer_core.errors import FerError

FAILED = 2
STOPPED = 130

Arguments = ParamSpec("Arguments")


class Answer(NamedTuple):
    """What goes to stdout (bytes as they are), and the exit code."""

    text: str | bytes
    code: int = 0


def answering(command: Callable[Arguments, Answer]) -> Callable[Arguments, None]:
    """A command whose answer alone goes to stdout; what libraries print meanwhile goes to stderr."""

    @functools.wraps(command)
    def run(*arguments: Arguments.args, **options: Arguments.kwargs) -> None:
        with _sentences(), only_the_result():
            answer = command(*arguments, **options)
        raise typer.Exit(_print(answer))

    return run


def working(command: Callable[Arguments, int]) -> Callable[Arguments, None]:
    """A command that works for long, prints as it goes, and gives its exit code."""

    @functools.wraps(command)
    def run(*arguments: Arguments.args, **options: Arguments.kwargs) -> None:
        with _sentences():
            code = command(*arguments, **options)
        raise typer.Exit(code)

    return run


def speak_utf8() -> None:
    """Any file name can be printed on any system; what UTF-8 cannot hold is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


@contextlib.contextmanager
def only_the_result() -> Iterator[None]:
    """Send what Python or C libraries print meanwhile to stderr."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    """Inside, errors end the program with their sentence on stderr."""
    try:
        with extras.explained():
            yield
    except FerError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED) from None


def _print(answer: Answer) -> int:
    try:
        if isinstance(answer.text, bytes):
            sys.stdout.buffer.write(answer.text)
            sys.stdout.flush()
        else:
            print(answer.text, flush=True)
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return answer.code
