"""Faces in a photo: every one of them behind one function, and the square crops that networks see."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.photos.detection.detectors import borrowed, detector_name
from fer_core.photos.detection.face import Face
from fer_core.photos.detection.search import Search
from fer_core.photos.geometry import view_around
from fer_core.photos.images import Photo

__all__ = ["Face", "crop", "detector_name", "find", "is_whole", "scaled", "whole"]

MIN_SCORE = 0.7
"""Detections below this score are left out, unless a caller says otherwise."""

CROP_SIDE = 1.0
"""Side of a crop in heights of YuNet's box; measured. The faces in FER2013's own images stand at 1.04. An image that is
a face crop already (`whole`) gets no margin. Who changes it raises VERSION in `auditing/reading.py` and in
`datasets/identity.py`, and trains and releases the networks again. All else follows, the browser too."""


def find(image: NDArray[np.uint8] | Photo, *, min_score: float = MIN_SCORE, detector: str | None = None) -> list[Face]:
    """Every face of a photo, largest first; none is an empty list.

    Args:
        image: uint8 (h, w, 3), RGB, upright or not; or a photo that is decoded as far as it is needed.
        min_score: detections below this score are left out.
        detector: 'yunet' or 'haar'; None takes the best that is there.

    Raises:
        FerError: a detector that does not exist or whose file is missing.
    """
    photo = image if isinstance(image, Photo) else Photo(image)
    with borrowed(detector) as searcher:
        found = Search(photo, searcher, min_score).run()
    return sorted(found, key=lambda face: face.area, reverse=True)


def whole(image: NDArray[np.uint8] | Photo) -> Face:
    """The face of an image that is a face crop already: all of it, upright."""
    width, height = image.size if isinstance(image, Photo) else image.shape[1::-1]
    return Face((0, 0, width, height), 1.0)


def is_whole(face: Face, size: tuple[int, int]) -> bool:
    """Whether the face is all of an image of this width and height, as `whole` gives it."""
    return face.box == (0, 0, *size)


def scaled(face: Face, factor: float) -> Face:
    """The same face in the pixels of a photo `factor` times as large."""
    x, y, width, height = (round(value * factor) for value in face.box)
    marks = None if face.landmarks is None else face.landmarks * np.float32(factor)
    return replace(face, box=(x, y, width, height), landmarks=marks)


def crop(image: NDArray[np.uint8] | Photo, faces: Sequence[Face], size: int, channels: int) -> NDArray[np.uint8]:
    """Level, tight, square crops, as networks are trained on.

    Args:
        image: uint8 (h, w, 3), RGB, or a Photo: what the faces were found in.
        faces: what `find` or `whole` gave.
        size: side of a crop in pixels.
        channels: 3 for RGB, 1 for gray (luma, as in FER2013).

    Returns:
        uint8 (n, size, size, channels).
    """
    photo = image if isinstance(image, Photo) else Photo(image)
    crops = np.empty((len(faces), size, size, channels), np.uint8)
    for row, face in zip(crops, faces, strict=True):
        pixels = _cut_square(photo, face, size)
        row[:] = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None] if channels == 1 else pixels
    return crops


def _cut_square(photo: Photo, face: Face, size: int) -> NDArray[np.uint8]:
    x, y, width, height = face.box
    scale = size / ((1.0 if is_whole(face, photo.size) else CROP_SIDE) * max(width, height))
    fine = 2 if scale < 1 else 1
    view = view_around((x + width / 2, y + height / 2), scale * fine, face.roll, size * fine, size * fine)
    pixels = photo.view(view)
    if fine > 1:
        return np.asarray(cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return pixels
