"""How much may come out of an archive, the archives inside it included."""

from dataclasses import dataclass

from fer_core.errors import ArchiveError

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


class Budget:
    """What is left of the limits; archives inside one another share it."""

    def __init__(self, limits: Limits, title: str) -> None:
        """Begin with all of it; `title` is what the user gave, for sentences."""
        self.limits = limits
        self.title = title
        self.entries = 0
        self._bytes = 0

    def entry(self, count: int = 1) -> None:
        """Raises: ArchiveError: there are more files and folders than may be."""
        self.entries += count
        if self.entries > self.limits.entries:
            raise ArchiveError(
                f"{self.title} has {self.entries:,} entries or more; at most {self.limits.entries:,} are read. "
                "Pack fewer files, or several archives."
            )

    def take(self, size: int) -> None:
        """Raises: ArchiveError: all files together are larger than they may be."""
        self._bytes += size
        if self._bytes > self.limits.total_bytes:
            raise ArchiveError(
                f"{self.title} would unpack to {self._bytes / 1e6:,.0f} MB or more; at most "
                f"{self.limits.total_bytes / 1e6:,.0f} MB are read. Pack fewer or smaller files."
            )
