"""Tar files, plain or packed by gzip or bzip2, read from their beginning to their end in one go."""

import bz2
import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from typing import IO

from fer_core.datasets.archives import names
from fer_core.datasets.archives.limits import Budget
from fer_core.datasets.archives.member import CHUNK, Member, Source
from fer_core.errors import ArchiveError

BROKEN = (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError)
GZIP, BZIP2 = b"\x1f\x8b", b"BZh"
LARGEST_HEADER = 8 * CHUNK
"""Bytes of a header with long names; tarfile would read any number of them at once."""


def members(data: bytes | Source, budget: Budget) -> Iterator[Member]:
    """The files of a tar in its order.

    Raises:
        ArchiveError: no tar, damaged, larger than the limits, or a name or link that leads outside. What is wrong
            further back is found when the files before it have been given.
    """
    try:
        raw: IO[bytes] = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
        start = raw.read(3)
        raw.seek(0)
    except OSError as error:
        raise ArchiveError(f"{budget.title} cannot be opened ({error.strerror}). Check its path and rights.") from error
    return _given(raw, start, budget)


def _given(raw: IO[bytes], start: bytes, budget: Budget) -> Iterator[Member]:
    distinct = names.Distinct()
    with raw, _unpacked(raw, start) as stream:
        bounded = _Bounded(stream, budget)
        archive = _open(bounded, budget)
        while (info := _next(archive, bounded, budget)) is not None:
            archive.members = []  # type: ignore[attr-defined]  # tarfile would keep all of them
            budget.entry()
            _check(info, budget)
            name = names.clean(info.name)
            if info.isreg() and name and names.wanted(name):
                yield Member(distinct.of(name), info.size, _pieces(archive, info, budget))


def _unpacked(raw: IO[bytes], start: bytes) -> IO[bytes]:
    if start.startswith(GZIP):
        return gzip.GzipFile(fileobj=raw)  # type: ignore[return-value]
    return bz2.BZ2File(raw) if start == BZIP2 else raw


def _open(stream: "_Bounded", budget: Budget) -> tarfile.TarFile:
    try:
        return tarfile.TarFile(fileobj=stream)  # type: ignore[arg-type]
    except BROKEN as error:
        raise ArchiveError(
            f"{budget.title} is no tar archive, or it is damaged. Pack the files again, as a zip or a tar.gz."
        ) from error


def _next(archive: tarfile.TarFile, stream: "_Bounded", budget: Budget) -> tarfile.TarInfo | None:
    try:
        info = archive.next()
    except BROKEN as error:
        raise _damaged(budget) from error
    if info is None and stream.last.strip(b"\0"):  # tarfile takes a header that makes no sense for the end
        raise _damaged(budget)
    return info


def _check(info: tarfile.TarInfo, budget: Budget) -> None:
    shown = repr(info.name[:80])
    if names.leads_outside(info.name):
        raise ArchiveError(
            f"{budget.title} names a file outside its own folder, {shown}. It is not opened; pack the files again."
        )
    if info.issym() or info.islnk():
        raise ArchiveError(f"{budget.title} holds a link, {shown}, where a file was expected. Pack the file itself.")
    if not (info.isreg() or info.isdir()):
        raise ArchiveError(f"{budget.title} holds a device, {shown}, where a file was expected. Pack files only.")
    budget.take(info.size if info.isreg() else 0)


def _pieces(archive: tarfile.TarFile, info: tarfile.TarInfo, budget: Budget) -> Iterator[bytes]:
    try:
        packed = archive.extractfile(info)
        while packed is not None and (piece := packed.read(CHUNK)):
            yield piece
    except BROKEN as error:
        raise _damaged(budget) from error


def _damaged(budget: Budget) -> ArchiveError:
    return ArchiveError(f"{budget.title} is damaged or was cut short. Get it again, or pack the files again.")


class _Bounded:
    """A stream that refuses to give far too much, in one piece or in all."""

    def __init__(self, stream: IO[bytes], budget: Budget) -> None:
        self._stream = stream
        self._budget = budget
        self._most = budget.limits.total_bytes + 2048 * budget.limits.entries
        self.last = b""
        self.name = ""
        self.mode = "rb"

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= LARGEST_HEADER:
            raise ArchiveError(f"{self._budget.title} has a header of {size:,} bytes, which no tar has. Pack it again.")
        self._check()
        self.last = self._stream.read(size)
        return self.last

    def seek(self, place: int, whence: int = 0) -> int:
        if whence or place > self._most:
            self._budget.take(max(place, 0))
        return self._stream.seek(place, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def _check(self) -> None:
        if self._stream.tell() > self._most:
            self._budget.take(self._stream.tell())
