"""What was found in a video: per face when it was seen, what it appeared to show, and for how long."""

import bisect
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fer_core.photos.analysis import Prediction, prediction
from fer_core.predictors.base import PredictorInfo

SIGMA, REACH = 0.3, 0.75
"""Seconds: width of the bell curve by which answers are averaged, and where it is cut off."""

SMOOTHING = (
    "Smoothed: the probabilities of each face are averaged over time, weighted by a bell curve (Gaussian, standard "
    f"deviation {SIGMA:g} s) around each moment. It looks ahead as far as back, so a change stays at its moment."
)

UNSURE = "unsure"
NO_CROP = np.zeros((0, 0, 1), np.uint8)

Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False, slots=True)
class Sighting:
    """A face in one frame.

    Attributes:
        time: of the frame, in seconds.
        box: x, y, width, height in pixels of the upright video.
        roll: degrees clockwise, as in Face.
        score: the detector's, 0 to 1.
        row: calibrated probabilities of this frame alone, in the order of the network's classes.
        reason: what the picture does not show, as in Prediction.
        hidden: it shows so little that no answer is sure.
    """

    time: float
    box: Box
    roll: float
    score: float
    row: NDArray[np.float32]
    reason: str = ""
    hidden: bool = False


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """The moment at which a face was most clearly labelled so.

    Attributes:
        time: in seconds.
        label: of that frame alone.
        confidence: of that frame alone, 0 to 1.
        unsure: that answer was unsure; the face was never labelled so clearly.
        jpeg: of the face.
    """

    time: float
    label: str
    confidence: float
    unsure: bool
    jpeg: bytes = field(repr=False)


@dataclass(frozen=True, eq=False)
class Moment:
    """A face at one moment: where it was, and the smoothed answer.

    Attributes:
        sighting: as it was seen, with the answer of that frame alone.
        seconds: until the next frame that was read.
        answer: smoothed; its crop is empty.
    """

    sighting: Sighting
    seconds: float
    answer: Prediction

    @property
    def time(self) -> float:
        return self.sighting.time

    @property
    def end(self) -> float:
        return self.sighting.time + self.seconds

    @property
    def shown(self) -> str:
        """The label, or 'unsure'."""
        return UNSURE if self.answer.unsure else self.answer.label


@dataclass(frozen=True)
class Segment:
    """A time in which the answer stayed the same.

    Attributes:
        start: in seconds.
        end: in seconds.
        label: the most probable expression most of the time.
        unsure: the answer was unsure.
        confidence: mean over the time, 0 to 1.
    """

    start: float
    end: float
    label: str
    unsure: bool
    confidence: float


@dataclass(frozen=True, eq=False)
class FaceTimeline:
    """One face through the video.

    Attributes:
        number: from 1 on, in the order in which faces came.
        moments: in the order of time.
        thumbnails: one per label that was seen, in the order of time.
    """

    number: int
    moments: tuple[Moment, ...] = field(repr=False)
    thumbnails: tuple[Thumbnail, ...] = field(repr=False)

    @property
    def start(self) -> float:
        return self.moments[0].time

    @property
    def end(self) -> float:
        return self.moments[-1].end

    @property
    def seconds(self) -> float:
        """How long it was seen."""
        return sum(moment.seconds for moment in self.moments)

    @property
    def shares(self) -> dict[str, float]:
        """Share of its time per label, largest first; unsure answers count as 'unsure'. They sum to 1."""
        total = self.seconds or 1.0
        times: dict[str, float] = {}
        for moment in self.moments:
            times[moment.shown] = times.get(moment.shown, 0.0) + moment.seconds / total
        return dict(sorted(times.items(), key=lambda pair: -pair[1]))

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Times in which the answer stayed the same; no gap lies inside one."""
        groups: list[list[Moment]] = []
        for moment in self.moments:
            last = groups[-1][-1] if groups else None
            if last and last.shown == moment.shown and moment.time - last.end < 1e-3:
                groups[-1].append(moment)
            else:
                groups.append([moment])
        return tuple(_segment(group) for group in groups)

    @functools.cached_property
    def _times(self) -> list[float]:
        return [moment.time for moment in self.moments]

    def at(self, time: float) -> Moment | None:
        """The face at a moment, moved on towards where it is seen next; None while it is out of sight."""
        place = bisect.bisect_right(self._times, time + 1e-6) - 1
        if place < 0 or time > self.moments[place].end + 1e-6:
            return None
        here = self.moments[place]
        following = self.moments[place + 1] if place + 1 < len(self.moments) else None
        if following is None or following.time - here.end > 1e-3:
            return here
        share = (time - here.time) / max(1e-6, following.time - here.time)
        return replace(here, sighting=_between(here.sighting, following.sighting, share))


@dataclass(frozen=True, eq=False)
class Timeline:
    """Everything found in one video.

    Attributes:
        seconds: how much of it was read.
        length: of the whole video; None where that is not known.
        size: width and height of the upright video.
        rate: frames that were read per second, at most.
        frames: how many were read.
        model: name of the network.
        classes: its expressions, in its order.
        faces: in the order in which they came.
        stopped: reading was stopped before the end.
        damaged: parts that could not be decoded.
    """

    seconds: float
    length: float | None
    size: tuple[int, int]
    rate: float
    frames: int
    model: str
    classes: tuple[str, ...]
    faces: tuple[FaceTimeline, ...]
    stopped: bool
    damaged: int


def face_timeline(
    number: int,
    sightings: Sequence[Sighting],
    thumbnails: Sequence[Thumbnail],
    spans: Sequence[float],
    info: PredictorInfo,
) -> FaceTimeline:
    """Answers smoothed over time.

    Args:
        number: of the face.
        sightings: in the order of time; at least one.
        thumbnails: in any order.
        spans: seconds until the next frame that was read, one per sighting.
        info: whose classes and threshold apply.
    """
    rows = smoothed(
        np.array([one.time for one in sightings]), np.stack([one.row for one in sightings]), np.array(spans)
    )
    moments = tuple(
        Moment(one, float(span), _answer(info, row, one)) for one, span, row in zip(sightings, spans, rows, strict=True)
    )
    return FaceTimeline(number, moments, tuple(sorted(thumbnails, key=lambda one: one.time)))


def smoothed(times: NDArray[np.float64], rows: NDArray[np.float32], spans: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row averaged with those around it: see SMOOTHING.

    Args:
        times: (n,) seconds, growing.
        rows: (n, classes), each sums to 1.
        spans: (n,) seconds that each row stands for; a frame that is shown longer counts more.

    Returns:
        float64 (n, classes), each sums to 1.
    """
    first, last = np.searchsorted(times, times - REACH), np.searchsorted(times, times + REACH, side="right")
    result = np.empty(rows.shape, np.float64)
    for place, (begin, end) in enumerate(zip(first, last, strict=True)):
        apart = (times[begin:end] - times[place]) / SIGMA
        weights = np.exp(-0.5 * apart**2) * np.minimum(np.maximum(spans[begin:end], 1e-3), REACH)
        result[place] = weights @ rows[begin:end] / weights.sum()
    return np.asarray(result / result.sum(axis=1, keepdims=True), np.float64)


def spans_of(times: Sequence[float], end: float) -> list[float]:
    """Seconds from each frame that was read to the next, and from the last one to the end."""
    return [max(0.0, float(later) - float(time)) for time, later in zip(times, [*times[1:], end], strict=True)]


def _answer(info: PredictorInfo, row: NDArray[np.float64], sighting: Sighting) -> Prediction:
    given = prediction(info, row, NO_CROP)
    if sighting.hidden or (given.unsure and sighting.reason):
        return replace(given, unsure=True, reason=sighting.reason, hidden=sighting.hidden)
    return given


def _segment(group: Sequence[Moment]) -> Segment:
    times: dict[str, float] = {}
    for moment in group:
        times[moment.answer.label] = times.get(moment.answer.label, 0.0) + moment.seconds
    label = max(times, key=times.__getitem__)
    mean = float(np.mean([moment.answer.confidence for moment in group]))
    return Segment(group[0].time, group[-1].end, label, group[0].answer.unsure, mean)


def _between(one: Sighting, other: Sighting, share: float) -> Sighting:
    x, y, width, height = (round(a + share * (b - a)) for a, b in zip(one.box, other.box, strict=True))
    return replace(one, box=(x, y, width, height))
