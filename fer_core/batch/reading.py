"""From the entries of a plan to the bytes of photos. Archives and Parquet files are read in order and stay open."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from fer_core.batch import packed
from fer_core.batch.listing import ADDRESS, FAILED, FILE_KIND, MEMBER, WHOLE, Entry
from fer_core.datasets.archives.member import Member
from fer_core.errors import BatchError, FerError
from fer_core.photos import files

Loader = Callable[[], bytes]
"""Gives the bytes of one photo; what it raises is a FerError. It may be called on another thread, in any order."""

MISSING = "This photo was in the archive or file when the batch was planned, and is not there now."


class Reader:
    """Reads the photos of parts. Parts that follow one another go on in the same archive."""

    def __init__(self) -> None:
        """Nothing is open yet."""
        self._source = ""
        self._found: Iterator[tuple[int, bytes | FerError]] = iter(())
        self._ended: FerError | None = None

    def photos(self, entries: Iterable[Entry]) -> Iterator[tuple[str, Loader]]:
        """Name and loader of each photo, in the order of the plan."""
        for entry in entries:
            if entry.kind == WHOLE:
                yield from _whole(entry.source)
            else:
                yield entry.photo, self._loader(entry)

    def _loader(self, entry: Entry) -> Loader:
        if entry.kind == FILE_KIND:
            return partial(files.read, Path(entry.source))
        if entry.kind == ADDRESS:
            return partial(packed.read_address, entry.source)
        if entry.kind == FAILED:
            return _given(BatchError(entry.note))
        return _given(self._packed(entry))

    def _packed(self, entry: Entry) -> bytes | FerError:
        """The content of a photo in an archive or a Parquet file, which is read up to it."""
        if self._source != entry.source:
            self._source, self._ended = entry.source, None
            self._found = _members(entry.source) if entry.kind == MEMBER else _rows(entry.source, entry.place)
        if self._ended is not None:
            return self._ended
        try:
            for number, content in self._found:
                if number == entry.place:
                    return content
            self._ended = BatchError(MISSING)
        except FerError as error:
            self._ended = error
        return self._ended


def _members(source: str) -> Iterator[tuple[int, bytes | FerError]]:
    return ((number, _content(member)) for number, _, member in packed.photos_of(source))


def _rows(source: str, first: int) -> Iterator[tuple[int, bytes | FerError]]:
    yield from packed.pictures(source, first)


def _whole(source: str) -> Iterator[tuple[str, Loader]]:
    """All photos of an archive whose content nobody knows yet, and a last failure where it breaks off."""
    try:
        for _, name, member in packed.photos_of(source):
            yield f"{source}/{name}", _given(_content(member))
    except FerError as error:
        yield source, _given(error)


def _content(member: Member) -> bytes | FerError:
    try:
        return packed.content(member)
    except FerError as error:
        return error


def _given(content: bytes | FerError) -> Loader:
    def load() -> bytes:
        if isinstance(content, FerError):
            raise content
        return content

    return load
