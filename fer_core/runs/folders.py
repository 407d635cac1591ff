"""Trainings that can be looked at: our networks, run folders, and the logs of the student projects."""

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fer_core import settings
from fer_core.datasets import adapters
from fer_core.errors import FerError, RunError
from fer_core.predictors import networks
from fer_core.runs import logs
from fer_core.runs.histories import History

MODELS, LOCAL, PROJECTS, UPLOADED = "Our models", "Runs on this computer", "Student projects", "Your files"
HISTORY_FILES = (
    *("history.csv", "history.json", "training.csv", "log.csv", "metrics.csv", "results.csv", "summary.csv"),
    "trainer_state.json",
)
EVENT_FILES = "*tfevents*"

PATIENCE = 4
"""A run whose history has not grown for this many of its longest epochs counts as stopped."""

FIRST_EPOCH_SECONDS = 900


@dataclass(frozen=True)
class Run:
    """A training before its history is read.

    Attributes:
        key: tells it from all others.
        title: for people.
        group: MODELS, LOCAL, PROJECTS or UPLOADED.
        folder: where its files are; None for an upload.
        file: name of the history inside the folder; '' when there is none yet.
        planned: number of epochs it was meant to have, or None when nobody said.
        epoch_seconds: seconds an epoch where only that was stated, or None.
        source: who ran it, and what to know about it.
        dataset: whose images its curves are of, by title; '' when nobody said.
    """

    key: str
    title: str
    group: str
    folder: Path | None = None
    file: str = ""
    planned: int | None = None
    epoch_seconds: float | None = None
    source: str = ""
    dataset: str = ""


class State(NamedTuple):
    """How far a run is."""

    word: str
    in_progress: bool = False


def listed(*, local: bool) -> tuple[Run, ...]:
    """All runs at hand, our networks first; reads no history.

    Args:
        local: also the run folders on this computer's disk.
    """
    found = [*_models()]
    if local:
        found += _local()
    return (*found, *_projects())


def read(run: Run) -> History:
    """The history of a run with files.

    Raises:
        RunError: it has none, or one that cannot be read.
    """
    if run.folder is None or not run.file:
        raise RunError(f"{run.title} has no history yet: its first epoch is not over. It appears here when it is.")
    if run.file == EVENT_FILES:
        files = sorted(run.folder.rglob(EVENT_FILES))
        return logs.from_events(run.title, [path.read_bytes() for path in files])
    history = logs.read(run.folder / run.file)
    if history.seconds is None and run.epoch_seconds:
        history = replace(history, seconds=(history.epochs + 1) * run.epoch_seconds)
    return history


def at(folder: Path) -> Run:
    """The run whose history lies in a folder: its CSV or JSON, or else its event files, also further down."""
    return Run(str(folder), folder.name, LOCAL, folder, _history_file(folder))


def changed(run: Run) -> float:
    """When the files of a run last changed, in seconds since 1970; what a cache of its history is keyed by."""
    times = [path.stat().st_mtime for path in _files(run)]
    return max(times, default=0.0)


def state(run: Run, history: History | None, now: float | None = None) -> State:
    """Whether a run is over, goes on, or was stopped; told from its plan and the age of its files."""
    done = len(history) if history is not None else 0
    if run.group == PROJECTS and run.planned and done < run.planned:
        return State(f"{done} of {run.planned} epochs were logged")
    if run.group != LOCAL or not run.planned or done >= run.planned:
        return State("finished")
    age = (time.time() if now is None else now) - changed(run)
    seconds = history.columns.get("seconds") if history is not None else None
    longest = float(np.nanmax(seconds)) if seconds is not None else FIRST_EPOCH_SECONDS / PATIENCE
    told = f"{done} of {run.planned} epochs"
    return State(f"in progress, {told}", True) if age < PATIENCE * longest else State(f"stopped after {told}")


def _files(run: Run) -> list[Path]:
    if run.folder is None:
        return []
    found = sorted(run.folder.rglob(EVENT_FILES)) if run.file == EVENT_FILES else [run.folder / run.file]
    return [path for path in (*found, run.folder / "config.json") if path.is_file()]


def _models() -> Iterator[Run]:
    for folder in networks.folders():
        if (folder / "history.csv").is_file():
            yield _from_folder(folder, MODELS)


def _local() -> Iterator[Run]:
    root = settings.runs_folder()
    folders = [run for folder in _inside(root) for run in (_grouped(folder) or [folder])] if root.is_dir() else []
    for folder in sorted(folders, key=lambda path: (-path.stat().st_mtime, path.name)):
        yield _from_folder(folder, LOCAL)


def _inside(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._"]


def _grouped(folder: Path) -> list[Path]:
    """The runs in a folder that is none itself, as those of `fer ablation`."""
    if any((folder / name).is_file() for name in ("config.json", *HISTORY_FILES)):
        return []
    return [path for path in _inside(folder) if (path / "config.json").is_file()]


def _from_folder(folder: Path, group: str) -> Run:
    config = _config(folder)
    inside = folder.relative_to(settings.runs_folder()).as_posix() if group != MODELS else folder.name
    path = f"{'models' if group == MODELS else 'runs'}/{inside}"
    return Run(
        key=path,
        title=str(config.get("title") or folder.name) if group == MODELS else path,
        group=group,
        folder=folder,
        file=_history_file(folder),
        planned=_planned(config),
        source=str(config.get("origin", "")),
        dataset=_dataset(config),
    )


def _config(folder: Path) -> dict[str, Any]:
    try:
        return networks.read_json(folder / "config.json")
    except FerError:
        return {}


def _dataset(config: dict[str, Any]) -> str:
    """The dataset of its validation images: the first of its recipe."""
    try:
        return adapters.title(str(config["recipe"]["data"]["dataset"]))
    except (KeyError, TypeError):
        return ""


def _planned(config: dict[str, Any]) -> int | None:
    try:
        stages = config["recipe"]["training"]["stages"]
        return sum(int(stage["epochs"]) for stage in stages) + int(config.get("epochs_before", 0))
    except (KeyError, TypeError, ValueError):
        return None


def _history_file(folder: Path) -> str:
    for name in HISTORY_FILES:
        if (folder / name).is_file():
            return name
    return EVENT_FILES if next(folder.rglob(EVENT_FILES), None) else ""


def _projects() -> Iterator[Run]:
    for row in project_rows():
        if row["history"]:
            yield Run(
                key=f"projects/{row['history']}",
                title=f"{row['project']}: {row['model'].split(' (')[0]}, {row['dataset']}",
                group=PROJECTS,
                folder=settings.FACTS / "histories",
                file=f"{row['history']}.csv",
                planned=int(row["epochs"]) if row["epochs"] else None,
                epoch_seconds=float(row["epoch_s"]) if row["epoch_s"] else None,
                source=f"{row['source']}. {row['notes']}".strip(),
                dataset=row["dataset"],
            )


@cache
def project_rows() -> tuple[dict[str, str], ...]:
    """What the student projects ran, as facts/project_runs.csv has it."""
    with (settings.FACTS / "project_runs.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))
