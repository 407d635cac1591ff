"""A video file frame by frame, one frame in memory at a time: upright, in order, with its time.

PyAV (FFmpeg) decodes. It sees the file only through Python's own file object, so that no file can make it open another
one. Animated WebP is decoded by Pillow.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fer_core import extras
from fer_core.errors import VideoError
from fer_core.photos import images
from fer_core.video import formats

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

LONGEST = 1280
"""Side in pixels to which larger frames are reduced: a face of 40 pixels in 4K is seen, and one fits into memory."""

MOST_HELD = 3600.0
"""No frame is shown longer than an hour; longer ones come from damaged times."""

WEBP = (b"RIFF", b"WEBP")


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame.

    Attributes:
        time: seconds from the begin of the video.
        pixels: uint8 (h, w, 3), RGB, upright; at most LONGEST pixels long.
        divisor: pixels of the upright video for one of `pixels`, along a side.
    """

    time: float
    pixels: NDArray[np.uint8] = field(repr=False)
    divisor: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the upright video."""
        height, width = self.pixels.shape[:2]
        return round(width * self.divisor), round(height * self.divisor)


class Raw(Protocol):
    """A decoded frame that has not been turned into RGB yet; most never are."""

    time: float
    seconds: float

    def frame(self) -> Frame: ...


class Video:
    """An open video file.

    Attributes:
        seconds: its length by its header; None where the header does not tell.
        damaged: parts that could not be decoded so far.
        end: seconds at which the last frame read so far ends.
    """

    def __init__(self, source: "_Source", seconds: float | None, stream: IO[bytes]) -> None:
        self._source, self._stream = source, stream
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
            raise VideoError(ENCRYPTED if _is_encrypted(self._stream) else DAMAGED)


DAMAGED = (
    "This file cannot be read as a video: it is damaged, or not complete. Copy it again from where it was made, or "
    "save it as MP4."
)
ENCRYPTED = "This video is encrypted (copy-protected), so it cannot be read. Choose another one."
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


def _check_size(width: int, height: int) -> None:
    if width * height > images.MAX_PIXELS:
        raise VideoError(
            f"The frames of this video have {width} x {height} pixels; at most {images.MAX_PIXELS // 10**6} megapixels "
            "are read. Save it smaller."
        )


class _Source(Protocol):
    damaged: int

    def raws(self) -> Iterator[Raw]: ...


# ---- by PyAV ----


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
    _check_size(stream.width, stream.height)
    length = _length(container, stream)
    _check_seconds(length)
    return Video(_ByAv(container, stream), length, file)


def _length(container: "InputContainer", stream: "VideoStream") -> float | None:
    if container.duration:
        return container.duration / 1e6
    return float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None


class _ByAv:
    """The frames of a container, decoded one after the other."""

    def __init__(self, container: "InputContainer", stream: "VideoStream") -> None:
        self.damaged = 0
        self._container, self._stream = container, stream
        self._start = (container.start_time or 0) / 1e6
        rate = stream.average_rate or stream.guessed_rate
        self._usual = 1 / float(rate) if rate else 0.04
        stream.thread_type = "AUTO"

    def raws(self) -> Iterator[Raw]:
        for frame in self._decoded():
            _check_size(frame.width, frame.height)
            self.damaged += frame.is_corrupt
            yield _AvRaw(frame, self._start, self._usual, self._stream)

    def _decoded(self) -> "Iterator[VideoFrame]":
        """What can be decoded; a damaged part is passed over and counted."""
        import av

        packets = self._packets()
        for packet in packets:
            try:
                frames = self._stream.decode(packet)
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                self.damaged += 1
                continue
            yield from frames

    def _packets(self) -> "Iterator[Packet[VideoStream]]":
        import av

        try:
            yield from self._container.demux(self._stream)
        except av.error.FFmpegError:  # the file ends in the middle
            self.damaged += 1


class _AvRaw:
    """As FFmpeg gives it, in the colours and the position in which it is stored."""

    def __init__(self, frame: "VideoFrame", start: float, usual: float, stream: "VideoStream") -> None:
        self._frame, self._stream = frame, stream
        self.time = max(0.0, frame.time - start) if frame.pts is not None else -1.0
        held = float(frame.duration * frame.time_base) if frame.duration and frame.time_base else usual
        self.seconds = held if 0 < held < MOST_HELD else usual

    def frame(self) -> Frame:
        width, height = self._frame.width, self._frame.height
        ratio = self._stream.sample_aspect_ratio
        shown = width * float(ratio) if ratio and 0.2 < ratio < 5 else float(width)  # pixels that are not square
        divisor = max(1.0, max(shown, height) / LONGEST)
        small = self._frame.reformat(max(1, round(shown / divisor)), max(1, round(height / divisor)), "rgb24")
        pixels = small.to_ndarray()
        turned = np.rot90(pixels, round(self._frame.rotation / 90))  # counterclockwise, both of them
        return Frame(self.time, np.ascontiguousarray(turned, np.uint8), divisor)


# ---- by Pillow ----


def _opened_webp(stream: IO[bytes]) -> Video:
    try:
        image = Image.open(stream, formats=("WEBP",))
        count = getattr(image, "n_frames", 1)
    except Exception as error:  # as in photos/images.py: Pillow raises nearly anything on hostile bytes
        raise VideoError(DAMAGED) from error
    _check_size(*image.size)
    return Video(_ByPillow(image, count), None, stream)


class _ByPillow:
    """The frames of an animated WebP."""

    def __init__(self, image: Image.Image, count: int) -> None:
        self.damaged = 0
        self._image, self._count = image, count

    def raws(self) -> Iterator[Raw]:
        time = 0.0
        for number in range(self._count):
            try:
                self._image.seek(number)
                rgba = np.asarray(self._image.convert("RGBA"))
            except Exception:  # as above
                self.damaged += 1
                return
            seconds = max(0.02, float(self._image.info.get("duration", 0) or 100) / 1000)
            yield _PillowRaw(rgba, time, seconds)
            time += seconds


class _PillowRaw:
    def __init__(self, rgba: NDArray[Any], time: float, seconds: float) -> None:
        self._rgba, self.time, self.seconds = rgba, time, seconds

    def frame(self) -> Frame:
        """Laid on white, as photos are."""
        alpha = self._rgba[..., 3:].astype(np.float32) / 255
        pixels = (self._rgba[..., :3] * alpha + 255 * (1 - alpha)).round().astype(np.uint8)
        divisor = max(1.0, max(pixels.shape[:2]) / LONGEST)
        if divisor > 1:
            size = max(1, round(pixels.shape[1] / divisor)), max(1, round(pixels.shape[0] / divisor))
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        return Frame(self.time, pixels, divisor)
