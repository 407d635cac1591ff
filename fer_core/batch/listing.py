"""What INPUT means: every photo of folders, patterns, lists, archives, Parquet files and addresses.

Nothing is decoded here, and no content is read but that of lists. What is no photo is passed over and counted.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from fer_core.batch import packed
from fer_core.batch.folder import filesystem, is_address
from fer_core.datasets import archives
from fer_core.errors import BatchError, FerError
from fer_core.photos import files, formats
from fer_core.tables import FILE, LARGE, encodings, read

FILE_KIND, ADDRESS, MEMBER, ROW, WHOLE, FAILED = "file", "address", "member", "row", "whole", "failed"
"""A photo in a file; behind an address; in an archive; in a row of a Parquet file. WHOLE: an archive that is read only
from its beginning to its end. FAILED: something that cannot be read, with the sentence that says why."""

LISTS = frozenset((".csv", ".tsv", ".txt", ".lst"))
PARQUET = ".parquet"
MANIFEST = "_manifest.json"
"""A folder with this file holds results of a batch, and no photos."""


class Entry(NamedTuple):
    """One photo of the plan, or an archive as a whole.

    Attributes:
        photo: how the results name it.
        kind: one of those above.
        source: the path or address of the file that holds it.
        place: its number in the archive or the Parquet file.
        note: of FAILED, the sentence.
    """

    photo: str
    kind: str = FILE_KIND
    source: str = ""
    place: int = 0
    note: str = ""


class Listing:
    """Lists the photos of some inputs; `passed_over` counts what else was there, by kind."""

    def __init__(self, inputs: Sequence[str]) -> None:
        """Name the inputs: folders, patterns, lists, archives, Parquet files, photos, addresses."""
        self._inputs = inputs
        self.passed_over: Counter[str] = Counter()

    def entries(self) -> Iterator[Entry]:
        """Every photo once, in an order that is always the same.

        Raises:
            BatchError: an input is not there.
        """
        seen: set[int] | None = set() if self._may_repeat() else None
        for given in self._inputs:
            for entry in self._of_input(given):
                name = hash((entry.photo, entry.source, entry.place))
                if seen is not None and name in seen:
                    self.passed_over["named twice"] += 1
                    continue
                if seen is not None:
                    seen.add(name)
                yield entry

    def _may_repeat(self) -> bool:
        """One folder or archive names nothing twice: the names need not be kept."""
        only = self._inputs[0] if len(self._inputs) == 1 else ""
        return not only or _suffix(only) in LISTS or (not is_address(only) and len(files.expanded([only])) > 1)

    def _of_input(self, given: str) -> Iterator[Entry]:
        if is_address(given):
            yield from self._at_address(given)
            return
        for path in files.expanded([given]):
            if not path.exists():
                raise BatchError(
                    f"There is no {path}; expected photos, folders, lists (CSV or text), zip or tar archives, Parquet "
                    "files, or addresses such as s3://. Check the path."
                )
            yield from self._at(path, named=True)

    def _at(self, path: Path, *, named: bool) -> Iterator[Entry]:
        """A path that the user named, or that a folder holds."""
        name = str(path)
        suffix = _suffix(name)
        if path.is_dir():
            yield from self._folder(path)
        elif archives.is_archive(name):
            found = packed.members(path, self.passed_over)
            yield from self._guarded(name, found, MEMBER, sequential=packed.is_packed(path))
        elif suffix == PARQUET:
            yield from self._guarded(name, packed.row_names(name), ROW)
        elif named and suffix in LISTS:
            yield from self._list(path)
        elif named or formats.is_read(name):
            yield Entry(name, FILE_KIND, name)
        else:
            self._pass_over(name)

    def _folder(self, root: Path) -> Iterator[Entry]:
        """Everything below a folder by name; links are followed, and a folder that two lead to is read once."""
        seen: set[tuple[int, int]] = set()
        waiting = [root]
        while waiting:
            folder = waiting.pop()
            try:
                about = folder.stat()
                inside = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError as error:
                note = f"This folder cannot be read ({error.strerror}). Check its rights."
                yield Entry(str(folder), FAILED, str(folder), note=note)
                continue
            if (about.st_dev, about.st_ino) in seen or any(entry.name == MANIFEST for entry in inside):
                continue
            seen.add((about.st_dev, about.st_ino))
            folders = []
            for entry in inside:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    folders.append(folder / entry.name)
                elif formats.is_read(entry.name) and not entry.is_symlink() and entry.is_file():
                    yield Entry(entry.path, FILE_KIND, entry.path)  # the usual one, without a further look at the disk
                elif entry.is_file() or entry.is_symlink():
                    yield from self._at(folder / entry.name, named=False)
            waiting += reversed(folders)

    def _list(self, path: Path) -> Iterator[Entry]:
        """The photos that a text or CSV file names, relative to its own folder; addresses stand as they are."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise BatchError(f"The list {path} cannot be read ({error.strerror}). Check its rights.") from error
        for name in _names_in(path, data):
            if is_address(name):
                yield Entry(name, ADDRESS, name)
            else:
                place = str(path.parent / name)
                yield Entry(place, FILE_KIND, place)

    def _at_address(self, address: str) -> Iterator[Entry]:
        system, path = filesystem(address)
        protocol = address.partition("://")[0]
        try:
            pattern = any(sign in path for sign in "*?[")
            found = sorted(system.glob(path)) if pattern else sorted(system.find(path))
        except Exception as error:  # each file system raises its own errors
            raise BatchError(f"{address} cannot be listed ({error}). Check the address and its keys.") from error
        if not found:
            raise BatchError(f"There is nothing at {address}; expected photos, archives or Parquet files.")
        for one in found:
            yield from self._remote(f"{protocol}://{str(one).split('://')[-1]}")

    def _remote(self, name: str) -> Iterator[Entry]:
        if archives.is_archive(name):
            yield Entry(name, WHOLE, name)
        elif _suffix(name) == PARQUET:
            yield from self._guarded(name, packed.row_names(name), ROW)
        elif formats.is_read(name):
            yield Entry(name, ADDRESS, name)
        else:
            self._pass_over(name)

    def _guarded(
        self, source: str, found: Iterator[tuple[int, str]], kind: str, *, sequential: bool = False
    ) -> Iterator[Entry]:
        """The photos in an archive or a Parquet file, up to where it is damaged."""
        if sequential:
            yield Entry(source, WHOLE, source)
            return
        try:
            for place, name in found:
                yield Entry(f"{source}/{name}", kind, source, place)
        except FerError as error:
            yield Entry(source, FAILED, source, note=str(error))

    def _pass_over(self, name: str) -> None:
        self.passed_over[formats.not_read(name) or f"files that end in {_suffix(name) or 'nothing'}"] += 1


def _names_in(path: Path, data: bytes) -> Iterator[str]:
    """Cells of the column of files; a text file has one name per line."""
    if _suffix(str(path)) in (".csv", ".tsv"):
        table = read(path.name, data, LARGE)
        table.require(FILE)
        yield from (name for _, (name,) in table.select(FILE) if name)
        return
    for line in encodings.decode(data).text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
