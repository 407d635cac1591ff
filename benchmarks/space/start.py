"""How long a visitor of a fresh Space waits: `python -m benchmarks.space.start [--runs N] [--folder build/space]`.

In turn, N times (5 by default): an empty Gradio page from the start of its process to listening, then the built Space
to listening and on to its first answer. Prints the medians; exit code 1 when the Space takes more than twice as long
as the empty page, or the first answer comes more than a second after it listens.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from gradio_client import Client, handle_file

from benchmarks.space.server import APP, BUILT, ROOT, need_built, running

EMPTY = "import gradio\nwith gradio.Blocks(analytics_enabled=False) as demo:\n    pass\ndemo.launch()"
MOST_TIMES, MOST_SECONDS = 2.0, 1.0


def empty_page(folder: Path) -> float:
    """Seconds from start to listening of a page without anything."""
    with running((sys.executable, "-c", EMPTY), folder) as app:
        return app.seconds


def first_answer(folder: Path) -> tuple[float, float]:
    """Seconds of the Space from start to listening, and from there to the answer for a photo."""
    photo = handle_file(str(ROOT / "samples" / "grace_hopper.jpg"))
    with running(APP, folder) as app:
        listening = perf_counter()
        Client(app.address, verbose=False, httpx_kwargs={"timeout": 120}).predict(photo, api_name="/predict")
        return app.seconds, perf_counter() - listening


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=BUILT)
    options = parser.parse_args(arguments)
    need_built(options.folder)
    rows = [(empty_page(options.folder), *first_answer(options.folder)) for _ in range(options.runs)]
    empty, start, answer = (median(column) for column in zip(*rows, strict=True))
    print(f"empty page listens after   {empty:6.2f} s")
    print(f"the Space listens after    {start:6.2f} s = {start / empty:.2f} times (at most {MOST_TIMES:g})")
    print(f"and answers first after    {answer:6.2f} s more (at most {MOST_SECONDS:g})")
    return int(start > MOST_TIMES * empty or answer > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
