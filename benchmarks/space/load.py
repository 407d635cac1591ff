"""Many visitors at once: `python -m benchmarks.space.load [--clients 20] [--seconds 60] [--photos 200] [--folder ...]`.

Starts the built Space; a lone client asks, then all clients at once, each with a portrait of its own, then one client
sends photos until the server has seen `--photos` of them. Prints what was measured; exit code 1 when a call failed, an
answer was not the client's own, a client got less than half of the mean share, the 95th percentile took more than 30
times the lone client's median, or the memory is above 700 MB or grew by 50 MB over the second half. Linux only.
"""

import argparse
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from time import perf_counter

import cv2
import numpy as np
from gradio_client import Client, handle_file

from benchmarks.space.server import APP, BUILT, ROOT, Running, need_built, running
from fer_core.photos.images import decode

LONE_CALLS = 15
LEAST_SHARE, MOST_TIMES, MOST_MEGABYTES, MOST_GROWTH = 0.5, 30.0, 700.0, 50.0


@dataclass
class Visitor:
    """A client with a photo of its own, and what it went through."""

    client: Client
    photo: Path
    expected: object = None
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    wrong: int = 0

    def ask(self) -> object:
        started = perf_counter()
        answer = self.client.predict(handle_file(str(self.photo)), api_name="/predict")
        self.seconds.append(perf_counter() - started)
        return answer

    def keep_asking(self, until: float) -> None:
        while perf_counter() < until:
            try:
                self.wrong += self.ask() != self.expected
            except Exception as error:  # whatever fails is what is counted here
                self.errors.append(str(error))


def portraits(folder: Path, count: int) -> list[Path]:
    """Photos that differ in where the face stands, so that one answer cannot pass for another."""
    portrait = decode((ROOT / "samples" / "grace_hopper.jpg").read_bytes())[:, :, ::-1]
    paths = [folder / f"visitor_{number}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        cv2.imwrite(str(path), cv2.copyMakeBorder(portrait, 0, 0, 6 * number, 0, cv2.BORDER_REPLICATE))
    return paths


def crowd(app: Running, photos: Sequence[Path], seconds: float) -> tuple[float, list[Visitor]]:
    """The lone client's median, and the visitors after they asked all at once for so many seconds."""
    visitors = [Visitor(Client(app.address, verbose=False, httpx_kwargs={"timeout": 120}), photo) for photo in photos]
    for visitor in visitors:
        visitor.expected = visitor.ask()
    lone = Visitor(visitors[0].client, photos[0])
    for _ in range(LONE_CALLS):
        lone.ask()
    for visitor in visitors:
        visitor.seconds.clear()
    until = perf_counter() + seconds
    threads = [threading.Thread(target=visitor.keep_asking, args=(until,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return median(lone.seconds), visitors


def memory(app: Running, visitor: Visitor, photos: int) -> tuple[float, float]:
    """Megabytes of the server after half of the photos, and after all of them."""
    after = []
    for _ in range(2):
        for _ in range(photos // 2):
            visitor.ask()
        after.append(app.megabytes)
    return after[0], after[1]


def report(lone: float, visitors: Sequence[Visitor], half: float, end: float) -> bool:
    """Print the figures; whether all of them hold."""
    times = [second for visitor in visitors for second in visitor.seconds]
    shares = [len(visitor.seconds) for visitor in visitors]
    errors = [error for visitor in visitors for error in visitor.errors]
    wrong = sum(visitor.wrong for visitor in visitors)
    slow = float(np.percentile(times, 95)) if times else float("inf")
    least = min(shares) / mean(shares) if times else 0.0
    print(f"{len(visitors)} clients, {len(times)} answers, {len(errors)} errors, {wrong} not the client's own")
    print(f"least share of a client    {least:.2f} of the mean (at least {LEAST_SHARE:g})")
    print(f"lone client's median       {lone * 1000:.0f} ms")
    print(f"95th percentile of all     {slow * 1000:.0f} ms = {slow / lone:.1f} times (at most {MOST_TIMES:g})")
    print(f"memory                     {half:.0f} MB at half, {end:.0f} MB at the end (at most {MOST_MEGABYTES:g})")
    print("\n".join(sorted(set(errors))[:5]), end="\n" if errors else "")
    fast = slow <= MOST_TIMES * lone and least >= LEAST_SHARE
    return not errors and not wrong and fast and end <= MOST_MEGABYTES and end - half <= MOST_GROWTH


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--folder", type=Path, default=BUILT)
    options = parser.parse_args(arguments)
    need_built(options.folder)
    with tempfile.TemporaryDirectory() as folder, running(APP, options.folder) as app:
        photos = portraits(Path(folder), options.clients)
        lone, visitors = crowd(app, photos, options.seconds)
        half, end = memory(app, Visitor(visitors[0].client, photos[0]), options.photos)
    return int(not report(lone, visitors, half, end))


if __name__ == "__main__":
    sys.exit(main())
