"""The way of a video: frames one by one, their faces, whose face is whose, answers, a timeline.

Each frame that is read goes the way of a photo: `analyse` cuts the crops, asks the network and judges whether the
answer is sure. Only the search is shorter: while faces are in sight they are followed, and the whole frame is searched
once per second. One frame is in memory at a time; of the others stay numbers, and a few small pictures per face.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import VideoError, unforeseen
from fer_core.photos import drawing, faces
from fer_core.photos.analysis import FaceAnalysis, analyse
from fer_core.photos.detection.detectors import borrowed
from fer_core.photos.detection.face import is_among
from fer_core.photos.detection.following import Following
from fer_core.photos.faces import Face
from fer_core.photos.images import Photo
from fer_core.predictors.base import Predictor
from fer_core.video import frames
from fer_core.video.decoding import Frame
from fer_core.video.timeline import Sighting, Thumbnail, Timeline, face_timeline, spans_of
from fer_core.video.tracking import RULES, Tracker, look

RATE = 5.0
"""Frames that are read per second, unless a caller says otherwise."""

THUMBNAIL = 96
CLEARER = 0.02
"""How much more confidence a moment must have to take the place of another as a thumbnail."""
UNFORESEEN = "This video could not be read, for a reason that nobody foresaw. Save it as MP4 and try again."


@dataclass(eq=False)
class _Kept:
    """Of one face: where it was seen, and the best picture per label."""

    sightings: list[Sighting] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    thumbnails: dict[str, Thumbnail] = field(default_factory=dict)


class Finder:
    """The faces of each frame in turn."""

    def __init__(self, min_score: float, detector: str | None) -> None:
        self._min_score, self._detector = min_score, detector
        self._searched = -np.inf

    def find(self, frame: Photo, known: list[Face], time: float) -> list[Face]:
        """Faces of a frame.

        Args:
            frame: with its pixels.
            known: the faces of the frame before.
            time: in seconds.
        """
        if time - self._searched >= RULES.search_seconds - 1e-6:
            self._searched = time
            return faces.find(frame, min_score=self._min_score, detector=self._detector)
        with borrowed(self._detector) as searcher:
            look_again = Following(frame, searcher, self._min_score, RULES.face)
            found: list[Face] = []
            for face in known:
                followed = look_again.follow(face)
                if followed and not is_among(followed, found):
                    found.append(followed)
            return found or look_again.upright([])


class VideoReading:
    """A video on its way. Iterate over it to read on; `timeline` holds what was found so far, whenever it is asked.

    Example:
        >>> from fer_core import predictors
        >>> from fer_core.video.analysis import VideoReading
        >>> reading = VideoReading(Path("clip.mp4"), predictors.load("house"))  # doctest: +SKIP
        >>> for seconds in reading:  # doctest: +SKIP
        ...     print(f"{seconds:.1f} s of {reading.length or 0:.1f} s")
        >>> reading.timeline().faces[0].shares  # doctest: +SKIP
    """

    def __init__(
        self,
        source: Path | bytes,
        predictor: Predictor,
        *,
        rate: float = RATE,
        min_score: float = faces.MIN_SCORE,
        detector: str | None = None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            source: the path of a video file, or its bytes.
            predictor: a loaded network.
            rate: frames that are read per second, at most.
            min_score: detections below this score are left out, 0 to 1.
            detector: 'yunet' or 'haar'; None takes the best that is there.
        """
        self._source, self._predictor, self._rate = source, predictor, rate
        self._finder = Finder(min_score, detector)
        self._tracker = Tracker()
        self._times: list[float] = []
        self._kept: dict[int, _Kept] = {}
        self._size = (0, 0)
        self._end = 0.0
        self._finished = False
        self._damaged = 0
        self.length: float | None = None

    def __iter__(self) -> Iterator[float]:
        """Reads a frame at each step, and gives the seconds of the video that are done.

        Raises:
            VideoError: the file cannot be read, or is larger or longer than allowed.
            PredictorError: the network's weights are damaged.
        """
        with unforeseen(VideoError, UNFORESEEN), frames.opened(self._source) as video:
            self.length = video.seconds
            for frame in video.sampled(self._rate):
                self._end, self._damaged = video.end, video.damaged
                self._read(frame)
                yield video.end
            self._end, self._damaged, self._finished = video.end, video.damaged, True

    def timeline(self) -> Timeline:
        """What was found so far, its answers smoothed."""
        spans = spans_of(self._times, max(self._end, self._times[-1] if self._times else 0.0))
        info = self._predictor.info
        found = tuple(
            face_timeline(
                number, kept.sightings, tuple(kept.thumbnails.values()), [spans[place] for place in kept.places], info
            )
            for number, kept in sorted(self._kept.items())
        )
        return Timeline(
            seconds=self._end,
            length=self.length,
            size=self._size,
            rate=self._rate,
            frames=len(self._times),
            model=info.name,
            classes=info.classes,
            faces=found,
            stopped=not self._finished,
            damaged=self._damaged,
        )

    def _read(self, frame: Frame) -> None:
        photo = Photo(frame.pixels)
        known = [track.face for track in self._tracker.in_sight]
        found = self._finder.find(photo, known, frame.time)
        answered = analyse(frame.pixels, [self._predictor], known=found).faces
        tracks = self._tracker.update(found, [look(photo, face) for face in found], frame.time)
        self._times.append(frame.time)
        self._size = frame.size
        for track, face in zip(tracks, answered, strict=True):
            kept = self._kept.setdefault(track.number, _Kept())
            kept.sightings.append(_sighting(face, frame))
            kept.places.append(len(self._times) - 1)
            _keep_thumbnail(kept, face, photo, frame.time)


def read(source: Path | bytes, predictor: Predictor, *, rate: float = RATE) -> Timeline:
    """The timeline of a whole video: see VideoReading.

    Raises:
        VideoError: the file cannot be read, or is larger or longer than allowed.
    """
    reading = VideoReading(source, predictor, rate=rate)
    for _ in reading:
        pass
    return reading.timeline()


def _sighting(analysis: FaceAnalysis, frame: Frame) -> Sighting:
    """In pixels of the video as it was sent."""
    face, answer = faces.scaled(analysis.face, frame.divisor), analysis.predictions[0]
    row = np.fromiter(answer.probabilities.values(), np.float32)
    return Sighting(frame.time, face.box, face.roll, face.score, row, answer.reason, answer.hidden)


def _keep_thumbnail(kept: _Kept, analysis: FaceAnalysis, photo: Photo, time: float) -> None:
    """The face where it was labelled so most clearly; an unsure moment stands only until a sure one comes."""
    answer = analysis.predictions[0]
    before = kept.thumbnails.get(answer.label)
    if before is None or answer.confidence - answer.unsure > before.confidence - before.unsure + CLEARER:
        jpeg = drawing.to_jpeg(_cut(photo, analysis.face))
        kept.thumbnails[answer.label] = Thumbnail(time, answer.label, answer.confidence, answer.unsure, jpeg)


def _cut(photo: Photo, face: Face) -> NDArray[np.uint8]:
    wide = replace(face, box=_grown(face.box))
    return np.asarray(cv2.resize(faces.crop(photo, [wide], THUMBNAIL, 3)[0], (THUMBNAIL, THUMBNAIL)), np.uint8)


def _grown(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    x, y, width, height = box
    return x - width // 5, y - height // 5, width + 2 * (width // 5), height + 2 * (height // 5)
