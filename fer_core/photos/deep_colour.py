"""Colour pictures of 16 bits per channel, brought to eight: Pillow alone keeps the upper byte of each value."""

import io
import sys
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fer_core.errors import PhotoError
from fer_core.photos import rgb

AT_ONCE = 20_000_000
"""Pixels up to which OpenCV decodes pictures of 16 bits per channel. It holds them twice, 12 bytes for a pixel."""
OTHER_BYTE = {
    "RGB;16B": "RGB;16L",
    "RGB;16L": "RGB;16B",
    "RGB;16N": f"RGB;16{'B' if sys.byteorder == 'little' else 'L'}",
}
"""Pillow's names of how a value of 16 bits lies in a file: it keeps the byte that the name takes for the upper one."""
BITS_TAG, PLANES_TAG = 258, 284
UPPER_BYTE_TELLS = 64
"""From this value of an upper byte on, a picture fills more than 14 of its 16 bits, and its upper bytes are all of it
that 8 bits can show, but for half a level."""


def read(image: Image.Image, data: bytes) -> NDArray[np.uint8] | None:
    """A colour PNG or TIFF of 16 bits per channel, of which Pillow keeps the upper eight; None for all others."""
    tags = getattr(image, "tag_v2", {})
    png = image.format == "PNG" and data[24:26] == b"\x10\x02"
    if not png and tags.get(BITS_TAG, ())[:3] != (16, 16, 16):
        return None
    if tags.get(PLANES_TAG, 1) != 1:
        raise PhotoError(
            "This TIFF keeps red, green and blue in separate planes of 16 bits, which is not read here. "
            "Save it as PNG or JPEG."
        )
    if image.width * image.height > AT_ONCE:
        by_bytes = _byte_by_byte(data, str(image.format))
        if by_bytes is not None:
            return by_bytes
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if pixels is None or pixels.dtype != np.uint16 or pixels.shape[1::-1] != image.size:
        return None
    return rgb.to_eight_bits(pixels, backwards=True)


def _byte_by_byte(data: bytes, kind: str) -> NDArray[np.uint8] | None:
    """A large picture of 16 bits from the upper bytes of its values, with the lower ones where these tell too little.

    None where Pillow cannot give the lower ones.
    """
    image = Image.open(io.BytesIO(data), formats=[kind])
    image.load()
    colours: Any = image.getextrema()[:3]  # not of what lies on white
    bright = max(most for _, most in colours) >= UPPER_BYTE_TELLS
    if not bright and (image.mode != "RGB" or image.has_transparency_data):
        return None
    upper = rgb.to_rgb(image)
    if bright:
        return upper
    del image
    lower = Image.open(io.BytesIO(data), formats=[kind])
    try:
        lower.tile = [_other_byte(tile) for tile in lower.tile]
    except KeyError:
        return None
    lower.load()
    return rgb.from_two_bytes(upper, lower)


def _other_byte(tile: Any) -> Any:  # noqa: ANN401  (Pillow does not name its type)
    """The same part of a file, of whose values Pillow then keeps the lower byte."""
    if isinstance(tile.args, str):
        return tile._replace(args=OTHER_BYTE[tile.args])
    return tile._replace(args=(OTHER_BYTE[tile.args[0]], *tile.args[1:]))
