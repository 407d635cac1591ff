"""A video file frame by frame, one frame in memory at a time: upright, in order, with its time.

PyAV (FFmpeg) decodes. It sees the file only through Python's own file object, so that no file can make it open another
one. Animated WebP is decoded by Pillow.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
from PIL import Image

from fer_core import extras
from fer_core.errors import VideoError
from fer_core.video import formats
from fer_core.video.decoding import ENCRYPTED, MOST_HELD, ByAv, ByPillow, Frame, Raw, Source, check_size

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

WEBP = (b"RIFF", b"WEBP")


class Video:
    """An open video file.

    Attributes:
        seconds: its length by its header; None where the header does not tell.
        damaged: parts that could not be decoded so far.
        end: seconds at which the last frame read so far ends.
    """

    def __init__(self, source: Source, seconds: float | None) -> None:
        self._source = source
        self.seconds = seconds
        self.end = 0.0

    @property
    def damaged(self) -> int:
        return self._source.damaged

    def sampled(self, rate: float) -> Iterator[Frame]:
        """So many frames per second, by their times; a frame that stands longer comes once.

        Args:
            rate: frames per second; of a video that has fewer, all.

        Raises:
            VideoError: nothing can be decoded, or the video is longer than allowed.
        """
        due = 0.0
        for raw in self._in_order():
            if raw.time + 1e-3 >= due:
                due = (np.floor((raw.time + 1e-3) * rate) + 1) / rate
                yield raw.frame()

    def all(self) -> Iterator[Frame]:
        """Every frame.

        Raises:
            VideoError: as `sampled`.
        """
        for raw in self._in_order():
            yield raw.frame()

    def _in_order(self) -> Iterator[Raw]:
        """Frames whose times grow; where the file gives none or an earlier one, the next is counted on."""
        last: Raw | None = None
        for raw in self._source.raws():
            if last is not None and not last.time < raw.time < last.time + MOST_HELD:
                raw.time = last.time + last.seconds
            _check_seconds(raw.time)
            self.end = raw.time + raw.seconds
            last = raw
            yield raw
        if last is None:
            raise VideoError(DAMAGED)


DAMAGED = (
    "This file cannot be read as a video: it is damaged, or not complete. Copy it again from where it was made, or "
    "save it as MP4."
)
NO_PICTURE = "This file has sound but no picture. A video in which faces are seen was expected."
UNKNOWN_CODEC = "This video is stored in a way (codec) that is not read here. Save it as MP4 with H.264."
ENCRYPTED_MARK, CHUNK = b"encv", 1 << 20
"""What stands in an MP4 file in place of its codec's name; bytes that are looked through at a time."""


@contextmanager
def opened(source: Path | bytes) -> Iterator[Video]:
    """A video for reading; the file is closed behind it.

    Args:
        source: the path of a file, or its bytes.

    Raises:
        VideoError: there is no such file, it is no video, or it is larger or longer than allowed.
        MissingPackageError: PyAV is not installed.
    """
    with _stream(source) as stream:
        start = stream.read(16)
        stream.seek(0, io.SEEK_END)
        _check_bytes(stream.tell())
        stream.seek(0)
        if (start[:4], start[8:12]) == WEBP:
            yield _opened_webp(stream)
        else:
            with _container(stream) as container:
                yield _opened_container(container, stream)


def _stream(source: Path | bytes) -> IO[bytes]:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    if not source.is_file():
        raise VideoError(f"There is no file {source}; expected a video or a folder of videos. Check the path.")
    try:
        return source.open("rb")
    except OSError as error:
        raise VideoError(f"The file {source} cannot be opened ({error.strerror}). Check its rights.") from error


def _check_bytes(size: int) -> None:
    most = formats.most_bytes()
    if not size:
        raise VideoError("This file is empty (0 bytes). A video was expected: choose the file again, or another one.")
    if most and size > most:
        raise VideoError(
            f"This video has {size / 1e6:.0f} MB; at most {most / 1e6:.0f} MB are read here. Cut it shorter, or save "
            "it smaller."
        )


def _check_seconds(seconds: float | None) -> None:
    most = formats.most_seconds()
    if most and seconds and seconds > most:
        raise VideoError(
            f"This video is longer than {most:.0f} seconds, the most that is read here. Cut it shorter and choose it "
            "again."
        )


@contextmanager
def _container(stream: IO[bytes]) -> "Iterator[InputContainer]":
    extras.need("av")
    import av

    allowed = {"format_whitelist": formats.DEMUXERS, "protocol_whitelist": "none"}
    try:
        container = av.open(stream, mode="r", container_options=allowed, metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        stream.seek(0)
        raise VideoError(_why_not(stream.read(4096))) from error
    with container:
        yield container


def _why_not(start: bytes) -> str:
    """What a file is that FFmpeg does not open as a video."""
    from fer_core.photos.formats import VIDEO, what_is

    kind = what_is(start)
    if kind in (None, VIDEO):
        return DAMAGED
    return f"This is {kind}, not a video. A video was expected: choose {formats.NAMES}."


def _is_encrypted(stream: IO[bytes]) -> bool:
    stream.seek(0)
    kept = b""
    while part := stream.read(CHUNK):
        if ENCRYPTED_MARK in kept + part:
            return True
        kept = part[-len(ENCRYPTED_MARK) :]
    return False


def _opened_container(container: "InputContainer", file: IO[bytes]) -> Video:
    from av.stream import Disposition

    # The picture on the cover of a song is a video stream, too.
    moving = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    if not moving:
        raise VideoError(NO_PICTURE)
    stream = moving[0]
    if not stream.codec_context:
        raise VideoError(ENCRYPTED if _is_encrypted(file) else UNKNOWN_CODEC)
    check_size(stream.width, stream.height)
    length = _length(container, stream)
    _check_seconds(length)
    return Video(ByAv(container, stream), length)


def _length(container: "InputContainer", stream: "VideoStream") -> float | None:
    if container.duration:
        return container.duration / 1e6
    return float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None


def _opened_webp(stream: IO[bytes]) -> Video:
    try:
        image = Image.open(stream, formats=("WEBP",))
        count = getattr(image, "n_frames", 1)
    except Exception as error:  # as in photos/images.py: Pillow raises nearly anything on hostile bytes
        raise VideoError(DAMAGED) from error
    check_size(*image.size)
    return Video(ByPillow(image, count), None)
