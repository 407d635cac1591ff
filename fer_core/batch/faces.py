"""The pictures behind rows of a batch: a face cut out of its photo, read again from where it lies."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.batch import packed
from fer_core.batch.folder import is_address
from fer_core.batch.listing import PARQUET
from fer_core.datasets import archives
from fer_core.errors import BatchError, FerError, PhotoError, unforeseen
from fer_core.photos import analysis, files, images

AROUND = 0.25
"""Of the box that is shown around it, on each side."""
LONGEST = 1200
"""Pixels of the longest side to which a large photo is reduced at least."""


def cut(row: Mapping[str, Any]) -> NDArray[np.uint8] | None:
    """The face of a row with some of the photo around it, uint8 (h, w, 3) RGB; None where the photo cannot be read.

    Args:
        row: photo, x, y, width and height of a batch.
    """
    try:
        with unforeseen(PhotoError, analysis.UNFORESEEN):
            pixels, divisor = images.decode_reduced(content(row["photo"]), LONGEST)
    except FerError:
        return None
    x, y, width, height = (row[name] / divisor for name in ("x", "y", "width", "height"))
    margin = AROUND * max(width, height)
    top, left = max(0, round(y - margin)), max(0, round(x - margin))
    found = pixels[top : round(y + height + margin), left : round(x + width + margin)]
    return np.ascontiguousarray(found) if found.size else None


def content(photo: str) -> bytes:
    """The bytes of a photo by the name that a batch gave it.

    Raises:
        FerError: it is not there any more.
    """
    source, name = _place(photo)
    if not name:
        return packed.read_address(photo) if is_address(photo) else files.read(Path(photo))
    if source.lower().endswith(PARQUET):
        wanted = int(name.removeprefix("row "))
        return next((data for row, data in packed.pictures(source, wanted) if row == wanted), b"")
    for _, member, found in packed.photos_of(source):
        if member == name:
            return packed.content(found)
    raise BatchError(f"{source} holds no {name} any more.")


def _place(photo: str) -> tuple[str, str]:
    """The archive or Parquet file and the name in it; the photo itself and nothing where it is a file."""
    parts = photo.split("/")
    for end in range(1, len(parts)):
        source = "/".join(parts[:end])
        packs = archives.is_archive(source) or source.lower().endswith(PARQUET)
        if packs and (is_address(source) or Path(source).is_file()):
            return source, "/".join(parts[end:])
    return photo, ""
