"""Which adapter reads what lies at a path."""

import dataclasses
from pathlib import Path

from fer_core import settings
from fer_core.datasets import adapters, archives, catalogue
from fer_core.datasets.adapters import ADAPTERS, ck_plus, fer2013
from fer_core.datasets.base import Dataset, ImageFiles, ImageTable, Problems, Progress
from fer_core.datasets.files import assemble
from fer_core.datasets.listing import Listing, walk
from fer_core.datasets.store import cache, folders
from fer_core.errors import DatasetError

CLOSED = "a folder that cannot be read"


def open_table(path: Path, kind: str | None, progress: Progress | None) -> ImageTable | None:
    """The CSV at a path or in a folder, or None when there is none of that kind.

    Raises:
        DatasetError: there is one, and it is something else.
    """
    for adapter in ADAPTERS:
        if adapter.read_table is None:
            continue
        recognised = adapter.recognises_table(path)
        named = kind == adapter.kind and (adapter.translate is None or path.is_file())
        if (kind in (None, adapter.kind) and recognised) or named:
            return adapter.read_table(path, progress)
    return None


def open_folder(path: Path, kind: str | None, progress: Progress | None) -> Dataset:
    """The images below a folder, from the cache when nothing changed since they were read.

    Raises:
        DatasetError: there is no image, or no label.
    """
    if known := folders.read(path, kind):
        return known
    listing = walk(path, progress)
    if not listing.images:
        if (table := _table_below(listing)) and (dataset := open_table(table, kind, progress)):
            return dataclasses.replace(dataset, path=path)
        if kind:
            raise DatasetError(f"{adapters.title(kind)} was not found at {path}. {catalogue.how_to_get(kind)}")
        raise DatasetError(
            f"The folder {path} holds no image. Expected class folders such as {path.name}/angry with images in them."
        )
    images = _read(listing, kind, progress)
    folders.write(path, kind, listing, images)
    return images


def _table_below(listing: Listing) -> Path | None:
    """The CSV of a dataset further down, where archives put it."""
    files = [listing.root / name for name in listing.labels]
    return next((file for file in files if file.name in fer2013.FILES or ck_plus.recognises_table(file)), None)


def _read(listing: Listing, kind: str | None, progress: Progress | None) -> ImageFiles:
    problems = Problems()
    for folder in listing.closed:
        problems.add(folder, CLOSED)
    for adapter in ADAPTERS:
        if adapter.translate and (kind == adapter.kind or (kind is None and adapter.recognises(listing))):
            return assemble(adapter.kind, listing.root, adapter.translate(listing, problems), problems, progress)
    raise DatasetError(f"'{kind}' has no images in files, and {listing.root} holds no table of it.")


def unpacked(path: Path, progress: Progress | None) -> Path:
    """The folder with an archive's files, below the user's cache folder; unpacked once.

    Raises:
        ArchiveError: the archive is not safe, or damaged, or the cache folder cannot be written.
    """
    folder = settings.cache_folder() / f"unpacked-{cache.key(path)}"
    if not folder.is_dir():
        archives.unpack(path, folder, progress=progress)
    return folder
