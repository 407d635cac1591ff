"""What lies in a folder: its images, its label files, and what tells later that something was added or removed."""

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from fer_core.datasets import archives
from fer_core.datasets.base import Progress
from fer_core.errors import DatasetError
from fer_core.photos import formats

IMAGES = formats.SUFFIXES
LABELS = frozenset((".csv", ".tsv", ".txt", ".lst", ".gz", ".jsonl", ".yaml", ".yml"))
PACKED = frozenset((*archives.READ, ".parquet"))
KNOWN = IMAGES | LABELS

DEEPEST = 12
"""Folders inside folders that are looked into."""

MOST = 3_000_000
"""Images; somebody who names a whole disk is told so."""

STEP = 20_000


@dataclass
class Listing:
    """Names relative to root, with forward slashes, sorted.

    Attributes:
        root: the folder.
        images: image files by their suffix.
        labels: files that may hold labels.
        changed: time of change in ns of each folder (its name ends in '/' or is empty) and label file that was read.
        closed: folders that cannot be read.
        packed: archives and Parquet files.
        not_read: how many files there are of each kind that people mix with photos and that is not read.
    """

    root: Path
    images: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    changed: dict[str, int] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    packed: list[str] = field(default_factory=list)
    not_read: Counter[str] = field(default_factory=Counter)

    def find(self, *endings: str) -> str | None:
        """The first label file, outermost first, whose name or path ends so, whatever its capitals."""
        wanted = tuple(f"/{ending.lower()}" for ending in endings)
        found = [name for name in self.labels if f"/{name.lower()}".endswith(wanted)]
        return min(found, key=lambda name: (name.count("/"), name)) if found else None

    def data(self, name: str, most: int = -1) -> bytes:
        """A label file's bytes, or the first of them; from now on a change of it is seen."""
        try:
            self.changed[name] = (self.root / name).stat().st_mtime_ns
            with (self.root / name).open("rb") as stream:
                return stream.read(most)
        except OSError as error:
            raise DatasetError(f"{self.root / name} cannot be read ({error.strerror}). Check its rights.") from error

    def text(self, name: str) -> str:
        """A label file's text; from now on a change of it is seen."""
        try:
            self.changed[name] = (self.root / name).stat().st_mtime_ns
            return (self.root / name).read_text(encoding="utf-8-sig", errors="replace")
        except OSError as error:
            raise DatasetError(f"{self.root / name} cannot be read ({error.strerror}). Check its rights.") from error


def walk(root: Path, progress: Progress | None = None) -> Listing:
    """Everything below a folder. What is hidden is passed over; a folder that links lead to twice is read once.

    Raises:
        DatasetError: the folder cannot be read, or there is far too much.
    """
    listing = Listing(root)
    waiting = [""]
    seen: set[tuple[int, int]] = set()
    while waiting:
        prefix = waiting.pop()
        try:
            inside = _list(listing, prefix, seen)
        except OSError as error:
            if prefix:
                listing.closed.append(prefix)
                continue
            raise DatasetError(
                f"The folder {root / prefix} cannot be read ({error.strerror}). Check its rights."
            ) from error
        waiting += inside if prefix.count("/") < DEEPEST else []
        if len(listing.images) > MOST:
            raise DatasetError(f"{root} holds over {MOST:,} images. Name the dataset's own folder.")
        if progress:
            progress(0, len(listing.images))
    listing.images.sort()
    listing.labels.sort()
    listing.packed.sort()
    return listing


def _list(listing: Listing, prefix: str, seen: set[tuple[int, int]]) -> list[str]:
    """Note the files of one folder; gives the folders inside."""
    folders: list[str] = []
    about = (listing.root / prefix).stat()
    if (about.st_dev, about.st_ino) in seen:
        return folders
    seen.add((about.st_dev, about.st_ino))
    listing.changed[prefix] = about.st_mtime_ns
    with os.scandir(listing.root / prefix) as entries:
        for entry in entries:
            name = entry.name
            suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - a Path for each of 300,000 files costs seconds
            if name[0] == ".":
                continue
            if entry.is_dir():
                folders.append(f"{prefix}{name}/")
            elif suffix in KNOWN and entry.is_file():  # opening a pipe would wait forever
                (listing.images if suffix in IMAGES else listing.labels).append(prefix + name)
            elif suffix in PACKED and entry.is_file():
                listing.packed.append(prefix + name)
            elif kind := formats.not_read(name):
                listing.not_read[kind] += 1
    return folders


def unchanged(root: Path, changed: dict[str, int]) -> bool:
    """Whether nothing was added, removed or renamed since; an image overwritten in place goes unseen."""
    try:
        return all((root / name).stat().st_mtime_ns == then for name, then in changed.items())
    except OSError:
        return False
