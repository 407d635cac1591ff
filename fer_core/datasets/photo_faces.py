"""Faces of datasets that hold whole photos: found and cut by the very code that serves, and found only once.

Where the faces stand lies in the user's cache folder; a crop is cut from the photo when it is asked for.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets.base import ImageFiles, Progress, read_image
from fer_core.datasets.store import cache
from fer_core.errors import DatasetError
from fer_core.photos import faces
from fer_core.photos.faces import CROP_SIDE, Face

NUMBERS = 16
"""Of a face in a row: box (4), score, roll, landmarks (10)."""

FINDER = 4
"""Raised when photos.faces finds other faces than before; what was found earlier then counts no more."""

STEP = 100
"""Photos between two calls of progress."""

Pixels = NDArray[np.uint8]
Rows = NDArray[np.float32]


@dataclass(frozen=True, eq=False, kw_only=True)
class PhotoFiles(ImageFiles):
    """Whole photos; what the dataset gives of each is its face, level and tight, as serving shows it to a network.

    Attributes:
        faces: float32 (n, 16), as `find` gives it.
    """

    faces: Rows

    def _by_row(self) -> tuple[str, ...]:
        return *super()._by_row(), "faces"

    def fingerprint(self) -> str:
        """Changes with the files, and with the faces that were found in them."""
        return hashlib.sha256(f"{super().fingerprint()}|".encode() + self.faces.tobytes()).hexdigest()[:24]

    def image(self, row: int) -> Pixels:
        return cut(read_image(self.root / self.names[row]), self.faces[row])

    def images(self, rows: Iterable[int], size: int, channels: int = 1) -> Pixels:
        """Crops cut at their size at once, as serving does, uint8 (k, size, size, channels)."""
        crops = [
            cut(read_image(self.root / self.names[row]), self.faces[row], size, channels) for row in map(int, rows)
        ]
        return np.stack(crops) if crops else np.empty((0, size, size, channels), np.uint8)


def with_faces(files: ImageFiles, found: Rows) -> PhotoFiles:
    """The files as whole photos, with the face of each."""
    own = {one.name: getattr(files, one.name) for one in fields(ImageFiles)}
    return PhotoFiles(**own, faces=found)


def finder() -> str:
    """What finds the faces; what another one found counts no more."""
    return f"{faces.detector_name()} {FINDER}"


def find(root: Path, names: Sequence[str], progress: Progress | None = None) -> Rows:
    """The largest face of each photo, float32 (n, 16); nan where none is found or the photo cannot be read."""
    key = _key(root, names)
    if (known := cache.read(key)) is not None:
        return known["faces"].astype(np.float32, copy=False)
    found = np.full((len(names), NUMBERS), np.nan, np.float32)
    for row, name in enumerate(names):
        if progress and row % STEP == 0:
            progress(row, len(names))
        found[row] = _largest(root / name)
    cache.write(key, {"faces": found})
    return found


def face(row: Rows) -> Face:
    """The face of a row of `find`."""
    marks = row[6:].reshape(5, 2) if np.isfinite(row[6:]).any() else None
    x, y, width, height = (round(float(value)) for value in row[:4])
    return Face((x, y, width, height), float(row[4]), float(row[5]), marks)


def cut(photo: Pixels, row: Rows, size: int | None = None, channels: int = 3) -> Pixels:
    """The level crop (size, size, channels) of a photo's face; without a size as large as the face is in the photo."""
    one = face(row)
    colour = photo if photo.ndim == 3 else np.repeat(photo[..., np.newaxis], 3, axis=-1)
    side = size or max(1, round(CROP_SIDE * max(one.box[2:])))
    crop: Pixels = faces.crop(colour, [one], side, channels)[0]
    return crop


def _largest(path: Path) -> Rows:
    try:
        photo = read_image(path)
    except DatasetError:
        return np.full(NUMBERS, np.nan, np.float32)
    found = faces.find(photo if photo.ndim == 3 else np.repeat(photo[..., np.newaxis], 3, axis=-1))
    if not found:
        return np.full(NUMBERS, np.nan, np.float32)
    marks = np.full((5, 2), np.nan) if found[0].landmarks is None else found[0].landmarks
    return np.array([*found[0].box, found[0].score, found[0].roll, *np.ravel(marks)], np.float32)


def _key(root: Path, names: Sequence[str]) -> str:
    """Changes with the photos and with the detector that finds the faces."""
    digest = hashlib.sha256(f"{finder()}|{root.resolve()}".encode(errors="surrogateescape"))
    for name in names:
        known = (root / name).stat()
        digest.update(f"|{name}|{known.st_size}|{known.st_mtime_ns}".encode(errors="surrogateescape"))
    return f"faces-{digest.hexdigest()[:24]}"
