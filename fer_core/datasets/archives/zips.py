"""Zip files: what is inside is judged by the directory before a byte is unpacked."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO

from fer_core.datasets.archives import names
from fer_core.datasets.archives.limits import SMALL, Budget
from fer_core.datasets.archives.member import CHUNK, Member, Source
from fer_core.errors import ArchiveError
from fer_core.tables import encodings

PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Ways of packing that need little memory; LZMA may ask for gigabytes."""

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    struct.error,
)
"""What zipfile raises on damaged contents."""

LOCKED, UTF_8 = 0x1, 0x800
UNICODE_PATH = 0x7075
"""Extra field of Info-ZIP that holds the name in UTF-8."""

END, END_64 = b"PK\x05\x06", b"PK\x06\x06"
LONGEST_END = (1 << 16) + 200
BYTES_PER_ENTRY = 400
"""Of the directory, on average and at most: a larger one holds names that nobody wrote."""


def members(data: bytes | Source, budget: Budget) -> Iterator[Member]:
    """The files of a zip in its order. All but damage inside a file is found before the first is given.

    Raises:
        ArchiveError: no zip, damaged, locked, larger than the limits, or a name or link that leads outside.
    """
    stream = _stream(data, budget)
    try:
        archive = _open(stream, budget)
        infos = archive.infolist()
        budget.entry(len(infos))
        written = _written_names(infos)
        for info, name in zip(infos, written, strict=True):
            _check(info, name, budget)
    except ArchiveError:
        stream.close()
        raise
    return _given(stream, archive, written, budget)


def _given(stream: IO[bytes], archive: zipfile.ZipFile, written: Sequence[str], budget: Budget) -> Iterator[Member]:
    distinct = names.Distinct()
    with stream, archive:
        for info, raw in zip(archive.infolist(), written, strict=True):
            name = names.clean(raw)
            if not names.is_folder(raw) and name and names.wanted(name):
                free = distinct.of(name)
                yield Member(free, info.file_size, _pieces(archive, info, free, budget))


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, budget: Budget) -> Iterator[bytes]:
    """The content, never more of it than the directory says, whatever is packed inside."""
    left = info.file_size
    try:
        with archive.open(info) as packed:
            while piece := packed.read(CHUNK):
                left -= len(piece)
                yield piece
        if left:
            raise EOFError
    except BROKEN as error:
        raise ArchiveError(
            f"{budget.title} is damaged at {name[-80:]!r}: its content is not what the archive says. "
            "Pack the files again."
        ) from error


def _stream(data: bytes | Source, budget: Budget) -> IO[bytes]:
    try:
        return io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
    except OSError as error:
        raise ArchiveError(f"{budget.title} cannot be opened ({error.strerror}). Check its path and rights.") from error


def _open(stream: IO[bytes], budget: Budget) -> zipfile.ZipFile:
    try:
        _check_directory(stream, budget)
        return zipfile.ZipFile(stream)
    except ArchiveError:
        raise
    except Exception as error:  # zipfile raises nearly anything on hostile bytes
        raise ArchiveError(
            f"{budget.title} is no zip archive, or it is damaged. Pack the files again as a zip."
        ) from error


def _check_directory(stream: IO[bytes], budget: Budget) -> None:
    """Refuse a directory of millions of entries before zipfile makes an object of each."""
    length = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, length - LONGEST_END))
    tail = stream.read()
    place, place_64 = tail.rfind(END), tail.rfind(END_64)
    size = struct.unpack_from("<I", tail, place + 12)[0] if 0 <= place <= len(tail) - 16 else 0
    if size == 0xFFFFFFFF and 0 <= place_64 <= len(tail) - 48:
        size = struct.unpack_from("<Q", tail, place_64 + 40)[0]
    if size > BYTES_PER_ENTRY * budget.limits.entries + (1 << 20):
        raise ArchiveError(
            f"{budget.title} has far more entries, or far longer names, than the {budget.limits.entries:,} files that "
            "are read. Pack fewer files, or several archives."
        )


def _check(info: zipfile.ZipInfo, name: str, budget: Budget) -> None:
    shown = repr(name[:80])
    if names.leads_outside(name):
        raise ArchiveError(
            f"{budget.title} names a file outside its own folder, {shown}. It is not opened; pack the files again."
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ArchiveError(f"{budget.title} holds a link, {shown}, where a file was expected. Pack the file itself.")
    if info.flag_bits & LOCKED:
        raise ArchiveError(f"{budget.title} is locked with a password ({shown}). Pack it again without one.")
    if info.compress_type not in PLAIN:
        raise ArchiveError(
            f"{shown} in {budget.title} is packed in a way that is not read here. Pack as an ordinary zip (deflate)."
        )
    if info.file_size > SMALL and info.file_size > budget.limits.ratio * max(info.compress_size, 1):
        raise ArchiveError(
            f"{shown} in {budget.title} would grow from {info.compress_size:,} to {info.file_size:,} bytes, more than "
            f"{budget.limits.ratio:.0f} times: that is how zip bombs are made. It is not opened."
        )
    budget.take(info.file_size)


def _written_names(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Names as their writer meant them: zip files of Windows do not say in which encoding they are."""
    raw = [None if info.flag_bits & UTF_8 else info.orig_filename.encode("cp437", "replace") for info in infos]
    foreign = b"\n".join(name for name in raw if name is not None and not name.isascii())
    codec = encodings.of_names(foreign)
    return [
        info.orig_filename if name is None else _unicode_path(info, name) or name.decode(codec, "replace")
        for info, name in zip(infos, raw, strict=True)
    ]


def _unicode_path(info: zipfile.ZipInfo, raw: bytes) -> str | None:
    extra = info.extra
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        content, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == UNICODE_PATH and len(content) > 5 and struct.unpack_from("<I", content, 1)[0] == zlib.crc32(raw):
            return content[5:].decode("utf-8", "replace")
    return None
