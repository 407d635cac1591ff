"""A batch from beginning to end: plan it or take up the old plan, let an engine read it, count what came out."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Literal

from fer_core import extras, predictors
from fer_core.batch import counts, local, plan
from fer_core.batch.counts import Counts
from fer_core.batch.folder import OutFolder, out_folder
from fer_core.batch.listing import MANIFEST
from fer_core.batch.plan import Asked, Chunk, Plan
from fer_core.batch.worker import Worker
from fer_core.errors import BatchError, PredictorError
from fer_core.photos import faces
from fer_core.predictors.base import Predictor
from fer_core.predictors.networks import DEFAULT
from fer_core.predictors.onnx_runtime import tune_for_many

Engine = Literal["local", "ray"]
LEFT = ("_writing-", "_attempt-")
"""Begin the names of files that a batch leaves when it is stopped at a bad moment."""


@dataclass(frozen=True)
class Request:
    """What a user asks for.

    Attributes:
        inputs: folders, patterns, lists, archives, Parquet files, photos, addresses; none takes those of the folder's
            own plan.
        out: the folder for the results, or an address.
        models: names of networks; none takes the default.
        engine: 'local', threads on this computer; 'ray', a Ray cluster.
        workers: threads or Ray workers; None takes one per core.
        gpus: share of a GPU for each Ray worker.
        resume: go on with a batch that was stopped.
        min_score: as in `analyse`; None goes on as before, or takes 0.7.
        detector: as in `analyse`; None goes on as before, or takes the best that is there.
        face_crop: each photo is one face already; None goes on as before, or takes no.
    """

    inputs: tuple[str, ...]
    out: str
    models: tuple[str, ...] = ()
    engine: Engine = "local"
    workers: int | None = None
    gpus: float = 0.0
    resume: bool = False
    min_score: float | None = None
    detector: str | None = None
    face_crop: bool | None = None


@dataclass(frozen=True)
class Outcome:
    """What a batch holds at its end.

    Attributes:
        plan: what was asked, and what was passed over.
        counts: photos, faces, failures and answers of all parts.
        taken_over: photos that were there before this run.
    """

    plan: Plan
    counts: Counts
    taken_over: int = 0


class Watcher:
    """Told how a batch goes on. The command line shows it; the default says nothing."""

    def listed(self, photos: int) -> None:
        """Called while the photos are listed."""

    def left_out(self, model: str, reason: str) -> None:
        """Called for a network that cannot run while another one can."""

    def begins(self, entries: int, before: Counts) -> None:
        """Called with the photos of the plan, and what earlier runs have read."""

    def read(self, news: Counts) -> None:
        """Called with what was read since the last call."""


def run(request: Request, watcher: Watcher | None = None) -> Outcome:
    """Read all photos that are not read yet.

    Raises:
        BatchError: an input, the folder or the engine fails; everything written before stays.
        PredictorError: no network can run.
        MissingPackageError: a package is not installed.
        KeyboardInterrupt: stopped; everything written before stays.
    """
    watcher = watcher or Watcher()
    extras.need("pyarrow")
    if request.engine == "ray":
        extras.need("ray")
    tune_for_many()
    try:
        return _run(request, out_folder(request.out), watcher)
    finally:
        tune_for_many(False)


def _run(request: Request, folder: OutFolder, watcher: Watcher) -> Outcome:
    found = _taken_up(request, folder)
    before = found.asked if found else Asked((), (DEFAULT,), detector=faces.detector_name())
    loaded, left_out = _networks(request.models or before.models)
    for name, reason in left_out.items():
        watcher.left_out(name, reason)
    asked = Asked(
        request.inputs or before.inputs,
        tuple(one.name for one in loaded),
        before.min_score if request.min_score is None else request.min_score,
        request.detector or before.detector,
        before.face_crop if request.face_crop is None else request.face_crop,
    )
    if found and (differences := plan.differs(found, asked)):
        raise BatchError(
            f"The batch in {folder.name} was asked for something else: {'; '.join(differences)}. "
            "Ask for the same, or give another --out."
        )
    planned = found or plan.make(folder, asked, left_out, watcher.listed)
    parts = plan.chunks(folder, planned)
    missing, read = _missing(folder, parts)
    watcher.begins(planned.entries, read)
    if missing:
        _engine(request)(folder, missing, asked, loaded, watcher)
    return _finished(folder, planned, parts, read.photos)


def _taken_up(request: Request, folder: OutFolder) -> Plan | None:
    """The plan to go on with; None where a new batch begins."""
    found = plan.known(folder)
    if found and not request.resume:
        raise BatchError(
            f"{folder.name} holds a batch already{'' if found.done else ' that is not finished'}. "
            "Go on with it by --resume, or give another --out."
        )
    if found is None and any(name.endswith(plan.SUFFIX) and name[0] != "_" for name in folder.names()):
        raise BatchError(f"{folder.name} holds Parquet files that are not of a batch. Give an empty folder.")
    if found is None and not request.inputs:
        raise BatchError(f"{folder.name} holds no batch to go on with. Name the photos.")
    return found


def _networks(names: Sequence[str]) -> tuple[list[Predictor], Mapping[str, str]]:
    """The networks that run here, and the reasons of those that do not.

    Raises:
        PredictorError: none runs.
    """
    loaded: list[Predictor] = []
    left_out: dict[str, str] = {}
    for name in dict.fromkeys(names):
        try:
            loaded.append(predictors.load(name))
        except PredictorError as error:
            left_out[name] = str(error)
    if not loaded:
        raise PredictorError(" ".join(left_out.values()))
    return loaded, left_out


def _missing(folder: OutFolder, parts: Sequence[Chunk]) -> tuple[list[Chunk], Counts]:
    """The parts that are not there, and what the others hold. What a killed run left half written goes."""
    names = folder.names()
    for name in names:
        if name.startswith(LEFT):
            folder.remove(name)
    there = [part for part in parts if part.name in names]
    return [part for part in parts if part.name not in names], counts.of_parts(folder, [part.name for part in there])


Run = Callable[[OutFolder, Sequence[Chunk], Asked, Sequence[Predictor], Watcher], None]


def _engine(request: Request) -> Run:
    if request.engine == "ray":
        from fer_core.batch import ray_engine

        return lambda folder, missing, asked, _, watcher: ray_engine.run(
            folder.name, missing, asked, request.workers, request.gpus, watcher.read
        )
    return lambda folder, missing, asked, loaded, watcher: local.run(
        folder, missing, Worker(asked, loaded), request.workers, watcher.read
    )


def _finished(folder: OutFolder, planned: Plan, parts: Sequence[Chunk], before: int) -> Outcome:
    """Write down that all of it is read, and what it holds."""
    total = counts.of_parts(folder, [part.name for part in parts])
    done = replace(planned, done=True)
    folder.write(plan.SUMMARY, json.dumps(total.to_json(), indent=2, ensure_ascii=False).encode())
    folder.write(MANIFEST, done.to_json())
    if find_spec("duckdb"):
        from fer_core.batch.summary import Results

        Results(folder.name).keep()
    return Outcome(done, total, before)
