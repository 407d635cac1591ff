"""Sizes of many image files from their headers; nothing is decoded."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets.base import Progress
from fer_core.errors import PhotoError
from fer_core.photos import formats, images

HEIF = tuple(formats.HEIF_SUFFIXES)

STEP = 2000
"""Files between two calls of progress."""


def sizes(root: Path, names: Sequence[str], progress: Progress | None = None) -> NDArray[np.int32]:
    """Height and width (n, 2) of each file, upright; -1 where the file is no image that is known."""
    flat = itertools.chain.from_iterable(_sides(root, names, progress))
    found = np.fromiter(flat, np.int32, 2 * len(names)).reshape(-1, 2)
    if progress:
        progress(len(names), len(names))
    return found


def _sides(root: Path, names: Sequence[str], progress: Progress | None) -> Iterator[tuple[int, int]]:
    from imagesize import get  # type: ignore[import-untyped]

    folder = f"{root}/"
    for number, name in enumerate(names):
        if progress and number % STEP == 0:
            progress(number, len(names))
        yield _size(folder + name, get)


def _size(path: str, get: Callable[[str], tuple[int, int]]) -> tuple[int, int]:
    if path.lower().endswith(HEIF):  # imagesize gives the size of the coded blocks
        return _pillow_size(path)
    try:
        width, height = get(path)
    except Exception:  # a header may break the parser in any way; the file is then no image to us
        return -1, -1
    return (int(height), int(width)) if min(width, height) > 0 and max(width, height) < 1 << 20 else _pillow_size(path)


def _pillow_size(path: str) -> tuple[int, int]:
    try:
        return images.size(Path(path).read_bytes())
    except (OSError, PhotoError):
        return -1, -1
