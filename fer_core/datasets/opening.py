"""Which adapter reads what lies at a path."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from fer_core import settings
from fer_core.datasets import archives, cache, stored
from fer_core.datasets.adapters import affectnet, ck_plus, class_folders, expw, fer2013, fer2013_csv, raf_db
from fer_core.datasets.base import Dataset, ImageFiles, ImageTable, Problems, Progress
from fer_core.datasets.files import Translation, assemble
from fer_core.datasets.listing import Listing, walk
from fer_core.errors import DatasetError


class TableAdapter(NamedTuple):
    """A CSV with the pixels inside."""

    recognises: Callable[[Path], bool]
    read: Callable[[Path, Progress | None], ImageTable]


class FolderAdapter(NamedTuple):
    """Image files in folders."""

    recognises: Callable[[Listing], bool]
    translate: Callable[[Listing, Problems], Translation]


TABLES: Mapping[str, TableAdapter] = MappingProxyType(
    {
        ck_plus.KIND: TableAdapter(ck_plus.recognises_csv, ck_plus.read_csv),
        fer2013_csv.KIND: TableAdapter(fer2013_csv.recognises, fer2013_csv.read),
        fer2013_csv.FERPLUS: TableAdapter(lambda _path: False, fer2013_csv.read_ferplus),
    }
)

FOLDERS: Mapping[str, FolderAdapter] = MappingProxyType(
    {
        raf_db.KIND: FolderAdapter(raf_db.recognises, raf_db.translate),
        affectnet.KIND: FolderAdapter(affectnet.recognises, affectnet.translate),
        expw.KIND: FolderAdapter(expw.recognises, expw.translate),
        ck_plus.KIND: FolderAdapter(ck_plus.recognises, ck_plus.translate),
        fer2013_csv.KIND: FolderAdapter(lambda _listing: False, class_folders.translate_fer2013),
        class_folders.KIND: FolderAdapter(class_folders.recognises, class_folders.translate),
    }
)
"""By kind; the first that recognises a folder reads it. All but class folders are told by a label file."""

CLOSED = "a folder that cannot be read"

KINDS = tuple(dict.fromkeys((*TABLES, *FOLDERS)))


def open_table(path: Path, kind: str | None, progress: Progress | None) -> ImageTable | None:
    """The CSV at a path or in a folder, or None when there is none of that kind.

    Raises:
        DatasetError: there is one, and it is something else.
    """
    for name, adapter in TABLES.items():
        if kind is None and adapter.recognises(path):
            return adapter.read(path, progress)
        if kind == name and (name not in FOLDERS or path.is_file() or adapter.recognises(path)):
            return adapter.read(path, progress)
    return None


def open_folder(path: Path, kind: str | None, progress: Progress | None) -> Dataset:
    """The images below a folder, from the cache when nothing changed since they were read.

    Raises:
        DatasetError: there is no image, or no label.
    """
    if known := stored.read(path, kind):
        return known
    listing = walk(path, progress)
    if not listing.images:
        if (table := _table_below(listing)) and (dataset := open_table(table, kind, progress)):
            return dataclasses.replace(dataset, path=path)
        raise DatasetError(
            f"The folder {path} holds no image. Expected class folders such as {path.name}/angry with images in them."
        )
    images = _read(listing, kind, progress)
    stored.write(path, kind, listing, images)
    return images


def _table_below(listing: Listing) -> Path | None:
    """The CSV of a dataset further down, where archives put it."""
    files = [listing.root / name for name in listing.labels]
    return next((file for file in files if file.name in fer2013.FILES or ck_plus.recognises_csv(file)), None)


def _read(listing: Listing, kind: str | None, progress: Progress | None) -> ImageFiles:
    name = kind or next(name for name, adapter in FOLDERS.items() if adapter.recognises(listing))
    problems = Problems()
    for folder in listing.closed:
        problems.add(folder, CLOSED)
    return assemble(name, listing.root, FOLDERS[name].translate(listing, problems), problems, progress)


def unpacked(path: Path, progress: Progress | None) -> Path:
    """The folder with an archive's files, below the user's cache folder; unpacked once.

    Raises:
        ArchiveError: the archive is not safe, or damaged, or the cache folder cannot be written.
    """
    folder = settings.cache_folder() / f"unpacked-{cache.key(path)}"
    if not folder.is_dir():
        archives.unpack(path, folder, progress=progress)
    return folder
