"""Zip files from strangers: what is inside is judged by its directory before a byte is unpacked."""

import contextlib
import io
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fer_core.errors import ArchiveError

PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Ways of packing that need little memory; LZMA may ask for gigabytes."""

CHUNK = 1 << 20
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
"""What zipfile raises on damaged contents."""

SMALL = 100_000
"""Files up to so many bytes may be packed at any ratio: a blank image shrinks a hundredfold by right."""


@dataclass(frozen=True)
class Limits:
    """What an archive may hold.

    Attributes:
        entries: files and folders.
        total_bytes: all files unpacked.
        ratio: unpacked to packed bytes of one file.
    """

    entries: int = 20_000
    total_bytes: int = 1_000_000_000
    ratio: float = 200.0


UPLOAD = Limits()
DATASET = Limits(entries=1_000_000, total_bytes=40_000_000_000)
"""For archives on the user's own disk."""


def entries(data: bytes | Path, limits: Limits = UPLOAD) -> Iterator[tuple[str, bytes]]:
    """Names (with forward slashes) and contents of the files in a zip, one after the other, in its order.

    Folders, hidden files and what macOS adds are passed over. Nothing is written to disk.

    Raises:
        ArchiveError: no zip, damaged, locked, larger than the limits, or a name or link that leads outside. All but
            damage inside a file is found before the first file is given.
    """
    archive = _open(data)
    members = checked(archive, limits)
    return _contents(archive, members)


def unpack(
    path: Path, folder: Path, limits: Limits = DATASET, progress: Callable[[int, int], None] | None = None
) -> None:
    """Write the files of a zip below a new folder, which appears only when all of them are there.

    Raises:
        ArchiveError: as entries.
    """
    with _open(path) as archive:
        members = checked(archive, limits)
        part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name}-"))
        try:
            for done, (name, member) in enumerate(members.items()):
                if progress and done % 500 == 0:
                    progress(done, len(members))
                _unpack_one(archive, member, part / name)
            with contextlib.suppress(OSError):  # somebody else was faster, with the same files
                part.replace(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def checked(archive: zipfile.ZipFile, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """The files of an archive by name.

    Raises:
        ArchiveError: as entries.
    """
    infos = archive.infolist()
    if len(infos) > limits.entries:
        raise ArchiveError(
            f"This zip has {len(infos):,} entries; at most {limits.entries:,} are read. "
            "Pack fewer files, or several zips."
        )
    total = sum(info.file_size for info in infos)
    if total > limits.total_bytes:
        raise ArchiveError(
            f"This zip would unpack to {total / 1e6:,.0f} MB; at most {limits.total_bytes / 1e6:,.0f} MB are read. "
            "Pack fewer or smaller files."
        )
    for info in infos:
        _check(info, limits)
    return {info.filename.removeprefix("./"): info for info in infos if not info.is_dir() and _wanted(info.filename)}


def _check(info: zipfile.ZipInfo, limits: Limits) -> None:
    shown = repr(info.orig_filename[:80])
    if _leads_outside(info.orig_filename) or _leads_outside(info.filename):
        raise ArchiveError(
            f"This zip names a file outside its own folder, {shown}. It is not opened; pack the files again."
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ArchiveError(f"This zip holds a link, {shown}, where a file was expected. Pack the file itself.")
    if info.flag_bits & 0x1:
        raise ArchiveError(f"This zip is locked with a password ({shown}). Pack it again without one.")
    if info.compress_type not in PLAIN:
        raise ArchiveError(f"{shown} is packed in a way that is not read here. Pack as an ordinary zip (deflate).")
    if info.file_size > SMALL and info.file_size > limits.ratio * max(info.compress_size, 1):
        raise ArchiveError(
            f"{shown} would grow from {info.compress_size:,} to {info.file_size:,} bytes, more than "
            f"{limits.ratio:.0f} times: that is how zip bombs are made. It is not opened."
        )


def _leads_outside(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return not name or "\0" in name or ".." in parts or parts[0] == "" or parts[0].endswith(":")


def _wanted(name: str) -> bool:
    return not any(part.startswith((".", "__MACOSX")) for part in name.removeprefix("./").split("/"))


def _open(data: bytes | Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data)
    except OSError as error:
        raise ArchiveError(f"The zip cannot be opened ({error.strerror}). Check its path and rights.") from error
    except Exception as error:  # zipfile raises nearly anything on hostile bytes
        raise ArchiveError("This file is no zip archive, or it is damaged. Pack the files again as a zip.") from error


def _contents(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    with archive:
        for name, member in members.items():
            try:
                content = archive.read(member)
            except BROKEN as error:
                raise _damaged(name) from error
            yield name, content


def _unpack_one(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as packed, target.open("xb") as plain:
            shutil.copyfileobj(packed, plain, CHUNK)
    except BROKEN as error:
        raise _damaged(member.filename) from error


def _damaged(name: str) -> ArchiveError:
    return ArchiveError(f"The zip is damaged at {name[:80]!r}, or the disk is full. Pack the files again as a zip.")
