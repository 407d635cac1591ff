"""Which video files are read here, and how large they may be."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from fer_core import settings


@dataclass(frozen=True)
class Format:
    """A video format that is read.

    Attributes:
        name: as people call it.
        suffixes: small letters, with the dot.
        demuxers: of FFmpeg that may open it; no other ever runs, as some open further files by name.
    """

    name: str
    suffixes: tuple[str, ...]
    demuxers: tuple[str, ...] = ()


READ = (
    Format("MP4", (".mp4", ".m4v", ".3gp"), ("mov",)),
    Format("MOV", (".mov", ".qt"), ("mov",)),
    Format("WebM", (".webm",), ("matroska",)),
    Format("MKV", (".mkv",), ("matroska",)),
    Format("AVI", (".avi",), ("avi",)),
    Format("MPEG", (".mpg", ".mpeg", ".ts", ".mts"), ("mpeg", "mpegts")),
    Format("GIF", (".gif",), ("gif",)),
    Format("animated WebP", (".webp",)),
)
"""Animated WebP is opened by Pillow."""

ALSO_PICTURES = frozenset((".gif", ".webp"))
"""Suffixes of animations that are usually still pictures."""

SUFFIXES = frozenset(suffix for one in READ for suffix in one.suffixes)
DEMUXERS = ",".join(dict.fromkeys(name for one in READ for name in one.demuxers))
NAMES = f"{', '.join(one.name for one in READ[:-1])} or {READ[-1].name}"
"""For sentences."""

PUBLIC_SECONDS, PUBLIC_BYTES = 60.0, 50_000_000
"""Limits of a server that strangers use."""


def is_video(name: str) -> bool:
    """Whether a file of this name is a video, and no picture."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix in SUFFIXES and suffix not in ALSO_PICTURES


def is_read(name: str) -> bool:
    """Whether a file of this name is tried as a video."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def most_seconds() -> float | None:
    """How long a video may be here; None for no limit."""
    return PUBLIC_SECONDS if settings.public() else None


def most_bytes() -> int | None:
    """How large a file may be here; None for no limit."""
    return PUBLIC_BYTES if settings.public() else None
