"""Photos inside other files: zip and tar archives (also WebDataset shards) and Parquet files with pictures in them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Literal

from fer_core import extras
from fer_core.batch.folder import filesystem, is_address
from fer_core.datasets import archives
from fer_core.datasets.archives import Limits
from fer_core.datasets.archives.member import Member, Source
from fer_core.datasets.tabular.parquet import PICTURES
from fer_core.errors import ArchiveError, BatchError
from fer_core.photos import formats
from fer_core.photos.images import MAX_BYTES
from fer_core.tables import columns

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

LIMITS = Limits(entries=10_000_000, total_bytes=10_000_000_000_000)
"""Archives on the user's own disk that are read in pieces and never unpacked as a whole."""

AT_A_TIME = 8
"""Rows of a Parquet file whose pictures are in memory at once."""

PACKED_TAR = (b"\x1f\x8b", b"BZh")


class RemoteFile:
    """A file behind an address that opens like a path."""

    def __init__(self, address: str) -> None:
        """Find the file system; the file is opened later."""
        self._system, self._path = filesystem(address)
        self.name = PurePosixPath(self._path).name

    def open(self, mode: Literal["rb"]) -> IO[bytes]:
        stream: IO[bytes] = self._system.open(self._path, mode)
        return stream


def at(source: str) -> Source:
    """The file at a path or an address."""
    return RemoteFile(source) if is_address(source) else Path(source)


def read_address(address: str) -> bytes:
    """The content of a photo behind an address, as far as one byte over the limit.

    Raises:
        BatchError: it cannot be read.
    """
    try:
        with RemoteFile(address).open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except BatchError:
        raise
    except Exception as error:  # each file system raises its own errors
        raise BatchError(f"{address} cannot be read ({error}). Check the address and its keys.") from error


def is_packed(path: Path) -> bool:
    """Whether this is a tar that was compressed as a whole, which can only be read from its beginning."""
    try:
        with path.open("rb") as stream:
            return stream.read(3).startswith(PACKED_TAR)
    except OSError:
        return False


def members(source: Path, passed_over: Counter[str]) -> Iterator[tuple[int, str]]:
    """Number and name of the photos in an archive, without their content; what is no photo is counted.

    Raises:
        ArchiveError: it is damaged, or not safe to read.
    """
    for number, member in enumerate(archives.members(source, LIMITS)):
        if formats.is_read(member.name):
            yield number, member.name
        else:
            kind = formats.not_read(member.name)
            passed_over[kind or f"files that end in {PurePosixPath(member.name).suffix.lower() or 'nothing'}"] += 1


def photos_of(source: str) -> Iterator[tuple[int, str, Member]]:
    """Number, name and member of the photos in an archive, to be read in their order.

    Raises:
        ArchiveError: it is damaged, not safe to read, or does not answer.
    """
    try:
        for number, member in enumerate(archives.members(at(source), LIMITS)):
            if formats.is_read(member.name):
                yield number, member.name, member
    except (ArchiveError, BatchError):
        raise
    except Exception as error:  # file systems of other computers raise their own errors
        raise ArchiveError(f"{source} cannot be read ({error}). Check that it is there and whole.") from error


def content(member: Member) -> bytes:
    """The bytes of a photo in an archive, as far as they are needed to say that it is too large.

    Raises:
        ArchiveError: it is damaged.
    """
    pieces, size = [], 0
    for piece in member.pieces:
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BYTES:
            break
    return b"".join(pieces)


def row_names(source: str) -> Iterator[tuple[int, str]]:
    """Number and name of each row of a Parquet file with pictures, without reading them.

    Raises:
        BatchError: it cannot be read, or has no column of pictures.
    """
    with _opened(source) as opened:
        _column(opened, source)
        for row in range(opened.metadata.num_rows):
            yield row, f"row {row}"


def pictures(source: str, first: int) -> Iterator[tuple[int, bytes]]:
    """Row number and bytes of the pictures of a Parquet file, from a row on.

    Raises:
        BatchError: it cannot be read.
    """
    with _opened(source) as opened:
        column = _column(opened, source)
        start = 0
        for group in range(opened.num_row_groups):
            rows = opened.metadata.row_group(group).num_rows
            if start + rows > first:
                yield from _of_group(opened, source, group, column, start, first)
            start += rows


def _of_group(
    opened: "ParquetFile", source: str, group: int, column: str, start: int, first: int
) -> Iterator[tuple[int, bytes]]:
    row = start
    try:
        for batch in opened.iter_batches(AT_A_TIME, row_groups=[group], columns=[column]):
            for cell in batch.column(0):
                if row >= first:
                    value = cell.as_py()
                    data = value.get("bytes") if isinstance(value, dict) else value
                    yield row, data if isinstance(data, bytes) else b""
                row += 1
    except Exception as error:
        raise _unreadable(source, error) from error


@contextmanager
def _opened(source: str) -> Iterator["ParquetFile"]:
    """A Parquet file, closed at the end."""
    extras.need("pyarrow")
    import pyarrow.parquet

    with ExitStack() as stack:
        try:
            stream = stack.enter_context(at(source).open("rb"))
            opened = stack.enter_context(pyarrow.parquet.ParquetFile(stream, pre_buffer=False))
        except BatchError:
            raise
        except Exception as error:  # pyarrow's errors and those of each file system
            raise _unreadable(source, error) from error
        yield opened


def _column(opened: "ParquetFile", source: str) -> str:
    names: list[str] = list(opened.schema_arrow.names)
    plain = [columns.plain(name) for name in names]
    found = next((names[plain.index(name)] for name in PICTURES if name in plain), None)
    if found is None:
        raise BatchError(
            f"{source} has the columns {', '.join(names[:8])}; expected one with pictures, called image, as Hugging "
            "Face's image datasets have it."
        )
    return found


def _unreadable(source: str, error: Exception) -> BatchError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return BatchError(f"{source} cannot be read as Parquet ({reason}). Get it again.")
