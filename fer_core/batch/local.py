"""The engine for one computer: threads that decode, search and answer, in bounded memory.

Photos flow in the order of the plan. A few per thread are on their way at any time, so the memory does not grow with
their number. OpenCV and ONNX Runtime let other Python threads run while they work.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from fer_core.batch import plan, schema
from fer_core.batch.counts import Counts
from fer_core.batch.folder import OutFolder
from fer_core.batch.listing import Entry
from fer_core.batch.plan import Chunk
from fer_core.batch.reading import Loader, Reader
from fer_core.batch.worker import Looked, Worker

FACES, PHOTOS = 32, 64
"""A network is called when so many faces wait, or the faces of so many photos."""
AHEAD = 3
"""Photos that wait for each thread."""

Given = TypeVar("Given")
Made = TypeVar("Made")

Report = Callable[[Counts], None]
"""Called with what has been read since the last call."""


@dataclass(frozen=True)
class End:
    """Stands behind the last photo of a part."""

    chunk: Chunk


Step = tuple[str, Loader] | End


def run(
    folder: OutFolder,
    missing: Sequence[Chunk],
    worker: Worker,
    workers: int | None,
    report: Report,
) -> None:
    """Read the parts that are missing.

    Args:
        folder: where the parts are written.
        missing: parts that are not there yet.
        worker: the networks.
        workers: threads; None takes one per core.
        report: called as the photos are read.

    Raises:
        BatchError: the folder cannot be written.
    """
    parts = ((chunk, plan.entries(folder, chunk)) for chunk in missing)
    threads = workers or cores()
    with_pool(threads, lambda pool: read(parts, folder, worker, pool, threads, report))


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def with_pool(threads: int, work: Callable[[ThreadPoolExecutor], None]) -> None:
    """Run work that uses a pool. When it fails or is stopped, what has not begun is given up."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="fer-batch")
    try:
        work(pool)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def read(
    parts: Iterable[tuple[Chunk, Sequence[Entry]]],
    folder: OutFolder,
    worker: Worker,
    pool: ThreadPoolExecutor,
    threads: int,
    report: Report,
) -> None:
    """Read parts one after the other, and write each when it is whole.

    Args:
        parts: with their entries.
        folder: where they are written.
        worker: the networks.
        pool: whose threads work.
        threads: how many it has.
        report: called as the photos are read.
    """

    def look(step: Step) -> Looked | End:
        return step if isinstance(step, End) else worker.look(*step)

    def answer(group: Sequence[Looked | End]) -> list[list[schema.Row] | End]:
        answers = iter(worker.answer([one for one in group if isinstance(one, Looked)]))
        return [next(answers) if isinstance(one, Looked) else one for one in group]

    looked = in_order(pool, look, _steps(parts), AHEAD * threads)
    answered = in_order(pool, answer, _groups(looked), threads)
    _write(answered, folder, report)


def in_order(
    pool: ThreadPoolExecutor, work: Callable[[Given], Made], given: Iterable[Given], most: int
) -> Iterator[Made]:
    """What `work` makes of each, in their order; at most so many are worked on or wait."""
    waiting: deque[Future[Made]] = deque()
    for one in given:
        waiting.append(pool.submit(work, one))
        if len(waiting) >= most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _steps(parts: Iterable[tuple[Chunk, Sequence[Entry]]]) -> Iterator[Step]:
    reader = Reader()
    for chunk, entries in parts:
        yield from reader.photos(entries)
        yield End(chunk)


def _groups(looked: Iterable[Looked | End]) -> Iterator[list[Looked | End]]:
    """Photos whose faces go through the networks together. A group may reach over the end of a part."""
    group: list[Looked | End] = []
    faces = 0
    for one in looked:
        group.append(one)
        faces += one.faces if isinstance(one, Looked) else 0
        if faces >= FACES or len(group) >= PHOTOS:
            yield group
            group, faces = [], 0
    if group:
        yield group


def _write(answered: Iterable[Sequence[list[schema.Row] | End]], folder: OutFolder, report: Report) -> None:
    part, counts = schema.PartWriter(), Counts()
    for group in answered:
        rows: list[schema.Row] = []
        news = Counts()
        for one in group:
            if isinstance(one, End):
                part.add(rows)
                folder.write(one.chunk.name, part.content(counts.to_json()))
                part, counts, rows = schema.PartWriter(), Counts(), []
            else:
                rows += one
                counts.add(one)
                news.add(one)
        part.add(rows)
        report(news)
