"""How frames come out of a file, one at a time: by PyAV (FFmpeg), and by Pillow for animated WebP."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fer_core.errors import VideoError
from fer_core.photos import images

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

LONGEST = 1280
"""Side in pixels to which larger frames are reduced: a face of 40 pixels in 4K is seen, and one fits into memory."""

MOST_HELD = 3600.0
"""No frame is shown longer than an hour; longer ones come from damaged times."""


ENCRYPTED = "This video is encrypted (copy-protected), so it cannot be read. Choose another one."


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


class Source(Protocol):
    """A file that gives its frames in turn; `damaged` counts the parts that could not be decoded."""

    damaged: int

    def raws(self) -> Iterator[Raw]: ...


def check_size(width: int, height: int) -> None:
    """Raises VideoError for frames with more pixels than photos may have."""
    if width * height > images.MAX_PIXELS:
        raise VideoError(
            f"The frames of this video have {width} x {height} pixels; at most {images.MAX_PIXELS // 10**6} megapixels "
            "are read. Save it smaller."
        )


class ByAv:
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
            check_size(frame.width, frame.height)
            self.damaged += frame.is_corrupt
            yield _AvRaw(frame, self._start, self._usual, self._stream)

    def _decoded(self) -> "Iterator[VideoFrame]":
        """What can be decoded; a damaged part is passed over and counted."""
        import av

        packets = self._packets()
        for packet in packets:
            if packet.has_sidedata("encryption_info"):
                raise VideoError(ENCRYPTED)
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


class ByPillow:
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
