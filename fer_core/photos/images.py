"""Bytes of a photo to an upright RGB array, any usual format, its limits judged from the header."""

import contextlib
import importlib
import io
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fer_core.errors import PhotoError
from fer_core.photos import deep_colour, formats, rgb
from fer_core.photos.geometry import View, cut

MAX_BYTES = 25_000_000
MAX_PIXELS = 60_000_000
MAX_SIDE = 32_000
"""OpenCV turns and cuts no picture of 32,767 pixels a side or more."""
MIN_SIDE = 16

ORIENTATION_TAG = 0x0112
EXIF_TAG, TAKEN_TAG, CHANGED_TAG = 0x8769, 36867, 306
"""Of EXIF's own block, of DateTimeOriginal in it, and of DateTime beside it."""

PNG_MARKS = (b"eXIf", b"Raw profile type exif", b"XML:com.adobe.xmp")
"""One of them stands in every PNG that tells how it is turned, or when it was taken."""

RAW_TAGS = (50706, 330)
"""TIFF tags of a raw photo: DNGVersion, and SubIFDs, where the picture itself lies beside a small preview."""
SUBFILE_TAG, PREVIEW = 254, 1

COARSEST, COARSEST_DIVISOR = 800, 4
"""Longest side in pixels to which a photo is reduced at most, and the largest divisor: what detectors search first is
hardly smaller, and faces of 40 pixels leave a trace."""

REDUCED = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}
"""Sides divided by so much take a JPEG decoder a fraction of the time: it never computes the fine detail."""

FIRST_ACROSS = 5
"""EXIF orientations from this one on exchange width and height."""
GRAY_MODES = ("1", "L", "LA", "I", "F", "I;16", "I;16B", "I;16L")

TURNS = {2: (False, 1), 3: (False, -1), 4: (False, 0), 5: (True, None), 6: (True, 1), 7: (True, -1), 8: (True, 0)}
"""What makes a photo upright, by its EXIF orientation: whether to transpose, then OpenCV's flip code. Pillow's
ImageOps.exif_transpose turns Pillow's pictures alone; most photos are decoded by OpenCV."""


class Photo:
    """A photo that is decoded no finer than it is looked at: few photos need all their pixels."""

    def __init__(self, source: bytes | NDArray[np.uint8]) -> None:
        """Read the header only.

        Args:
            source: the bytes of an image file, or uint8 (h, w, 3), RGB, upright.

        Raises:
            PhotoError: as decode.
        """
        self._file = _File(source) if isinstance(source, bytes) else None
        self._pixels = None if isinstance(source, bytes) else _checked(source)
        self._divisor = 1

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the upright photo with all its pixels."""
        if self._file is not None and (self._pixels is None or self._divisor > 1):
            return self._file.size
        height, width = self.pixels.shape[:2]
        return width, height

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The finest that was decoded so far, uint8 (h, w, 3), RGB; `divisor` tells how fine."""
        return self.at(0.0)[0] if self._pixels is None else self._pixels

    @property
    def divisor(self) -> int:
        """Pixels of the whole photo for one of `pixels`, along a side: 1, 2 or 4."""
        return self._divisor

    def at(self, scale: float) -> tuple[NDArray[np.uint8], int]:
        """Pixels for a view that shows `scale` pixels for one of the photo, and their divisor.

        Raises:
            PhotoError: the file is damaged.
        """
        if self._file is not None and (self._pixels is None or 1 / self._divisor < min(scale, 1.0)):
            wanted = min(1 / scale if scale else COARSEST_DIVISOR, COARSEST_DIVISOR, max(self._file.size) / COARSEST)
            enough = [step for step in REDUCED if step <= wanted]
            self._pixels, self._divisor = self._file.decode(max(enough, default=1))
            if self._divisor == 1:
                self._file = None  # Pillow's picture stays in memory with it
        assert self._pixels is not None
        return self._pixels, self._divisor

    def view(self, view: View) -> NDArray[np.uint8]:
        """The pixels of a view of the photo, uint8 (h, w, 3), RGB."""
        pixels, divisor = self.at(view.scale)
        return cut(pixels, view.in_reduced(divisor))


class _File:
    """An image file whose header was read and found fit."""

    def __init__(self, data: bytes) -> None:
        _check_bytes(data)
        self._data = data
        self._image = _open(data)
        _check_size(*self._image.size)

    @property
    def size(self) -> tuple[int, int]:
        width, height = self._image.size
        turned = TURNS.get(_orientation(self._image), (False, None))[0]
        return (height, width) if turned else (width, height)

    def decode(self, divisor: int) -> tuple[NDArray[np.uint8], int]:
        """The picture and the divisor of its sides, which is 1 where the format knows no other."""
        image = self._image
        try:
            if _is_plain_jpeg(image, self._data):
                return _decode_jpeg(image, self._data, divisor)
            return _decode_any(image, self._data), 1
        except PhotoError:
            raise
        except Exception as error:  # Pillow and its codecs raise nearly anything on hostile bytes
            raise _damaged(image) from error


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


def decode_picture(data: bytes) -> NDArray[np.uint8]:
    """A dataset's picture in `data`, upright and of any size: gray (h, w) where it is stored so, or RGB (h, w, 3).

    Raises:
        PhotoError: as decode, but no picture is too small.
    """
    _check_bytes(data)
    image = _open(data)
    _check_size(*image.size, smallest=1)
    try:
        pixels = _decode_any(image, data)
    except Exception as error:  # as in decode_reduced
        raise _damaged(image) from error
    return pixels[..., 0] if image.mode in GRAY_MODES else pixels


def size(data: bytes) -> tuple[int, int]:
    """Height and width of the picture in `data` by its header, upright.

    Raises:
        PhotoError: no picture that is read here.
    """
    image = _open(data)
    return image.size if _orientation(image) >= FIRST_ACROSS else (image.height, image.width)


def taken(data: bytes) -> datetime | None:
    """When the camera says that the photo was taken, in its own local time (EXIF DateTimeOriginal); None without."""
    try:
        exif = _open(data).getexif()
        text = exif.get_ifd(EXIF_TAG).get(TAKEN_TAG) or exif.get(CHANGED_TAG)
        return datetime.strptime(str(text).strip("\0 "), "%Y:%m:%d %H:%M:%S") if text else None
    except Exception:  # a broken EXIF block is no reason to refuse the picture
        return None


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
    file = _File(data)
    side = max(file.size)
    return file.decode(max((step for step in REDUCED if side // step >= (longest or side)), default=1))


def _checked(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise PhotoError(f"Came an array {pixels.dtype} {pixels.shape}; expected uint8 (height, width, 3), RGB.")
    return pixels


def _check_bytes(data: bytes) -> None:
    if not data:
        raise PhotoError("This file is empty (0 bytes). A photo was expected: choose the file again, or another one.")
    if len(data) > MAX_BYTES:
        raise PhotoError(
            f"This file has more than {MAX_BYTES // 1_000_000} MB; at most {MAX_BYTES // 1_000_000} MB are read. "
            "Save the photo smaller, or as JPEG."
        )


def _damaged(image: Image.Image) -> PhotoError:
    return PhotoError(
        f"This {image.format} file is damaged or was cut short: its picture cannot be read to the end. "
        "Send the original file again, or a fresh copy of it."
    )


def _check_size(width: int, height: int, smallest: int = MIN_SIDE) -> None:
    if width * height > MAX_PIXELS:
        raise PhotoError(
            f"This image has {width} x {height} pixels ({width * height / 1e6:.0f} megapixels); at most "
            f"{MAX_PIXELS // 1_000_000} megapixels are read. Scale it down and try again."
        )
    if max(width, height) > MAX_SIDE:
        raise PhotoError(
            f"This image has {width} x {height} pixels; no side may have more than {MAX_SIDE}. Cut it into parts."
        )
    if min(width, height) < smallest:
        raise PhotoError(
            f"This image has {width} x {height} pixels; each side must have at least {smallest}. "
            "Take a larger version of the photo."
        )


def _open(data: bytes) -> Image.Image:
    """Reads the header only."""
    Image.preinit()
    if not data.startswith((b"\xff\xd8", b"\x89PNG")):
        Image.init()  # a fifth of a second, once: not for the usual photo
    allowed = [name for name in formats.PILLOW if name in Image.OPEN]
    if data[4:8] == b"ftyp" and _register_heif():
        allowed.append("HEIF")
    try:
        image = Image.open(io.BytesIO(data), formats=allowed)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoError(
            f"This image claims far more than the {MAX_PIXELS // 1_000_000} megapixels that are read. "
            "Scale it down and try again."
        ) from error
    except Exception as error:  # as in decode: whatever a plugin stumbles over, the file is no image to us
        raise PhotoError(_not_an_image(data)) from error
    if image.format == "PNG" and not any(mark in data for mark in PNG_MARKS):
        image.info.setdefault("exif", b"")  # else Pillow decodes the picture, to see whether EXIF stands behind it
    if _is_raw(image):
        raise PhotoError(f"This file is {formats.RAW}. {formats.advice(formats.RAW)}")
    return image


def _is_raw(image: Image.Image) -> bool:
    """Whether a TIFF's first picture is only the preview of a raw photo."""
    tags = getattr(image, "tag_v2", {})
    return image.format == "TIFF" and (any(tag in tags for tag in RAW_TAGS) or tags.get(SUBFILE_TAG) == PREVIEW)


def _register_heif() -> bool:
    """HEIC support costs an import: it is loaded when the first such file comes.

    pi-heif only decodes. pillow-heif, which our tests write files with, brings an encoder under the GPL (x265).
    """
    for name in ("pi_heif", "pillow_heif"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name).register_heif_opener()
            return True
    return False


def _not_an_image(data: bytes) -> str:
    kind = formats.what_is(data)
    words = f"This file is {kind or 'not an image that can be read here, or it is damaged at its beginning'}."
    return f"{words} {formats.advice(kind)}"


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


def _decode_jpeg(image: Image.Image, data: bytes, divisor: int) -> tuple[NDArray[np.uint8], int]:
    flag = REDUCED.get(divisor, cv2.IMREAD_COLOR_RGB)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flag | cv2.IMREAD_IGNORE_ORIENTATION)
    expected = tuple(-(-side // divisor) for side in image.size)
    if pixels is None or pixels.shape[1::-1] != expected:
        return _decode_any(image, data), 1
    if divisor > 1:  # OpenCV gives these as BGR only
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    return _upright(image, np.asarray(pixels, dtype=np.uint8)), divisor


def _upright(image: Image.Image, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    transpose, flip = TURNS.get(_orientation(image), (False, None))
    turned = cv2.transpose(pixels) if transpose else pixels
    return np.asarray(turned if flip is None else cv2.flip(turned, flip), dtype=np.uint8)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 when the entry is missing or makes no sense.

    A TIFF is turned by Pillow and OpenCV themselves.
    """
    if image.format == "TIFF":
        return 1
    try:
        return int(image.getexif().get(ORIENTATION_TAG, 1))
    except Exception:  # a broken EXIF block is no reason to refuse the picture
        return 1


def _decode_any(image: Image.Image, data: bytes) -> NDArray[np.uint8]:
    deep = deep_colour.read(image, data)
    if deep is not None:
        return _upright(image, deep)
    image.load()
    return _upright(image, rgb.to_rgb(image))
