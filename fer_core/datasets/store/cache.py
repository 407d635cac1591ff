"""The user's cache folder: what was read once from a large file comes back within a second.

Each entry ends with a checksum of itself. What does not fit it any more, or was cut, counts as absent and is made
again. Entries are written under another name first. All together have a limit (settings.cache_bytes): what was not
used for the longest time goes first.
"""

import contextlib
import hashlib
import io
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_core import settings

Arrays = dict[str, NDArray[np.generic]]

MARK = b"FER-CACHE-1:"
FOOTER = len(MARK) + hashlib.sha256().digest_size
"""Bytes at the end of an entry: the mark, then SHA-256 of all before it."""

UNPACKED = "unpacked-"
KEPT = ("*.npz", "*.npy", "*.part", f"{UNPACKED}*")
"""What the datasets leave in the cache folder; a detector that was fetched there stays."""
IN_USE = 600
"""Seconds since its last use in which an entry is not removed for the limit's sake."""
LEFT_OVER = 3600
"""Seconds without a change after which what is half-written counts as left over by a run that was killed."""


class Entry(NamedTuple):
    """One file or folder of the cache.

    Attributes:
        path: where it lies.
        bytes: with all that is inside.
        used: seconds since 1970 of its last use.
    """

    path: Path
    bytes: int
    used: float


def key(*files: Path) -> str:
    """A name that changes whenever one of the files is replaced, edited or moved."""
    parts = [f"{file.resolve()}|{file.stat().st_size}|{file.stat().st_mtime_ns}" for file in files]
    return hashlib.sha256("\n".join(parts).encode(errors="surrogateescape")).hexdigest()[:24]


def read(name: str) -> Arrays | None:
    """The arrays stored under a name, or None when there are none that can be read."""
    path = settings.cache_folder() / f"{name}.npz"
    if not _whole(path):
        return None
    try:
        with np.load(io.BytesIO(path.read_bytes()[:-FOOTER]), allow_pickle=False) as stored:
            return {array: stored[array] for array in stored.files}
    except Exception:  # NumPy and zipfile raise what they like
        return None


def write(name: str, arrays: Arrays) -> None:
    """Store arrays under a name. A cache that cannot be written is no error: the next read is slow again."""
    _store(f"{name}.npz", lambda stream: np.savez(stream, allow_pickle=False, **arrays))


def read_array(name: str) -> NDArray[np.generic] | None:
    """A large array stored under a name, mapped: pages come from the disk when they are looked at; or None."""
    path = settings.cache_folder() / f"{name}.npy"
    if not _whole(path):
        return None
    try:
        return np.asarray(np.lib.format.open_memmap(path, mode="r"))
    except (OSError, ValueError, EOFError):
        return None


def write_array(name: str, array: NDArray[np.generic]) -> None:
    """As write, for read_array."""
    _store(f"{name}.npy", lambda stream: np.save(stream, array, allow_pickle=False))


def entries() -> list[Entry]:
    """All that is kept, the longest unused first."""
    folder = settings.cache_folder()
    paths = {path for pattern in KEPT for path in folder.glob(pattern)}
    return sorted(filter(None, map(_entry, paths)), key=lambda entry: entry.used)


def clear() -> list[Entry]:
    """Remove all of it; gives what was removed."""
    found = entries()
    for entry in found:
        _remove(entry.path)
    return found


def trim() -> None:
    """Remove what killed runs left half-written, and what is too much, the longest unused first."""
    now, kept = time.time(), []
    for entry in entries():
        if _half_written(entry.path) and now - entry.used > LEFT_OVER:
            _remove(entry.path)
        else:
            kept.append(entry)
    total = sum(entry.bytes for entry in kept)
    for entry in kept:
        if total <= settings.cache_bytes():
            return
        if now - entry.used > IN_USE:
            _remove(entry.path)
            total -= entry.bytes


def measured(folder: Path) -> tuple[int, int]:
    """Files below a folder, and their bytes."""
    sizes = [path.lstat().st_size for path in _files(folder)]
    return len(sizes), sum(sizes)


def touch(path: Path) -> None:
    """Note that an entry is used now; when it was written stays as it is."""
    with contextlib.suppress(OSError):
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))


def _store(name: str, write: Callable[[IO[bytes]], None]) -> None:
    folder = settings.cache_folder()
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w+b", dir=folder, prefix=f"{name}-", suffix=".part", delete=False) as part:
            try:
                write(part)
                part.seek(0)
                footer = MARK + hashlib.file_digest(part, "sha256").digest()
                part.seek(0, os.SEEK_END)
                part.write(footer)
                part.close()
                Path(part.name).replace(folder / name)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)  # of a disk that is full, above all
                raise
    with contextlib.suppress(OSError):
        trim()


def _whole(path: Path) -> bool:
    """Whether an entry is there and as it was written; one that is not is removed."""
    try:
        status = path.stat()
        whole = _fits(path, status.st_size, status.st_mtime_ns, status.st_ino)
    except OSError:
        return False
    if whole:
        touch(path)
    else:
        _remove(path)
    return whole


@lru_cache(maxsize=256)
def _fits(path: Path, size: int, *_changed: int) -> bool:
    """Computed again only when the file has changed."""
    digest, left = hashlib.sha256(), size - FOOTER
    with path.open("rb") as stream:
        while left > 0 and (piece := stream.read(min(left, 1 << 20))):
            digest.update(piece)
            left -= len(piece)
        return left == 0 and stream.read() == MARK + digest.digest()


def _half_written(path: Path) -> bool:
    """A '.part' file, or a folder that still carries the name it is unpacked under."""
    return path.suffix == ".part" or ("-" in path.name.removeprefix(UNPACKED) and path.name.startswith(UNPACKED))


def _entry(path: Path) -> Entry | None:
    try:
        status = path.lstat()
        size = measured(path)[1] if path.is_dir() and not path.is_symlink() else status.st_size
    except OSError:
        return None  # gone meanwhile
    return Entry(path, size, max(status.st_atime, status.st_mtime))


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root) / name for name in names)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
