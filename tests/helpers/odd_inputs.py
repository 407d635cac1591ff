"""Files that people and scanners really send, good and bad, all made from one picture."""

import io
import struct
import zlib
from dataclasses import dataclass

import cv2
import numpy as np
import pillow_heif
from PIL import Image

# What EXIF orientation n does to the pixels in the file, as a transposition of the upright picture.
STORED_AS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@dataclass(frozen=True)
class Odd:
    """A file, and what must come of it.

    Attributes:
        name: file name; its ending is not always true.
        data: content.
        refused: words of the sentence that refuses it, or None when it is read.
        like: what it shows: 'colour', 'gray' or 'faded' (half transparent on white); None where only the shape counts.
    """

    name: str
    data: bytes
    refused: str | None = None
    like: str | None = "colour"


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def turned(image, orientation, kind="JPEG", **options):
    """The picture stored turned, with the EXIF entry that says so."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = image.transpose(STORED_AS[orientation]) if orientation in STORED_AS else image
    return encoded(stored, kind, exif=exif.tobytes(), **options)


def png_claiming(width, height):
    """A PNG of some hundred bytes whose header claims any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(3000))), (b"IEND", b""))
    body = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def sixteen_bit(array, suffix):
    return cv2.imencode(suffix, array.astype(np.uint16) * 257)[1].tobytes()


def heic(image):
    pillow_heif.register_heif_opener()
    return encoded(image, "HEIF", quality=95)


def faded(image):
    layer = image.convert("RGBA")
    layer.putalpha(128)
    return layer


def readable(image):
    """Everything that must be read as the picture it shows."""
    pixels, gray = np.asarray(image), image.convert("L")
    clear = image.quantize(64)
    clear.info["transparency"] = 0
    blank = Image.new("RGB", image.size)
    jpeg = encoded(image, "JPEG", quality=95)
    yield from (Odd(f"exif{n}.jpg", turned(image, n, quality=95)) for n in range(1, 9))
    yield from (Odd(f"exif{n}.{kind.lower()}", turned(image, n, kind)) for n in (3, 6) for kind in ("PNG", "TIFF"))
    yield Odd("exif6.webp", turned(image, 6, "WEBP", quality=95))
    yield Odd("exif_nonsense.jpg", turned(image, 77, quality=95))
    yield Odd("exif_broken.jpg", encoded(image, "JPEG", quality=95, exif=b"Exif\x00\x00broken"))
    yield Odd("progressive.jpg", encoded(image, "JPEG", quality=95, progressive=True))
    yield Odd("trailing_bytes.jpg", jpeg + b"motion photo" * 50)
    yield Odd("cmyk.jpg", encoded(image.convert("CMYK"), "JPEG", quality=95))
    yield Odd("gray.jpg", encoded(gray, "JPEG", quality=95), like="gray")
    yield Odd("png_named.jpg", encoded(image, "PNG"))
    yield Odd("palette.png", encoded(image.quantize(256), "PNG"))
    yield Odd("palette_clear.png", encoded(clear, "PNG", transparency=0), like=None)
    yield Odd("alpha.png", encoded(faded(image), "PNG"), like="faded")
    yield Odd("alpha.webp", encoded(faded(image), "WEBP", lossless=True), like="faded")
    yield Odd("gray_alpha.png", encoded(gray.convert("LA"), "PNG"), like="gray")
    yield Odd("one_bit.png", encoded(image.convert("1"), "PNG"), like=None)
    yield Odd("gray16.png", sixteen_bit(np.asarray(gray), ".png"), like="gray")
    yield Odd("colour16.png", sixteen_bit(pixels[..., ::-1], ".png"))
    yield Odd("gray16.tif", sixteen_bit(np.asarray(gray), ".tif"), like="gray")
    yield Odd("colour16.tif", sixteen_bit(pixels[..., ::-1], ".tif"))
    yield Odd("float.tif", encoded(Image.fromarray(np.asarray(gray, np.float32) / 255), "TIFF"), like="gray")
    yield Odd("pages.tif", encoded(image, "TIFF", save_all=True, append_images=[blank]))
    yield Odd("plain.bmp", encoded(image, "BMP"))
    yield Odd("animated.gif", encoded(image.quantize(256), "GIF", save_all=True, append_images=[blank.quantize()]))
    yield Odd("animated.webp", encoded(image, "WEBP", save_all=True, append_images=[blank], quality=95))
    yield Odd("phone.heic", heic(image))


def refused(image):
    jpeg, png = encoded(image, "JPEG", quality=95), encoded(image, "PNG")
    progressive = encoded(image, "JPEG", quality=95, progressive=True)
    gif, webp, tiff = (encoded(image, kind) for kind in ("GIF", "WEBP", "TIFF"))
    yield Odd("empty.jpg", b"", "empty")
    yield Odd("heavy.bmp", b"BM" + bytes(25_000_000), "25 MB")
    yield Odd("bomb.png", png_claiming(50_000, 50_000), "megapixels")
    yield Odd("poster.png", png_claiming(12_000, 12_000), "megapixels")
    yield Odd("scan.png", png_claiming(8_000, 8_000), "64 megapixels")
    yield Odd("dot.png", encoded(Image.new("RGB", (1, 1)), "PNG"), "at least 16")
    yield Odd("strip.png", encoded(Image.new("RGB", (400, 15)), "PNG"), "at least 16")
    yield Odd("half.jpg", jpeg[: len(jpeg) // 2], "cut short")
    yield Odd("first_scan.jpg", progressive[: len(progressive) // 2], "cut short")
    yield Odd("half.png", png[: len(png) // 2], "cut short")
    yield Odd("half.webp", webp[: len(webp) // 2], "damaged")
    yield Odd("half.tif", tiff[: len(tiff) // 2], "cut short")
    yield Odd("half.gif", gif[: len(gif) // 2], "cut short")
    yield Odd("half.heic", heic(image)[:400], "damaged")
    yield Odd("claims_more.png", png_claiming(5_000, 5_000), "cut short")
    yield Odd("start.jpg", b"\xff\xd8\xff\xe0", "A photo was expected")
    yield Odd("noise.png", np.random.default_rng(0).bytes(5_000), "A photo was expected")
    yield Odd("text.jpg", b"I am no photo.\n" * 20, "A photo was expected")
    yield Odd("page.jpg", b"<!DOCTYPE html><html></html>", "a web page")
    yield Odd("letter.jpg", b"%PDF-1.7 ...", "a PDF document")
    yield Odd("photos.zip", b"PK\x03\x04" + bytes(100), "zip archive")
    yield Odd("film.heic", b"\x00\x00\x00\x18ftypmp42" + bytes(100), "A photo was expected")
    yield Odd("drawing.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n", "A photo was expected")
