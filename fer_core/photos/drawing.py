"""Pictures for people: numbered boxes on a photo, enlarged crops, heat over a crop."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.photos.faces import Face

BOX = (255, 214, 10)
INK = (16, 21, 28)
"""Yellow with a dark edge is seen on skin, sky and shadow alike."""
LONGEST = 1280
ENLARGED = 192


def labelled(
    photo: NDArray[np.uint8],
    faces: Sequence[Face],
    labels: Sequence[str] = (),
    longest: int = LONGEST,
    divisor: float = 1,
) -> NDArray[np.uint8]:
    """A copy of the photo, at most `longest` pixels long, with each face boxed and its label written on the box.

    Args:
        photo: uint8 (h, w, 3), RGB.
        faces: in the pixels of the photo as it was sent; a box stands as slanted as its face.
        labels: a few plain ASCII words per face; without them the numbers from 1.
        longest: side of the copy; tiny photos are enlarged to a quarter of it, to have room for numbers.
        divisor: pixels of the photo as it was sent for one of `photo`, along a side.

    Returns:
        uint8 (h, w, 3), RGB.
    """
    side = max(photo.shape[:2])
    scale = min(1.0, longest / side) if side >= longest / 4 else longest / 4 / side
    size = (max(1, round(photo.shape[1] * scale)), max(1, round(photo.shape[0] * scale)))
    picture = np.asarray(
        cv2.resize(photo, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC), dtype=np.uint8
    ).copy()
    boxes = [_corners(face, scale / divisor) for face in faces]
    width = max(2, round(max(size) / 250))
    for corners in boxes:
        cv2.polylines(picture, [corners], True, INK, width * 2 + 1, cv2.LINE_AA)
        cv2.polylines(picture, [corners], True, BOX, width, cv2.LINE_AA)
    words = labels or [str(number) for number in range(1, len(faces) + 1)]
    for word, corners in reversed(list(zip(words, boxes, strict=True))):
        _label(picture, word, corners)
    return picture


def enlarged(crop: NDArray[np.uint8], side: int = ENLARGED) -> NDArray[np.uint8]:
    """A crop (s, s, 1 or 3) as RGB (side, side, 3)."""
    rgb = cv2.cvtColor(crop, cv2.COLOR_GRAY2RGB) if crop.shape[2] == 1 else crop
    return np.asarray(cv2.resize(rgb, (side, side), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def shrunk(picture: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """A picture, RGB or gray, whose longest side is at most `longest`."""
    scale = longest / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def heated(crop: NDArray[np.uint8], heat: NDArray[np.float32], side: int = ENLARGED) -> NDArray[np.uint8]:
    """A crop under its heat map (s, s), 0 to 1, as RGB (side, side, 3): the face is gray, what speaks is yellow."""
    face = enlarged(crop, side).mean(axis=2, keepdims=True)
    wide = cv2.resize(heat, (side, side), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    colours = cv2.applyColorMap((wide * 255).astype(np.uint8), cv2.COLORMAP_CIVIDIS)[:, :, ::-1]
    return np.asarray(0.5 * face + 0.5 * colours, dtype=np.uint8)


def to_jpeg(picture: NDArray[np.uint8]) -> bytes:
    ordered = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", ordered, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return data.tobytes()


def _corners(face: Face, scale: float) -> NDArray[np.int32]:
    """The box (4, 2) turned by the face's roll; the first corner is its top left as the face stands."""
    x, y, width, height = face.box
    sine, cosine = np.sin(np.radians(face.roll)), np.cos(np.radians(face.roll))
    middle = np.array([x + width / 2, y + height / 2])
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (width / 2, height / 2)
    turned = half @ np.array([[cosine, sine], [-sine, cosine]])
    return np.asarray(np.round((middle + turned) * scale), dtype=np.int32)


def _label(picture: NDArray[np.uint8], text: str, corners: NDArray[np.int32]) -> None:
    """A filled tag on the top left of the box, kept inside the picture."""
    longest = max(picture.shape[:2])
    tall = int(np.clip(0.25 * np.ptp(corners[:, 1]), 0.035 * longest, 0.06 * longest))
    font, thickness = cv2.FONT_HERSHEY_SIMPLEX, max(1, round(tall / 9))
    scale = cv2.getFontScaleFromHeight(font, round(0.6 * tall), thickness)
    wide = max(tall, cv2.getTextSize(text, font, scale, thickness)[0][0] + round(0.5 * tall))
    left = int(np.clip(corners[:, 0].min(), 0, max(0, picture.shape[1] - wide)))
    top = int(np.clip(corners[:, 1].min() - tall, 0, max(0, picture.shape[0] - tall)))
    cv2.rectangle(picture, (left, top), (left + wide, top + tall), INK, -1)
    cv2.rectangle(picture, (left, top), (left + wide, top + tall), BOX, max(1, tall // 16), cv2.LINE_AA)
    (text_wide, text_tall), _ = cv2.getTextSize(text, font, scale, thickness)
    origin = (left + (wide - text_wide) // 2, top + (tall + text_tall) // 2)
    cv2.putText(picture, text, origin, font, scale, (255, 255, 255), thickness, cv2.LINE_AA)
