"""Which adapter reads what lies at a path: a table of pixels, a folder, an archive or Parquet files."""

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from fer_core import settings
from fer_core.datasets import adapters, archives, catalogue
from fer_core.datasets.adapters import ADAPTERS, fer2013
from fer_core.datasets.base import DOUBTFUL, Dataset, ImageFiles, ImageTable, Problem, Problems, Progress
from fer_core.datasets.files import assemble
from fer_core.datasets.listing import Listing, walk
from fer_core.datasets.store import cache, folders
from fer_core.datasets.tabular import parquet, pixel_table
from fer_core.errors import DatasetError

CLOSED = "a folder that cannot be read"
NOT_READ = "{}: not read as an image of a dataset"
OTHER_TABLE = f"{DOUBTFUL}a further table of pixels, which is not opened: name it by its own path"


def open_table(path: Path, kind: str | None, progress: Progress | None) -> ImageTable | None:
    """The CSV at a path or in a folder, or None when there is none of that kind.

    Raises:
        DatasetError: there is one, and it is something else.
    """
    for adapter in ADAPTERS:
        if adapter.read_table is None:
            continue
        recognised = kind in (None, adapter.kind) and adapter.recognises_table(path)
        named = kind == adapter.kind and (path.is_file() or adapter.holds_table(path))
        if recognised or named:
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
        return _without_images(listing, kind, progress)
    try:
        images = _read(listing, kind, progress)
    except DatasetError:
        if table := _table_below(listing, kind, progress):  # beside pictures that belong to no dataset
            return table
        raise
    folders.write(path, kind, listing, images)
    return images


def _without_images(listing: Listing, kind: str | None, progress: Progress | None) -> Dataset:
    if table := _table_below(listing, kind, progress):
        return table
    path = listing.root
    if files := [path / name for name in listing.packed if name.endswith(parquet.SUFFIX)]:
        return opened_parquet(path, files, kind, progress)
    if len(listing.packed) == 1:
        return dataclasses.replace(opened_archive(path / listing.packed[0], kind, progress), path=path)
    if listing.packed:
        raise DatasetError(f"{path} holds {len(listing.packed)} archives: {_some(listing.packed)}. Name one of them.")
    if kind:
        raise DatasetError(f"{adapters.title(kind)} was not found at {path}. {catalogue.how_to_get(kind)}")
    others = ", ".join(f"{count:,} x {what}" for what, count in listing.not_read.most_common(3))
    raise DatasetError(
        f"The folder {path} holds no image{f' that is read here ({others})' if others else ''}. Expected class folders "
        f"such as {path.name}/angry with images in them, or a CSV with the columns emotion and pixels."
    )


def _table_below(listing: Listing, kind: str | None, progress: Progress | None) -> Dataset | None:
    """The table of pixels at the top of a folder or further down, under any name; the usual names first."""
    found = list(_tables(listing))
    if not found:
        return None
    dataset = open_table(listing.root / found[0], kind, progress)
    if dataset is None:
        return None
    others = tuple(Problem(name, OTHER_TABLE) for name in found[1:])
    counts = {OTHER_TABLE: len(others)} if others else {}
    return dataclasses.replace(
        dataset,
        path=listing.root,
        problems=(*dataset.problems, *others),
        problem_counts=dict(dataset.problem_counts) | counts,
    )


def _tables(listing: Listing) -> Iterator[str]:
    names = sorted(listing.labels, key=lambda name: (_usual(name), name.count("/"), name))
    return (name for name in names if pixel_table.holds_pixels(listing.root / name))


def _usual(name: str) -> int:
    file = name.rpartition("/")[2]
    return fer2013.FILES.index(file) if file in fer2013.FILES else len(fer2013.FILES)


def _read(listing: Listing, kind: str | None, progress: Progress | None) -> ImageFiles:
    problems = Problems()
    for folder in listing.closed:
        problems.add(folder, CLOSED)
    for what, count in listing.not_read.items():
        problems.add(f"{count:,} files", NOT_READ.format(what), count)
    for adapter in ADAPTERS:
        if adapter.translate and (kind == adapter.kind or (kind is None and adapter.recognises(listing))):
            return assemble(adapter.kind, listing.root, adapter.translate(listing, problems), problems, progress)
    raise DatasetError(f"'{kind}' has no images in files, and {listing.root} holds no table of it.")


def opened_archive(path: Path, kind: str | None, progress: Progress | None) -> Dataset:
    """The dataset in an archive, which is unpacked into the user's cache folder once.

    Raises:
        DatasetError: it holds none; the archive is named, not the cache folder.
        ArchiveError: it is not safe, or damaged, or the cache folder cannot be written.
    """
    folder = settings.cache_folder() / f"{cache.UNPACKED}{cache.key(path)}"
    _unpacked(folder, lambda: archives.unpack(path, folder, progress=progress))
    return _named(folder, path, kind, progress)


def opened_parquet(path: Path, files: list[Path], kind: str | None, progress: Progress | None) -> Dataset:
    """The dataset in Parquet files, whose pictures are unpacked into the user's cache folder once.

    Args:
        path: what the user named.
        files: the Parquet files.
        kind: as the user said it.
        progress: called with files done and their number.

    Raises:
        DatasetError: they hold no pictures with labels.
    """
    folder = settings.cache_folder() / f"{cache.UNPACKED}{cache.key(*files)}"
    _unpacked(folder, lambda: parquet.unpack(files, folder, progress))
    return _named(folder, path, kind, progress)


def _unpacked(folder: Path, unpack: Callable[[], object]) -> None:
    """Fill the folder unless it is there and whole; it counts as used now."""
    if folder.is_dir() and not _is_whole(folder):
        shutil.rmtree(folder, ignore_errors=True)
    if not folder.is_dir():
        unpack()
        cache.write(f"about-{folder.name}", {"measured": np.array(cache.measured(folder))})
    cache.touch(folder)


def _is_whole(folder: Path) -> bool:
    """Whether as many files and bytes are there as were unpacked."""
    about = cache.read(f"about-{folder.name}")
    return about is None or tuple(about.get("measured", ())) == cache.measured(folder)


def _named(folder: Path, path: Path, kind: str | None, progress: Progress | None) -> Dataset:
    try:
        found = open_table(folder, kind, progress) or open_folder(folder, kind, progress)
    except DatasetError as error:  # the user knows the archive, not the folder that it was unpacked into
        raise DatasetError(str(error).replace(str(folder), path.name).replace(folder.name, path.name)) from error
    return dataclasses.replace(found, path=path)


def _some(names: list[str]) -> str:
    return ", ".join(names[:5])
