"""The engine for many computers: Ray Data hands out the parts, workers that keep their networks loaded read them.

Each worker reads a part with the same steps as the local engine and writes it itself, whole or not at all. So Ray may
start a part again, on another computer, as often as it must: what was written is written once, under the same name.
The folder for the results must be one that all computers see. Ray's own limits on what is on its way keep the memory
flat.
"""

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fer_core.batch import cluster, local, plan
from fer_core.batch.counts import Counts
from fer_core.batch.folder import OutFolder, is_address, out_folder
from fer_core.batch.listing import Entry
from fer_core.batch.local import Report
from fer_core.batch.plan import Asked, Chunk
from fer_core.batch.reading import Loader
from fer_core.batch.worker import Looked, Worker
from fer_core.errors import FerError
from fer_core.predictors.onnx_runtime import tune_for_many

THREADS = 2
"""Per worker, which has one core: one reads while the other computes."""

ATTEMPT = "_attempt-"
MOST_ATTEMPTS = 3
"""Times that a part is begun as usual. If the worker ended each time, its photos are read one by one from then on."""
LOST = (
    "The worker that read this photo ended each time, most likely because its memory was full. "
    "Read the photo by itself, or give each worker more memory."
)


def run(
    out: str,
    missing: Sequence[Chunk],
    asked: Asked,
    workers: int | None,
    gpus: float,
    report: Report,
) -> None:
    """Read the parts that are missing.

    Args:
        out: the folder for the results, as all computers see it.
        missing: parts that are not there yet.
        asked: what decides the rows.
        workers: how many; None takes as many as the cluster has cores.
        gpus: share of a GPU for each.
        report: called as the parts are read.

    Raises:
        BatchError: the cluster does not answer, a worker cannot start, or the folder cannot be written.
    """
    place = out if is_address(out) else str(Path(out).resolve())
    rows = [chunk._asdict() for chunk in missing]
    arguments = (place, asked, os.getcwd())  # noqa: PTH109  (a string is what travels)
    with cluster.connected(workers) as ray:
        for row in cluster.mapped(ray, rows, PartReader, arguments, workers, gpus):
            report(Counts.from_json(json.loads(row["counts"])))


class PartReader:
    """One worker: the networks in memory, and the parts that Ray gives it."""

    def __init__(self, out: str, asked: Asked, folder: str) -> None:
        """Load the networks.

        Args:
            out: where the parts are written.
            asked: what decides the rows.
            folder: what relative paths are relative to.
        """
        cluster.stand_in(folder)
        tune_for_many()
        self._folder = out_folder(out)
        self._worker = Worker(asked)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[str]]:
        """Read some parts: JSON of the counts of each, or the sentence that says why it could not be written."""
        counts, errors = [], []
        for number, first, size in zip(batch["number"], batch["first"], batch["size"], strict=True):
            read, error = self._part(Chunk(int(number), int(first), int(size)))
            counts.append(json.dumps(read.to_json()))
            errors.append(error)
        return {"counts": counts, "error": errors}

    def _part(self, chunk: Chunk) -> tuple[Counts, str]:
        total = Counts()
        try:
            entries = plan.entries(self._folder, chunk)
            with _attempt(self._folder, chunk) as careful:
                threads = 1 if careful else THREADS
                local.with_pool(threads, lambda pool: self._read(chunk, entries, pool, threads, total, careful))
        except FerError as error:
            return total, str(error)
        return total, ""

    def _read(
        self,
        chunk: Chunk,
        entries: Sequence[Entry],
        pool: ThreadPoolExecutor,
        threads: int,
        total: Counts,
        careful: "_Careful | None",
    ) -> None:
        worker = self._worker if careful is None else careful.around(self._worker)
        local.read([(chunk, entries)], self._folder, worker, pool, threads, total.join)


class _Careful:
    """Notes each photo before it is read, so that one that ends the worker is known when the part is begun again."""

    def __init__(self, folder: OutFolder, chunk: Chunk) -> None:
        self._folder = folder
        self._name = f"{ATTEMPT}{chunk.number:08d}-careful"
        noted: dict[str, Any] = json.loads(folder.read(self._name) or b"{}")
        self._lost = {*noted.get("lost", ()), *noted.get("at", ())}

    def around(self, worker: Worker) -> Worker:
        """The worker, with a note before each photo. One photo is read at a time."""
        careful = self

        class Noting(Worker):
            def __init__(self) -> None:
                self.__dict__ = worker.__dict__

            def look(self, photo: str, load: Loader) -> Looked:
                if photo in careful._lost:
                    return Looked(photo, None, LOST)
                careful.note(photo)
                return worker.look(photo, load)

        return Noting()

    def note(self, photo: str) -> None:
        noted = {"lost": sorted(self._lost), "at": [photo]}
        self._folder.write(self._name, json.dumps(noted).encode())


@contextmanager
def _attempt(folder: OutFolder, chunk: Chunk) -> Iterator[_Careful | None]:
    """Counts how often a part was begun; gives the careful way when the usual one has failed MOST_ATTEMPTS times."""
    mark = f"{ATTEMPT}{chunk.number:08d}-"
    before = [name for name in folder.names() if name.startswith(mark)]
    if len(before) < MOST_ATTEMPTS:
        folder.write(f"{mark}{len(before)}", b"")
        yield None
    else:
        yield _Careful(folder, chunk)
    for name in [name for name in folder.names() if name.startswith(mark)]:
        folder.remove(name)
