"""Bytes of a photo to an upright RGB array, any usual format, its limits judged from the header."""

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fer_core.errors import PhotoError

MAX_BYTES = 25_000_000
MAX_PIXELS = 60_000_000
MIN_SIDE = 16

FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "BMP", "TIFF", "GIF", "AVIF")
"""What Pillow may open here; HEIF joins when a file claims to be one. Anything else stays shut, however it is named."""

KNOWN = "JPEG, PNG, WebP, BMP, TIFF, GIF or HEIC"

ORIENTATION_TAG = 0x0112

OTHER_KINDS = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive or office document"),
    (b"<svg", "a drawing (SVG)"),
    (b"<?xml", "an XML file"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"8BPS", "a Photoshop file"),
)

REDUCED = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}
"""Sides divided by so much take a JPEG decoder a fraction of the time: it never computes the fine detail."""

TURNS = {2: (False, 1), 3: (False, -1), 4: (False, 0), 5: (True, None), 6: (True, 1), 7: (True, -1), 8: (True, 0)}
"""What makes a photo upright, by its EXIF orientation: whether to transpose, then OpenCV's flip code."""


def decode(data: bytes) -> NDArray[np.uint8]:
    """The photo in `data`, upright.

    Args:
        data: a whole file. Of an animated one the first frame is taken; transparency is laid on white.

    Returns:
        uint8 (h, w, 3), RGB.

    Raises:
        PhotoError: with a sentence to show: empty, too large, not an image, too many pixels, too small, or damaged.
    """
    return decode_reduced(data, None)[0]


def decode_reduced(data: bytes, longest: int | None) -> tuple[NDArray[np.uint8], int]:
    """The photo as `decode` gives it, or a half, quarter or eighth of its sides where that is cheaper (JPEG).

    Args:
        data: a whole file.
        longest: the longest side stays at least so long; None never reduces.

    Returns:
        uint8 (h, w, 3), RGB, and the divisor of its sides: 1, 2, 4 or 8.

    Raises:
        PhotoError: as decode.
    """
    _check_bytes(data)
    image = _open(data)
    _check_size(*image.size)
    try:
        if _is_plain_jpeg(image, data):
            return _decode_jpeg(image, data, longest or max(image.size))
        return _decode_any(image), 1
    except Exception as error:  # Pillow and its codecs raise nearly anything on hostile bytes
        raise PhotoError(
            f"This {image.format} file is damaged or was cut short: its picture cannot be read to the end. "
            "Send the original file again, or a fresh copy of it."
        ) from error


def _check_bytes(data: bytes) -> None:
    if not data:
        raise PhotoError("This file is empty (0 bytes). A photo was expected: choose the file again, or another one.")
    if len(data) > MAX_BYTES:
        raise PhotoError(
            f"This file has {len(data) / 1e6:.1f} MB; at most {MAX_BYTES // 1_000_000} MB are read. "
            "Save the photo smaller, or as JPEG."
        )


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise PhotoError(
            f"This image has {width} x {height} pixels ({width * height / 1e6:.0f} megapixels); at most "
            f"{MAX_PIXELS // 1_000_000} megapixels are read. Scale it down and try again."
        )
    if min(width, height) < MIN_SIDE:
        raise PhotoError(
            f"This image has {width} x {height} pixels; each side must have at least {MIN_SIDE}. "
            "Take a larger version of the photo."
        )


def _open(data: bytes) -> Image.Image:
    """Reads the header only."""
    Image.preinit()
    if not data.startswith((b"\xff\xd8", b"\x89PNG")):
        Image.init()  # a fifth of a second, once: not for the usual photo
    formats = [name for name in FORMATS if name in Image.OPEN]
    if data[4:8] == b"ftyp" and _register_heif():
        formats.append("HEIF")
    try:
        return Image.open(io.BytesIO(data), formats=formats)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoError(
            f"This image claims far more than the {MAX_PIXELS // 1_000_000} megapixels that are read. "
            "Scale it down and try again."
        ) from error
    except Exception as error:  # as in decode: whatever a plugin stumbles over, the file is no image to us
        raise PhotoError(_not_an_image(data)) from error


def _register_heif() -> bool:
    """HEIC support costs an import: it is loaded when the first such file comes."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def _not_an_image(data: bytes) -> str:
    start = data[:64].lstrip()
    kind = next((kind for mark, kind in OTHER_KINDS if start.startswith(mark)), "not an image that can be read here")
    return f"This file is {kind}, or it is damaged at its beginning. A photo was expected: send {KNOWN}."


def _is_plain_jpeg(image: Image.Image, data: bytes) -> bool:
    """Complete, gray or colour: OpenCV decodes these in 40 % of Pillow's time.

    OpenCV fills the missing part of a truncated file with gray and says nothing. The end mark cannot stand inside
    coded data, so one after the first scan's start proves that the picture is all there.
    """
    if image.format not in ("JPEG", "MPO") or image.mode not in ("RGB", "L"):
        return False
    return data.find(b"\xff\xd9", _scan_start(data)) >= 0


def _scan_start(data: bytes) -> int:
    """Offset of the first start-of-scan mark; the length of the data when there is none."""
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        if data[position + 1] == 0xDA:
            return position
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return len(data)


def _decode_jpeg(image: Image.Image, data: bytes, longest: int) -> tuple[NDArray[np.uint8], int]:
    divisor = max((step for step in REDUCED if max(image.size) // step >= longest), default=1)
    flag = REDUCED.get(divisor, cv2.IMREAD_COLOR_RGB)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flag | cv2.IMREAD_IGNORE_ORIENTATION)
    expected = tuple(-(-side // divisor) for side in image.size)
    if pixels is None or pixels.shape[1::-1] != expected:
        return _decode_any(image), 1
    if divisor > 1:  # OpenCV gives these as BGR only
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    return _upright(image, np.asarray(pixels, dtype=np.uint8)), divisor


def _upright(image: Image.Image, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    transpose, flip = TURNS.get(_orientation(image), (False, None))
    turned = cv2.transpose(pixels) if transpose else pixels
    return np.asarray(turned if flip is None else cv2.flip(turned, flip), dtype=np.uint8)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 when the entry is missing or makes no sense."""
    try:
        return int(image.getexif().get(ORIENTATION_TAG, 1))
    except Exception:  # a broken EXIF block is no reason to refuse the picture
        return 1


def _decode_any(image: Image.Image) -> NDArray[np.uint8]:
    image.load()
    return _upright(image, _to_rgb(image))


def _to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode.startswith("I;16"):
        return _gray_to_rgb((np.asarray(image).astype(np.uint32) + 128) // 257)
    if image.mode in ("I", "F"):
        return _gray_to_rgb(_stretch(np.asarray(image, dtype=np.float32)))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        image = Image.alpha_composite(white, layer)
    return np.asarray(image.convert("RGB"))


def _gray_to_rgb(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    return np.repeat(values.astype(np.uint8)[..., None], 3, axis=2)


def _stretch(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values of a kind that does not tell its range, brought to 0..255 by the range that they fill."""
    values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    low, high = min(0.0, float(values.min())), float(values.max())
    usual = [limit for limit in (1.0, 255.0, 65535.0) if low == 0 and high <= limit]
    return (values - low) * (255.0 / (usual[0] if usual else high - low))
