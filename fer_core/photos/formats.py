"""Which picture formats are read here, and what a file is that is not.

This is the one list: predict, datasets, Compare, the pages and the documentation take it from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType


@dataclass(frozen=True)
class Format:
    """A picture format that is read.

    Attributes:
        name: as people call it.
        suffixes: small letters, with the dot.
        pillow: the names of Pillow's plugins that may open it; no other plugin ever runs.
        note: what to know of it, for the documentation.
    """

    name: str
    suffixes: tuple[str, ...]
    pillow: tuple[str, ...]
    note: str = ""


READ = (
    Format("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo"), ("JPEG", "MPO"), "also CMYK; turned by EXIF"),
    Format("PNG", (".png", ".apng"), ("PNG",), "8 and 16 bits, also 10, 12 and 14 bits within 16"),
    Format("WebP", (".webp",), ("WEBP",), "the first frame of an animation"),
    Format("HEIC", (".heic", ".heif", ".hif"), ("HEIF",), "photos of phones"),
    Format("AVIF", (".avif", ".avifs"), ("AVIF",)),
    Format("TIFF", (".tif", ".tiff"), ("TIFF",), "the first page; 8, 16 and 32 bits"),
    Format("BMP", (".bmp", ".dib"), ("BMP", "DIB")),
    Format("GIF", (".gif",), ("GIF",), "the first frame"),
    Format("PGM", (".pgm", ".ppm", ".pbm", ".pnm"), ("PPM",), "also PPM and PBM"),
)

SUFFIXES = frozenset(suffix for one in READ for suffix in one.suffixes)
HEIF_SUFFIXES = frozenset((".heic", ".heif", ".hif"))
PILLOW = tuple(name for one in READ for name in one.pillow if name != "HEIF")
"""What Pillow may open; HEIF joins when a file claims to be one. Anything else stays shut, however it is named."""

NAMES = f"{', '.join(one.name for one in READ[:-1])} or {READ[-1].name}"
"""For sentences."""

VIDEO, RAW, AUDIO = "a video", "a raw photo of a camera", "a sound file"
JPEG_XL, JPEG_2000 = "a JPEG XL picture", "a JPEG 2000 picture"
MODEL = "a neural network"
PDF, SVG, HTML = "a PDF document", "a drawing (SVG)", "a web page (HTML)"
ARCHIVE, OFFICE = "a zip archive or office document", "an office document"

NOT_READ: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        VIDEO: (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".3gp", ".flv"),
        JPEG_XL: (".jxl",),
        JPEG_2000: (".jp2", ".j2k", ".jpf", ".jpx", ".j2c", ".jpc"),
        RAW: (
            *(".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".raf", ".orf", ".rw2"),
            *(".pef", ".srw", ".x3f", ".3fr", ".iiq", ".kdc", ".erf", ".raw"),
        ),
        PDF: (".pdf",),
        SVG: (".svg", ".svgz"),
        HTML: (".html", ".htm", ".mhtml"),
        "a Photoshop file": (".psd", ".psb"),
        "an icon": (".ico", ".icns"),
        "a drawing (EPS or AI)": (".eps", ".ai", ".ps"),
        "an older picture format": (".tga", ".pcx", ".xcf", ".dds", ".ras", ".sgi", ".xbm", ".xpm"),
        "a picture with a wide range of light (HDR or EXR)": (".hdr", ".exr"),
        "a medical picture (DICOM)": (".dcm",),
        MODEL: (".keras", ".h5", ".hdf5", ".onnx", ".tflite", ".pt", ".pth", ".safetensors", ".pb"),
        AUDIO: (".wav", ".mp3", ".m4a", ".ogg", ".flac"),
        OFFICE: (".docx", ".pptx", ".xlsx", ".doc", ".ppt", ".xls", ".odt", ".odp", ".ods"),
    }
)
"""Files that people mix with photos, by what they are."""

_BY_SUFFIX = {suffix: kind for kind, suffixes in NOT_READ.items() for suffix in suffixes}

ADVICE: Mapping[str, str] = MappingProxyType(
    {
        VIDEO: "read it with `fer video`, or under Video on the Predict page; or take a still picture of it",
        MODEL: "to use a Keras network of your own, bring it in with `fer export FILE models/NAME`, then choose NAME "
        "as the model",
        RAW: "export the photo as JPEG (its small preview is not taken)",
        JPEG_XL: "save it as JPEG or PNG",
        JPEG_2000: "save it as JPEG or PNG",
        PDF: "save its pages as pictures, or make a screenshot",
        SVG: "save it as PNG",
        HTML: "open the page and save the picture itself",
    }
)

STARTS = (
    (b"PK\x03\x04", ARCHIVE),
    (b"PK\x05\x06", ARCHIVE),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x89HDF", "an HDF5 file"),
    (b"PAR1", "a Parquet table"),
    (b"\x1f\x8b", "a file packed by gzip"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x1aE\xdf\xa3", VIDEO),
    (b"<svg", SVG),
    (b"<!doctype html", HTML),
    (b"<html", HTML),
    (b"FUJIFILMCCD-RAW", RAW),
    (b"IIRO", RAW),
    (b"IIRS", RAW),
    (b"IIU\x00", RAW),
    (b"FOVb", RAW),
    (b"\xff\x4f\xff\x51", JPEG_2000),
    (b"%!PS", "a drawing (EPS or AI)"),
)
"""First bytes that puremagic does not know, or takes for something else."""

BRANDS: Mapping[bytes, str] = MappingProxyType({b"crx ": RAW, b"jp2 ": JPEG_2000, b"jpx ": JPEG_2000, b"jxl ": JPEG_XL})
"""Of files made of boxes (ISO base media); what has none of these is a video or a HEIC picture."""
PICTURE_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"hevc", b"heim")

LOOKED_AT = 4096
SURE = 0.4
"""Below, puremagic guesses by one or two bytes."""


def is_read(name: str) -> bool:
    """Whether a file of this name is tried as a picture."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def not_read(name: str) -> str | None:
    """What a file is by its suffix, when it is something near a photo that is not read ('a video'); else None."""
    return _BY_SUFFIX.get(PurePosixPath(name).suffix.lower())


def what_is(data: bytes) -> str | None:
    """What a file is by its first bytes ('a PDF document'), or None when that is not known or a format of READ."""
    start = data[:LOOKED_AT]
    plain = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in plain[:1000] and plain.startswith((b"<?xml", b"<!doctype svg", b"<!--")):
        return SVG
    for mark, kind in STARTS:
        if start.startswith(mark) or plain.startswith(mark):
            return kind
    if start[4:8] in (b"ftyp", b"jP  ", b"JXL "):
        return _boxed(start)
    return _by_puremagic(start)


def advice(kind: str | None) -> str:
    """What to do with a file of such a kind."""
    return f"A photo was expected: {ADVICE.get(kind or '', f'send {NAMES}')}."


def _boxed(start: bytes) -> str | None:
    if start[4:8] != b"ftyp":
        return JPEG_XL if start[4:8] == b"JXL " else JPEG_2000
    brand = start[8:12]
    if brand in PICTURE_BRANDS:
        return None
    return BRANDS.get(brand, VIDEO)


def _by_puremagic(start: bytes) -> str | None:
    import puremagic

    try:
        found = puremagic.magic_string(start)[0]
    except Exception:  # it raises its own error for what it does not know, and others on damaged files
        return None
    suffix = str(found.extension).lower()
    if suffix in SUFFIXES:
        return None
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    mime = str(found.mime_type)
    for begin, word in (("video/", VIDEO), ("audio/", AUDIO), ("text/html", HTML)):
        if mime.startswith(begin):
            return word
    return f"a file of the kind '{found.name}'" if found.confidence >= SURE and found.name else None
