"""Views of a photo: the whole of it or a part, scaled and turned, with the way back to the photo's own pixels.

Coordinates are continuous: pixel i covers i to i + 1, so that a box scales without a shift of half a pixel.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class View:
    """A picture to be cut out of a photo.

    Attributes:
        matrix: float64 (2, 3), from the photo's coordinates to the view's.
        width: of the view in pixels.
        height: of the view in pixels.
    """

    matrix: NDArray[np.float64]
    width: int
    height: int

    @property
    def scale(self) -> float:
        """Pixels of the view for one of the photo."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    @property
    def roll(self) -> float:
        """Degrees clockwise in the photo of what stands upright in the view."""
        return float(np.degrees(np.arctan2(self.matrix[0, 1], self.matrix[0, 0])))

    def in_reduced(self, divisor: int) -> "View":
        """The same view of a photo that was decoded with its sides divided."""
        return View(self.matrix * ((divisor, divisor, 1),), self.width, self.height)

    def from_photo(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Points (..., 2) of the photo in the view's coordinates."""
        return np.asarray(points @ self.matrix[:, :2].T + self.matrix[:, 2], dtype=np.float64)

    def to_photo(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Points (..., 2) of the view in the photo's coordinates."""
        back = cv2.invertAffineTransform(self.matrix)
        return np.asarray(points @ back[:, :2].T + back[:, 2], dtype=np.float64)


def view_around(center: tuple[float, float], scale: float, roll: float, width: int, height: int) -> View:
    """A view whose middle is `center` of the photo, showing upright what is turned clockwise by `roll` degrees there.

    Args:
        center: x, y in the photo.
        scale: pixels of the view for one of the photo.
        roll: degrees clockwise, as in Face.
        width: of the view.
        height: of the view.
    """
    cosine, sine = scale * np.cos(np.radians(roll)), scale * np.sin(np.radians(roll))
    turn = np.array([[cosine, sine], [-sine, cosine]])
    offset = np.array([width / 2, height / 2]) - turn @ np.asarray(center)
    return View(np.column_stack([turn, offset]), width, height)


def view_of_whole(size: tuple[int, int], longest: int, roll: float = 0.0) -> View:
    """The whole photo, turned upright by `roll`, its longest side (before a slanted turn) `longest` pixels.

    Args:
        size: width and height of the photo.
        longest: in pixels of the view.
        roll: degrees clockwise, as in Face.
    """
    width, height = size
    scale = longest / max(width, height)
    cosine, sine = abs(np.cos(np.radians(roll))), abs(np.sin(np.radians(roll)))
    view_width = max(1, round((width * cosine + height * sine) * scale))
    view_height = max(1, round((width * sine + height * cosine) * scale))
    return view_around((width / 2, height / 2), scale, roll, view_width, view_height)


def part_of_view(view: View, left: int, top: int, width: int, height: int) -> View:
    """A part of a view, in pixels of that view."""
    matrix = view.matrix.copy()
    matrix[:, 2] -= (left, top)
    return View(matrix, width, height)


def cut(image: NDArray[np.uint8], view: View) -> NDArray[np.uint8]:
    """The view's pixels. Large parts are averaged down first, so that nothing flickers; borders are repeated."""
    part, left, top = _part_seen(image, view)
    factor = 1
    while view.scale * factor <= 0.5 and min(part.shape[:2]) > 1:
        part, factor = _halved(part), factor * 2
    matrix = view.matrix.copy()
    matrix[:, 2] += matrix[:, :2] @ (left, top)
    matrix[:, :2] *= factor
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5  # OpenCV counts from the middles of pixels
    return np.asarray(
        cv2.warpAffine(
            part, matrix, (view.width, view.height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        dtype=np.uint8,
    )


def _part_seen(image: NDArray[np.uint8], view: View) -> tuple[NDArray[np.uint8], int, int]:
    """The part of the photo under the view with a margin for interpolation, and its left and top."""
    corners = view.to_photo(np.array([[0, 0], [view.width, 0], [0, view.height], [view.width, view.height]]))
    margin = 2 + 2 / view.scale
    height, width = image.shape[:2]
    left, top = np.clip(np.floor(corners.min(axis=0) - margin), 0, (width - 1, height - 1)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=0) + margin), (left + 1, top + 1), (width, height)).astype(int)
    return image[top:bottom, left:right], int(left), int(top)


def _halved(part: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Blocks of 2x2 averaged: OpenCV does these far faster than other sizes. An odd last line is left out."""
    height, width = part.shape[0] // 2, part.shape[1] // 2
    whole = part[: height * 2, : width * 2]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
