"""A file in an archive, whatever the archive's kind."""

from collections.abc import Iterator
from typing import IO, Literal, NamedTuple, Protocol

CHUNK = 1 << 20
"""Bytes that are unpacked at a time."""


class Member(NamedTuple):
    """A file in an archive.

    Attributes:
        name: in its clean form, like no other in the archive.
        size: in bytes, as declared; `pieces` never give more.
        pieces: the content; they are read before the next member is asked for.
    """

    name: str
    size: int
    pieces: Iterator[bytes]


class Source(Protocol):
    """An archive that lies somewhere: a path, or a file on another computer."""

    @property
    def name(self) -> str: ...

    def open(self, mode: Literal["rb"]) -> IO[bytes]: ...
