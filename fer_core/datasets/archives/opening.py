"""Archives of any kind that is read: their files one after the other, or unpacked into a folder."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TypeVar

from fer_core.datasets.archives import tars, zips
from fer_core.datasets.archives.limits import DATASET, UPLOAD, Budget, Limits
from fer_core.datasets.archives.member import Member, Source
from fer_core.datasets.archives.names import Distinct
from fer_core.errors import ArchiveError

ZIP_SUFFIXES = (".zip",)
TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2")
READ = (*ZIP_SUFFIXES, *TAR_SUFFIXES)
"""Suffixes of the archives that are read."""

OTHERS = {
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"\xfd7zXZ": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by Zstandard",
}
DEEPEST = 2
"""An archive within an archive is opened, one within that is not."""

Content = TypeVar("Content", bytes, Iterator[bytes])

STEP = 500
"""Files between two calls of progress."""


def is_archive(name: str) -> bool:
    """Whether a file is opened as an archive, by its name."""
    return name.lower().endswith(READ)


def entries(data: bytes | Path, limits: Limits = UPLOAD, title: str = "") -> Iterator[tuple[str, bytes]]:
    """Names (with forward slashes) and contents of the files in a zip or tar, in its order.

    Folders, hidden files and what macOS adds are passed over. Archives inside are opened, too: their files stand in a
    folder of the archive's name. Nothing is written to disk.

    Args:
        data: the archive.
        limits: the most that may come out of it.
        title: what the user calls it, for sentences.

    Raises:
        ArchiveError: no archive, damaged, locked, larger than the limits, or a name or link that leads outside. A zip
            is judged before the first file is given.
    """
    budget = Budget(limits, title or _title(data))
    return _distinct(_contents(_members(data, budget), budget, depth=1))


def members(data: bytes | Source, limits: Limits, title: str = "") -> Iterator[Member]:
    """The files of an archive in its order, to be read or passed over one after the other.

    Archives inside are given as they are. Nothing is written to disk.

    Args:
        data: the archive; a path, or anything that opens like one.
        limits: the most that may come out of it.
        title: what the user calls it, for sentences.

    Raises:
        ArchiveError: as entries.
    """
    return _members(data, Budget(limits, title or _title(data)))


def unpack(
    path: Path, folder: Path, limits: Limits = DATASET, progress: Callable[[int, int], None] | None = None
) -> None:
    """Write the files of an archive below a new folder, which appears only when all of them are there.

    Raises:
        ArchiveError: as entries, or the folder cannot be written.
    """
    budget = Budget(limits, path.name)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name}-"))
    except OSError as error:
        raise _cannot_write(budget, folder.parent, error) from error
    try:
        for done, (name, pieces) in enumerate(_distinct(_flat(_members(path, budget), budget, part, depth=1))):
            if progress and done % STEP == 0:
                progress(done, budget.entries)
            _write(part / name, pieces, budget)
        with contextlib.suppress(OSError):  # somebody else was faster, with the same files
            part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _distinct(found: Iterator[tuple[str, Content]]) -> Iterator[tuple[str, Content]]:
    """Archives inside one another may hold files of the same name."""
    distinct = Distinct()
    for name, content in found:
        yield distinct.of(name), content


def _title(data: bytes | Source) -> str:
    return "This archive" if isinstance(data, bytes) else data.name


def _members(data: bytes | Source, budget: Budget) -> Iterator[Member]:
    try:
        start = data[:600] if isinstance(data, bytes) else _start(data)
    except OSError as error:
        raise ArchiveError(f"{budget.title} cannot be opened ({error.strerror}). Check its path and rights.") from error
    for mark, kind in OTHERS.items():
        if start.startswith(mark):
            raise ArchiveError(f"{budget.title} is {kind}, which is not read here. Pack the files as a zip or tar.gz.")
    tar = start.startswith((tars.GZIP, tars.BZIP2)) or start[257:262] == b"ustar"
    return tars.members(data, budget) if tar else zips.members(data, budget)


def _start(path: Source) -> bytes:
    with path.open("rb") as stream:
        return stream.read(600)


def _contents(found: Iterator[Member], budget: Budget, depth: int) -> Iterator[tuple[str, bytes]]:
    for member in found:
        content = b"".join(member.pieces)
        if depth < DEEPEST and is_archive(member.name):
            for name, inner in _contents(_members(content, budget), budget, depth + 1):
                yield f"{_folder_of(member.name)}/{name}", inner
        else:
            yield member.name, content


def _flat(found: Iterator[Member], budget: Budget, part: Path, depth: int) -> Iterator[tuple[str, Iterator[bytes]]]:
    for member in found:
        if depth < DEEPEST and is_archive(member.name):
            yield from _inside(member, budget, part, depth)
        else:
            yield member.name, member.pieces


def _inside(member: Member, budget: Budget, part: Path, depth: int) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The files of an archive within an archive, which lies on the disk only meanwhile."""
    with tempfile.TemporaryDirectory(dir=part.parent, prefix=f"{part.name}-inner-") as beside:
        inner = Path(beside) / "archive"
        _write(inner, member.pieces, budget)
        for name, pieces in _flat(_members(inner, budget), budget, part, depth + 1):
            yield f"{_folder_of(member.name)}/{name}", pieces


def _folder_of(name: str) -> str:
    """'photos/set' for 'photos/set.tar.gz'."""
    suffix = next(suffix for suffix in sorted(READ, key=len, reverse=True) if name.lower().endswith(suffix))
    return name[: -len(suffix)] or PurePosixPath(name).name


def _write(target: Path, pieces: Iterator[bytes], budget: Budget) -> None:
    """Damage in the archive and a disk that refuses are told apart."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as plain:
            for piece in pieces:
                plain.write(piece)
    except OSError as error:
        raise _cannot_write(budget, target.parent, error) from error


def _cannot_write(budget: Budget, folder: Path, error: OSError) -> ArchiveError:
    return ArchiveError(
        f"{budget.title} cannot be unpacked into {folder} ({error.strerror}). Set the environment variable FER_CACHE "
        "to a folder with room that can be written, or unpack the archive yourself and give its folder."
    )
