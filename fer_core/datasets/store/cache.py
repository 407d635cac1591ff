"""The user's cache folder: what was read once from a large file comes back within a second."""

import contextlib
import hashlib
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core import settings

Arrays = dict[str, NDArray[np.generic]]


def key(*files: Path) -> str:
    """A name that changes whenever one of the files is replaced, edited or moved."""
    parts = [f"{file.resolve()}|{file.stat().st_size}|{file.stat().st_mtime_ns}" for file in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def read(name: str) -> Arrays | None:
    """The arrays stored under a name, or None when there are none that can be read."""
    path = settings.cache_folder() / f"{name}.npz"
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            return {array: stored[array] for array in stored.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return None


def write(name: str, arrays: Arrays) -> None:
    """Store arrays under a name. A cache that cannot be written is no error: the next read is slow again."""
    with contextlib.suppress(OSError):
        settings.cache_folder().mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=settings.cache_folder(), suffix=".part", delete=False) as part:
            np.savez(part, allow_pickle=False, **arrays)
        Path(part.name).replace(settings.cache_folder() / f"{name}.npz")


def read_array(name: str) -> NDArray[np.generic] | None:
    """A large array stored under a name, mapped: pages come from the disk when they are looked at; or None."""
    try:
        return np.asarray(np.lib.format.open_memmap(settings.cache_folder() / f"{name}.npy", mode="r"))
    except (OSError, ValueError, EOFError):
        return None


def write_array(name: str, array: NDArray[np.generic]) -> None:
    """As write, for read_array."""
    with contextlib.suppress(OSError):
        settings.cache_folder().mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=settings.cache_folder(), suffix=".part", delete=False) as part:
            np.save(part, array, allow_pickle=False)
        Path(part.name).replace(settings.cache_folder() / f"{name}.npy")
