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
