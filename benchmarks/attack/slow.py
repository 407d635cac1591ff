"""Clients of the Space that are slow on purpose: does anybody else notice?

    python -m benchmarks.attack.slow [--seconds 60] [--clients 100] [--seed 0] [--folder build/space]

A quarter each connects and says nothing, sends its headers byte by byte, sends a photo byte by byte, and asks for the
page and never reads it. Meanwhile a visitor asks about a photo again and again. Prints the visitor's times alone and
among them, the memory, and how many of them the server still holds at the end. Exit code 1 where the visitor got no
answer or waited 10 s, or the memory rose by 600 MB. Linux only.
"""

import argparse
import contextlib
import itertools
import selectors
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from benchmarks.attack.visitors import Seen, Visitor
from benchmarks.space.load import portraits
from benchmarks.space.server import APP, BUILT, Running, need_built, running

MOST_SECONDS, MOST_MEGABYTES = 10.0, 600.0
PAUSE = 1.0
"""Seconds between two bytes of a slow client."""
ALONE = 5
UPLOAD = (
    "POST {path}gradio_api/upload HTTP/1.1\r\nHost: {host}\r\nContent-Length: 500000\r\n"
    "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\nContent-Disposition: form-data; "
    'name="files"; filename="slow.jpg"\r\n\r\n'
)
PAGE = "GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"
HEADERS = "GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Slow: " + "x" * 100_000
KINDS: Sequence[tuple[str, str, str]] = (
    ("silent", "", ""),
    ("headers byte by byte", "", HEADERS),
    ("photo byte by byte", UPLOAD, "x" * 100_000),
    ("never reads", PAGE * 200, ""),
)
"""What they are, what they send at once, and what byte by byte."""


class Slow:
    """So many clients that hold their connection."""

    def __init__(self, app: Running, clients: int) -> None:
        place = urlsplit(app.address)
        words = {"path": place.path, "host": place.netloc}
        self._lines: list[tuple[str, socket.socket, Iterator[int]]] = []
        for kind, at_once, later in itertools.islice(itertools.cycle(KINDS), clients):
            line = socket.create_connection((place.hostname, place.port))
            line.setblocking(False)
            with contextlib.suppress(OSError):
                line.send(at_once.format(**words).encode())
            self._lines.append((kind, line, iter(later.format(**words).encode())))

    def go_on(self, until: float) -> None:
        while time.monotonic() < until:
            for _, line, rest in self._lines:
                with contextlib.suppress(OSError):
                    line.send(bytes(itertools.islice(rest, 1)))
            time.sleep(PAUSE)

    def held(self) -> dict[str, int]:
        """Connections that the server has not closed, by kind."""
        counts = dict.fromkeys([kind for kind, _, _ in KINDS], 0)
        for kind, line, _ in self._lines:
            counts[kind] += not _is_closed(line)
        return counts

    def close(self) -> None:
        for _, line, _ in self._lines:
            line.close()


def _is_closed(line: socket.socket) -> bool:
    """Whether the other end has hung up; what it sent before that is read away first."""
    with selectors.DefaultSelector() as selector:
        selector.register(line, selectors.EVENT_READ)
        while selector.select(0):
            try:
                if not line.recv(1 << 20):
                    return True
            except OSError:
                return True
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="for make attack; nothing is drawn here")
    parser.add_argument("--folder", type=Path, default=BUILT)
    known = parser.parse_args()
    need_built(known.folder)
    with tempfile.TemporaryDirectory() as folder, running(APP, known.folder) as app:
        threading.Thread(target=lambda: list(app.process.stdout or ()), daemon=True).start()
        (photo,) = portraits(Path(folder), 1)
        visitor = Visitor(app, Seen())
        alone, wrong_alone, expected = asked(visitor, photo, time.monotonic(), ALONE)
        idle = app.megabytes
        slow, until = Slow(app, known.clients), time.monotonic() + known.seconds
        threading.Thread(target=slow.go_on, args=(until,), daemon=True).start()
        among, wrong, _ = asked(visitor, photo, until, 1, expected)
        held, megabytes = slow.held(), app.megabytes - idle
        slow.close()
    print(f"{len(among)} answers among {known.clients} slow clients, {wrong + wrong_alone} of them wrong or missing")
    print(f"median {median(alone):.2f} s alone, {median(among):.2f} s among them; slowest {max(among):.2f} s")
    print(f"memory {megabytes:.0f} MB over idle; still held: {', '.join(f'{n} {kind}' for kind, n in held.items())}")
    return int(bool(wrong + wrong_alone) or max(among) > MOST_SECONDS or megabytes > MOST_MEGABYTES)


def asked(
    visitor: Visitor, photo: Path, until: float, least: int, expected: str | None = None
) -> tuple[list[float], int, str]:
    """Seconds of each answer, how many were not the expected one, and that one."""
    seconds, wrong = list[float](), 0
    while len(seconds) < least or time.monotonic() < until:
        begun = time.monotonic()
        answer = visitor.ask(photo)
        seconds.append(time.monotonic() - begun)
        expected = expected or answer
        wrong += answer != expected or not answer
    return seconds, wrong, expected or ""


if __name__ == "__main__":
    sys.exit(main())
