"""Sizes of many image files from their headers; nothing is decoded."""

import itertools
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import imagesize  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

from fer_core.datasets.base import Progress
from fer_core.errors import DatasetError

SUFFIXES = frozenset((".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".pgm"))
STEP = 2000
"""Files between two calls of progress."""

DEEPEST = 12
"""Folders inside folders that are looked into."""


def walk(root: Path) -> tuple[list[str], dict[str, int]]:
    """All image files below a folder, and what tells later whether something was added or removed.

    Hidden files and folders are passed over, links to folders are not followed.

    Returns:
        names relative to root, sorted; and the time of change of each folder, in ns, by its relative name.

    Raises:
        DatasetError: the folder cannot be read.
    """
    names: list[str] = []
    changed: dict[str, int] = {}
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        try:
            changed[prefix] = (root / prefix).stat().st_mtime_ns
            inside, files = _list(root, prefix)
        except OSError as error:
            raise DatasetError(
                f"The folder {root / prefix} cannot be read ({error.strerror}). Check its rights."
            ) from error
        names += files
        waiting += inside if prefix.count("/") < DEEPEST else []
    return sorted(names), changed


def _list(root: Path, prefix: str) -> tuple[list[str], list[str]]:
    folders, files = [], []
    with os.scandir(root / prefix) as entries:
        for entry in entries:
            if entry.name[0] == ".":
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(f"{prefix}{entry.name}/")
            elif os.path.splitext(entry.name)[1].lower() in SUFFIXES:  # noqa: PTH122 - a Path each costs 300,000 times
                files.append(prefix + entry.name)
    return folders, files


def unchanged(root: Path, changed: dict[str, int]) -> bool:
    """Whether no file was added, removed or renamed since `walk`; an image overwritten in place goes unseen."""
    try:
        return all((root / prefix).stat().st_mtime_ns == then for prefix, then in changed.items())
    except OSError:
        return False


def sizes(root: Path, names: Sequence[str], progress: Progress | None = None) -> NDArray[np.int32]:
    """Height and width (n, 2) of each file; -1 where the file is no image that is known."""
    flat = itertools.chain.from_iterable(_sides(root, names, progress))
    found = np.fromiter(flat, np.int32, 2 * len(names)).reshape(-1, 2)
    if progress:
        progress(len(names), len(names))
    return found


def _sides(root: Path, names: Sequence[str], progress: Progress | None) -> Iterator[tuple[int, int]]:
    folder = f"{root}/"
    for number, name in enumerate(names):
        if progress and number % STEP == 0:
            progress(number, len(names))
        yield _size(folder + name)


def _size(path: str) -> tuple[int, int]:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - opening a pipe would wait forever
            return -1, -1
        width, height = imagesize.get(path)
    except Exception:  # a header may break the parser in any way; the file is then no image to us
        return -1, -1
    return (int(height), int(width)) if min(width, height) > 0 else (-1, -1)
