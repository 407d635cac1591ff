"""Visitors of the Space who mean no good, or have bad luck: the built Space in a process of its own, asked over HTTP.

    python -m benchmarks.attack.visitors [--seconds 60] [--seed 0] [--folder build/space]

Clients ask with portraits of their own, while others send wrong types, long names, large files, links and paths, hang
up in the middle, or never fetch their answer. Prints exceptions in the server's log, answers that were not the
client's own, the slowest request, the memory, and what is left of photos on the disk. Exit code 1 where there is any
of the first two or the last. Linux only.
"""

import argparse
import random
import re
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from benchmarks.space.load import portraits
from benchmarks.space.server import APP, BUILT, Running, need_built, running

ENDS_A_TRACE = re.compile(r"[A-Za-z_][\w.]*(:|$)")
OWNERS = 4
FORGOTTEN_AFTER = 60
WORDS: Sequence[object] = (None, "", "house", 5, -1, 1e308, True, [], {}, [[]], ["no such network"], {"path": 1}, "\0")
PATHS = ("/etc/passwd", "../../etc/passwd", "http://127.0.0.1:1/x.jpg", "file:///etc/passwd", "", "\0", "a" * 4000)


@dataclass
class Seen:
    """What the visitors met: counts by status, wrong owners, the slowest request, paths that an answer gave away."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong_owners: int = 0
    slowest: tuple[float, str] = (0.0, "")
    leaks: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, begun: float, answer: str) -> None:
        with self.lock:
            self.counts[what] += 1
            self.slowest = max(self.slowest, (time.monotonic() - begun, what))
            if any(part in answer for part in ("Traceback", "site-packages", "root:x:0")):
                self.leaks.append(f"{what}: {answer[:300]}")


class Visitor:
    """A client of the HTTP interface."""

    def __init__(self, app: Running, seen: Seen) -> None:
        self.api, self.seen = f"{app.address}gradio_api", seen
        self.client = httpx.Client(timeout=120)

    def upload(self, name: str, content: bytes) -> str:
        begun = time.monotonic()
        answer = self.client.post(f"{self.api}/upload", files={"files": (name, content)})
        self.seen.note(f"upload {answer.status_code}", begun, answer.text)
        return str(answer.json()[0]) if answer.status_code == 200 else ""

    def post(self, data: object, endpoint: str = "predict") -> str:
        begun = time.monotonic()
        answer = self.client.post(f"{self.api}/call/{endpoint}", json={"data": data})
        self.seen.note(f"call {answer.status_code}", begun, answer.text)
        return str(answer.json().get("event_id", "")) if answer.status_code == 200 else ""

    def fetch(self, event: str, endpoint: str = "predict") -> str:
        begun = time.monotonic()
        with self.client.stream("GET", f"{self.api}/call/{endpoint}/{event}") as stream:
            lines = [line for line in stream.iter_lines() if line.startswith("data: ") and line != "data: null"]
        answer = lines[-1] if lines else ""
        self.seen.note("answer", begun, answer)
        return answer

    def ask(self, photo: Path) -> str:
        path = self.upload(photo.name, photo.read_bytes())
        return self.fetch(self.post([_file(path, photo.name), [], 0.7, False]))


def owner(app: Running, seen: Seen, photo: Path, until: float) -> None:
    """Asks about the same photo again and again; every answer must be the first one's."""
    visitor = Visitor(app, seen)
    expected = visitor.ask(photo)
    while time.monotonic() < until:
        if visitor.ask(photo) != expected:
            with seen.lock:
                seen.wrong_owners += 1


def villain(app: Running, seen: Seen, photo: Path, until: float, seed: int) -> None:
    chance, visitor = random.Random(seed), Visitor(app, seen)
    ways: Sequence[Callable[[Visitor, Path, random.Random], object]] = (
        *(_wrong_types, _paths, _long_names, _large_file, _damaged, _unfetched, _hang_up, _field, _batch),
    )
    while time.monotonic() < until:
        try:
            chance.choice(ways)(visitor, photo, chance)
        except (httpx.HTTPError, OSError, ValueError, KeyError) as error:
            seen.note(f"{type(error).__name__}", time.monotonic(), "")


def _file(path: object, name: object) -> dict[str, object]:
    return {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}


def _wrong_types(visitor: Visitor, photo: Path, chance: random.Random) -> None:
    given = [_file(visitor.upload("a.jpg", photo.read_bytes()), "a.jpg"), [], 0.7, False]
    given[chance.randrange(4)] = chance.choice(WORDS)
    if event := visitor.post(given[: chance.choice((4, 4, 4, 2))]):
        visitor.fetch(event)


def _paths(visitor: Visitor, _: Path, chance: random.Random) -> None:
    if event := visitor.post([_file(chance.choice(PATHS), "a.jpg"), [], 0.7, False]):
        visitor.fetch(event)


def _long_names(visitor: Visitor, photo: Path, chance: random.Random) -> None:
    size = chance.choice((300, 5000, 200_000, 5_000_000))
    path = visitor.upload("x" * min(size, 5000), photo.read_bytes())
    if event := visitor.post([_file(path, "é" * size), [], 0.7, False]):
        visitor.fetch(event)


def _large_file(visitor: Visitor, _: Path, chance: random.Random) -> None:
    path = visitor.upload("large.bmp", b"BM" + bytes(chance.choice((26_000_000, 51_000_000))))
    if path and (event := visitor.post([_file(path, "large.bmp"), [], 0.7, False])):
        visitor.fetch(event)


def _damaged(visitor: Visitor, photo: Path, chance: random.Random) -> None:
    content = bytearray(photo.read_bytes())
    for _ in range(chance.randint(1, 200)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path = visitor.upload("damaged.jpg", bytes(content[: chance.randint(1, len(content))]))
    if event := visitor.post([_file(path, "damaged.jpg"), [], 0.7, chance.random() < 0.5]):
        visitor.fetch(event)


def _unfetched(visitor: Visitor, photo: Path, _: random.Random) -> None:
    visitor.post([_file(visitor.upload("left.jpg", photo.read_bytes()), "left.jpg"), [], 0.7, False])


def _hang_up(visitor: Visitor, photo: Path, chance: random.Random) -> None:
    place = urlsplit(visitor.api)
    head = (
        f"POST {place.path}/upload HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 500000\r\n"
        'Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\nContent-Disposition: form-data; name="files"; '
        'filename="half.jpg"\r\n\r\n'
    )
    with socket.create_connection((place.hostname, place.port)) as line:
        line.sendall(head.encode() + photo.read_bytes()[: chance.randint(0, 40_000)])
    visitor.seen.note("hung up", time.monotonic(), "")


def _field(visitor: Visitor, *_: object) -> None:
    answer = visitor.client.post(f"{visitor.api}/upload", files={"files": (None, "x" * 3_000_000)})
    visitor.seen.note(f"field {answer.status_code}", time.monotonic(), answer.text)


def _batch(visitor: Visitor, photo: Path, chance: random.Random) -> None:
    files = [_file(visitor.upload("a.jpg", photo.read_bytes()), "a.jpg") for _ in range(chance.randint(1, 3))]
    files += [_file(chance.choice(PATHS), "b.jpg")] * chance.randint(0, 2)
    if event := visitor.post([files, [], 0.7, False], "predict_batch"):
        visitor.fetch(event, "predict_batch")


def attack(app: Running, photos: Sequence[Path], seconds: float, seed: int) -> tuple[Seen, float, float]:
    """What was seen, and megabytes over idle at the highest and at the end."""
    seen, until = Seen(), time.monotonic() + seconds
    Visitor(app, seen).ask(photos[0])
    idle, highest = app.megabytes, app.megabytes
    threads = [threading.Thread(target=owner, args=(app, seen, photo, until)) for photo in photos[:OWNERS]]
    threads += [
        threading.Thread(target=villain, args=(app, seen, photo, until, seed + number))
        for number, photo in enumerate(photos[OWNERS:])
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        highest = max(highest, app.megabytes)
        time.sleep(0.05)
    return seen, highest - idle, app.megabytes - idle


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=BUILT)
    known = parser.parse_args()
    need_built(known.folder)
    with tempfile.TemporaryDirectory() as folder, running(APP, known.folder) as app:
        said: list[str] = []
        listener = threading.Thread(target=lambda: said.extend(app.process.stdout or ()), daemon=True)
        listener.start()
        seen, highest, end = attack(app, portraits(Path(folder), OWNERS + 2), known.seconds, known.seed)
        time.sleep(FORGOTTEN_AFTER)
        left = _left(app)
        after = app.megabytes
    listener.join(10)
    traces = exceptions(said)
    print(", ".join(f"{count:,} {what}" for what, count in sorted(seen.counts.items())))
    broken = f"{traces.total()} exceptions in the log, {seen.wrong_owners} wrong owners"
    print(f"{broken}, {len(seen.leaks)} answers with insides")
    print(
        f"slowest {seen.slowest[0]:.1f} s ({seen.slowest[1]}); memory {highest:.0f} MB over idle at the highest, ",
        end="",
    )
    print(f"{end:.0f} at the end; {after:.0f} MB in all {FORGOTTEN_AFTER} s later, {left} files in the spool then")
    print("\n".join([*seen.leaks[:5], *(f"{count} times: {what}" for what, count in traces.most_common(10))]))
    return int(bool(traces or seen.wrong_owners or seen.leaks or left))


def exceptions(said: Sequence[str]) -> Counter[str]:
    """Exceptions in the log of a server, by their last line."""
    found: Counter[str] = Counter()
    inside = False
    for line in said:
        inside = inside or line.startswith("Traceback")
        if inside and ENDS_A_TRACE.match(line):
            found[line.strip()[:200]] += 1
            inside = False
    return found


def _left(app: Running) -> int:
    """Files in the spool of the running Space."""
    environment = Path(f"/proc/{app.process.pid}/environ").read_bytes().split(b"\0")
    spool = next(line.partition(b"=")[2].decode() for line in environment if line.startswith(b"TMPDIR="))
    return sum(path.is_file() and path.suffix != ".lock" for path in Path(spool).rglob("*"))


if __name__ == "__main__":
    sys.exit(main())
