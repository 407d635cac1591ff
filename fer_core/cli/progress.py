"""Progress on the terminal: a bar on stderr, from the second second on; nothing when nobody watches."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

QUIET_SECONDS = 1.0
"""What is over sooner needs no bar, nor the time to import one."""

SCREEN_SECONDS, LOG_SECONDS = 0.5, 30.0
"""Between two reports of a rate, where somebody watches and in a log."""

Report = Callable[[int, int | None], None]
"""Called with what is done, and the total where it is known."""


@contextmanager
def shown(words: str) -> Iterator[Report]:
    """A bar with these words while the work inside runs.

    Yields:
        A function to call with what is done and the total (None where it is not known).
    """
    bar = _Bar(words, watched=sys.stderr.isatty())
    try:
        yield bar.report
    finally:
        bar.close()


class _Bar:
    """Nothing until the work has taken QUIET_SECONDS, then rich's bar."""

    def __init__(self, words: str, *, watched: bool) -> None:
        self._words, self._watched = words, watched
        self._begun = time.monotonic()
        self._progress: Progress | None = None

    def report(self, done: int, total: int | None) -> None:
        if not self._watched:
            return
        if self._progress is None and time.monotonic() - self._begun >= QUIET_SECONDS:
            self._progress = _opened(self._words)
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], completed=done, total=total)

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stop()


def _opened(words: str) -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    progress.add_task(words, total=None)
    progress.start()
    return progress


class Rate:
    """How far long work has come, how fast it goes and when it ends, on stderr.

    On a terminal one line that changes; in a log, as a cluster keeps it, a new line every LOG_SECONDS.
    """

    def __init__(self, what: str) -> None:
        """Name what is counted."""
        self._what = what
        self._watched = sys.stderr.isatty()
        self._begun = self._last = time.monotonic()
        self._start = self._total = 0
        self._length = 0

    def begin(self, done: int, total: int) -> None:
        """Start the clock. `done` was done before, and tells nothing of the rate."""
        self._begun = time.monotonic()
        self._start, self._total = done, total

    def report(self, done: int, beside: str = "") -> None:
        """Tell what is done of the total, with a few words beside it."""
        rate = (done - self._start) / max(time.monotonic() - self._begun, 1e-9)
        left = _in_words((self._total - done) / rate) if rate and self._total > done else ""
        words = [f"{done:,} of {self._total:,} {self._what}" if self._total >= done else f"{done:,} {self._what}"]
        words += [f"{rate:,.1f} per second", *([f"{left} left"] if left else []), *([beside] if beside else [])]
        self.say(", ".join(words))

    def say(self, words: str) -> None:
        """A line, unless the last one is too young."""
        now = time.monotonic()
        if now - self._last < (SCREEN_SECONDS if self._watched else LOG_SECONDS):
            return
        self._last = now
        if self._watched:
            sys.stderr.write(f"\r{words.ljust(self._length)}")
            self._length = len(words)
            sys.stderr.flush()
        else:
            print(words, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Clear the changing line."""
        if self._length:
            sys.stderr.write("\r" + " " * self._length + "\r")
            sys.stderr.flush()


def _in_words(seconds: float) -> str:
    """'40 s', '12 min', '3 h 20 min', '4 days 3 h'."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} days {hours % 24} h"
