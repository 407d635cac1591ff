"""A video with boxes and answers drawn on it, as MP4. The file is read a second time, one frame in memory at a time."""

import os
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from fer_core import extras
from fer_core.errors import VideoError, unforeseen
from fer_core.photos import drawing, wording
from fer_core.photos.faces import Face, scaled
from fer_core.video import frames
from fer_core.video.decoding import Frame
from fer_core.video.timeline import Moment, Timeline

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

CODECS = ("libx264", "mpeg4")
"""The first one that is there; every browser plays the first."""

MILLISECOND = Fraction(1, 1000)
UNFORESEEN = "The annotated video could not be written, for a reason that nobody foresaw."


def to_file(source: Path | bytes, timeline: Timeline, target: Path) -> Iterator[float]:
    """Write an MP4 file; gives the seconds that are done. The file is there when all is done, else nothing is.

    Args:
        source: the video that the timeline is of.
        timeline: what was found in it.
        target: an MP4 file; one that is there is written over.

    Raises:
        VideoError: the video cannot be read, or the file cannot be written.
    """
    if isinstance(source, Path) and target.exists() and target.samefile(source):
        raise VideoError(f"{target} is the video itself. Name another file for the annotated one.")
    try:
        handle, name = tempfile.mkstemp(suffix=".mp4", prefix=".", dir=target.parent)
        with os.fdopen(handle, "wb") as stream:
            yield from to_stream(source, timeline, stream)
        Path(name).replace(target)
    except OSError as error:
        raise VideoError(f"{target} cannot be written ({error.strerror}). Check the folder and its rights.") from error
    finally:
        if "name" in locals():
            Path(name).unlink(missing_ok=True)


def to_stream(source: Path | bytes, timeline: Timeline, target: IO[bytes]) -> Iterator[float]:
    """As `to_file`, into an open file or io.BytesIO."""
    extras.need("av")
    import av

    with (
        unforeseen(VideoError, UNFORESEEN),
        frames.opened(source) as video,
        av.open(target, mode="w", format="mp4") as container,
    ):
        stream: VideoStream | None = None
        for frame in video.all():
            if frame.time > timeline.seconds:  # what was read before it was stopped
                break
            picture = _even(_drawn(frame, timeline))
            stream = stream or _stream(container, picture)
            if picture.shape[:2] == (stream.height, stream.width):
                coded = av.VideoFrame.from_ndarray(picture, format="rgb24")
                coded.pts, coded.time_base = round(frame.time * 1000), MILLISECOND
                container.mux(stream.encode(coded))
            yield video.end
        if stream is not None:
            container.mux(stream.encode())


def _stream(container: "OutputContainer", picture: NDArray[np.uint8]) -> "VideoStream":
    import av

    codec = next(name for name in CODECS if name in av.codecs_available)
    options = {"preset": "veryfast", "crf": "23"} if codec == CODECS[0] else {}
    stream = cast("VideoStream", container.add_stream(codec, rate=30, options=options))
    stream.height, stream.width = picture.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = MILLISECOND
    return stream


def _drawn(frame: Frame, timeline: Timeline) -> NDArray[np.uint8]:
    """With each face boxed; the boxes move on evenly between two frames that were read."""
    found = [(face.number, moment) for face in timeline.faces if (moment := face.at(frame.time))]
    boxes = [_face(moment, frame.divisor) for _, moment in found]
    words = [f"{number} {wording.answer(moment.answer)}" for number, moment in found]
    return drawing.labelled(frame.pixels, boxes, words)


def _face(moment: Moment, divisor: float) -> Face:
    seen = moment.sighting
    return scaled(Face(seen.box, seen.score, seen.roll), 1 / divisor)


def _even(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Sides that video takes: an odd last line is left out."""
    height, width = (side - side % 2 for side in picture.shape[:2])
    return np.ascontiguousarray(picture[:height, :width])
