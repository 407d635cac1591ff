"""A run folder that bears kills: one training at a time, a history that belongs to its state, and the same data."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from fer_core import text
from fer_core.errors import RecipeError, RunError
from training import checkpoints
from training.data.batches import Splits
from training.data.sources import Part

LOCK = ".lock"
LAST, BEFORE = "last.npz", "before_last.npz"
HISTORY = "history.csv"
SAMPLED, SAMPLED_SIZE = 256, 16
"""Images of each split, spread over it, that the fingerprint looks at, and their side in pixels."""


@contextmanager
def locked(run: Path) -> Iterator[None]:
    """The folder for this training alone; however the process ends, the system lets go of it.

    A training that ends before it has begun, as by a mistake in its recipe, leaves no folder behind.

    Raises:
        RecipeError: another training writes there, or the folder cannot be made.
    """
    try:
        run.mkdir(parents=True, exist_ok=True)
        lock = FileLock(run / LOCK, timeout=0)
        lock.acquire()
    except Timeout:
        raise RecipeError(f"Another training writes to {run} now. Wait until it has ended, or take --run.") from None
    except OSError as error:
        raise RecipeError(f"{run} cannot be written ({error.strerror}). Check its rights, or take --run.") from None
    try:
        yield
    finally:
        with suppress(OSError):  # still locked, so that nobody begins here meanwhile
            if [path.name for path in run.iterdir()] == [LOCK]:
                (run / LOCK).unlink()
                run.rmdir()
        lock.release()


def fingerprint(splits: Splits) -> str:
    """Changes when other images or labels lie at the same path: all labels, and images spread over both splits."""
    state = hashlib.sha256()
    for part in (splits.train, splits.select):
        state.update(f"{len(part)}".encode())
        for name, target in sorted(part.targets.items()):
            state.update(name.encode())
            state.update(np.ascontiguousarray(target.distributions, np.float32).tobytes())
        state.update(_some_images(part))
    return state.hexdigest()[:24]


def _some_images(part: Part) -> bytes:
    if not len(part):
        return b""
    rows = np.unique(np.linspace(0, len(part) - 1, min(len(part), SAMPLED)).astype(np.intp))
    return part.pool.take(rows, SAMPLED_SIZE).tobytes()


def newest_state(run: Path) -> Path | None:
    """The saved state to go on from: the last one, or the one before when that is damaged; None at the beginning.

    Raises:
        RunError: there are states, but none can be read; or a history without any.
    """
    paths = [run / name for name in (LAST, BEFORE) if (run / name).is_file()]
    for path in paths:
        if checkpoints.is_sound(path):
            if path.name == BEFORE:
                print(f"{run / LAST} is damaged or missing; going on from the epoch before it.")
            return path
    if paths:
        raise RunError(
            f"{' and '.join(map(str, paths))} cannot be read any more. Delete them and {run / HISTORY} to begin anew, "
            "or take --run; best.npz still holds the best weights."
        )
    if (run / HISTORY).is_file():
        raise RunError(f"{run} has a {HISTORY} but no {LAST} to go on from. Take --run, or delete {run / HISTORY}.")
    return None


def write_history(run: Path, history: str) -> None:
    """Write the whole history, which the saved state holds too: a kill between both is mended at the next start."""
    part = run / f"{HISTORY}.part"
    part.write_text(history, encoding="utf-8", newline="")
    part.replace(run / HISTORY)


def restored_history(run: Path, state: Path) -> str:
    """The history that belongs to a state: its own, or for states of earlier versions the finished rows on the disk."""
    if history := checkpoints.history(state):
        return history
    epochs = checkpoints.epochs(state)
    lines = (run / HISTORY).read_text(encoding="utf-8", errors="replace").splitlines() if _has_history(run) else []
    by_epoch = {line.split(",", 1)[0]: line for line in lines[1:] if line.count(",") == lines[0].count(",")}
    kept = [by_epoch[str(epoch)] for epoch in range(epochs) if str(epoch) in by_epoch]
    if len(kept) < epochs:
        print(f"{run / HISTORY} lacks {epochs - len(kept)} of {epochs} epochs; the training goes on without them.")
    return "".join(f"{line}\n" for line in [*lines[:1], *kept])


def _has_history(run: Path) -> bool:
    return (run / HISTORY).is_file()


def with_row(history: str, row: Mapping[str, float]) -> str:
    """The history with one more epoch; the first one brings the heading."""
    heading, line = text.to_csv([row], places=None).splitlines()
    return f"{history}{line}\n" if history else f"{heading}\n{line}\n"
