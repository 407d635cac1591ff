"""Face detectors behind one call: YuNet, and the Haar cascades inside the OpenCV wheel when its file is not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import FerError
from fer_core.photos.detection import yunet
from fer_core.predictors.downloads import why_no_yunet, yunet_path

EYES = 240
"""Side in pixels of the face in which the cascades look for eyes; those behind glasses are lost below."""


@dataclass(frozen=True, eq=False)
class Detection:
    """One face in the pixels of the picture that was searched.

    Attributes:
        box: x, y, width, height of the tight box that YuNet draws, whoever the detector is.
        score: 0 to 1.
        landmarks: float32 (5, 2) as in Face, rows nan where unknown; None when nothing is known.
    """

    box: tuple[float, float, float, float]
    score: float
    landmarks: NDArray[np.float32] | None

    @property
    def center(self) -> tuple[float, float]:
        x, y, width, height = self.box
        return x + width / 2, y + height / 2

    @property
    def roll(self) -> float | None:
        """Degrees clockwise by the eyes; None when they are not known."""
        if self.landmarks is None:
            return None
        across, down = self.landmarks[1] - self.landmarks[0]
        return float(np.degrees(np.arctan2(down, across)))


@dataclass(frozen=True)
class Strategy:
    """How a photo is best searched with a detector.

    Attributes:
        searches: (longest side in pixels, degrees) of the views of a photo, tried in turn until one shows a sure face.
        sure: score from which no further view is tried.
        face: size at which each face is looked at again in a picture of its own.
        level: score that a face looked at again reaches only when it stands upright.
        turns: degrees by which a face below that score is turned, to see whether it then looks better.
        turned: least score of a face that does not stand upright in the photo; such views are many, and err more.
        slant: most degrees by which a face may lean in the view that shows it.
        share: part of the wished score with which a face in a view is worth the second look.
        small_share: the same for a face that is small in the view.
        fine: scales at which the parts of a large photo are searched, coarse to fine; none where that costs too much.
        plain: score from which an upright face of usual size in the view needs no second look.
        step: degrees to which the turn of a face is rounded; 0 leaves it. A network's last bits differ between
            processors; where they move a face by a thousandth of a degree, the answer to it must stay the same.
    """

    searches: tuple[tuple[int, int], ...]
    sure: float
    face: int
    level: float
    turns: tuple[int, ...]
    turned: float
    slant: int
    share: float
    small_share: float
    fine: tuple[float, ...] = ()
    plain: float = 2.0
    step: float = 0.0


class Detector(Protocol):
    """Searches one picture as it stands."""

    @property
    def strategy(self) -> Strategy: ...

    def __call__(self, picture: NDArray[np.uint8], min_score: float, about: int | None = None) -> list[Detection]:
        """Faces in an RGB picture with at least that score; `about` tells their size in pixels when it is known."""
        ...


class YuNet:
    """Five landmarks, and faces from 16 pixels.

    It sees faces at any turn, but takes those that are not upright for upright ones: an upside-down face comes with
    the eyes at the mouth. Only upright ones score 0.9 and more.
    """

    strategy = Strategy(
        searches=((640, 0), (320, 0), (640, 180), (640, 90), (640, -90)),
        sure=0.8,
        face=192,
        level=0.9,
        turns=(45, 90, 135, 180, -135, -90, -45),
        turned=0.8,
        slant=180,
        share=0.85,
        small_share=0.5,
        fine=(0.5, 1.0),
        plain=0.935,
        step=1.0,
    )

    def __init__(self, path: Path) -> None:
        self._network = yunet.Network(path)

    def __call__(self, picture: NDArray[np.uint8], min_score: float, about: int | None = None) -> list[Detection]:  # noqa: ARG002
        return [self._detection(row) for row in self._network(picture, min_score)]

    @staticmethod
    def _detection(row: NDArray[np.float32]) -> Detection:
        x, y, width, height = (float(value) for value in row[:4])
        return Detection((x, y, width, height), min(1.0, float(row[14])), row[4:14].reshape(5, 2).copy())


class Haar:
    """Viola and Jones's cascades: a frontal face, then the eyes in it for the tilt and against false alarms."""

    strategy = Strategy(
        searches=((640, 0), (320, 0), (320, 25), (320, -25), (320, 180), (320, 90), (320, -90), (1280, 0)),
        sure=0.95,
        face=180,
        level=0.0,
        turns=(),
        turned=0.9,
        slant=24,
        share=0.7,
        small_share=0.7,
    )

    def __init__(self) -> None:
        self._faces = _cascade("haarcascade_frontalface_alt2.xml")
        self._eyes = (_cascade("haarcascade_eye.xml"), _cascade("haarcascade_eye_tree_eyeglasses.xml"))

    def __call__(self, picture: NDArray[np.uint8], min_score: float, about: int | None = None) -> list[Detection]:
        gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        close = max(gray.shape) <= 320  # cheap enough to look closer
        smallest, largest = (round(0.5 * about), round(1.5 * about)) if about else (24, max(gray.shape))
        boxes, _, weights = self._faces.detectMultiScale3(
            cv2.equalizeHist(gray) if close else gray,
            scaleFactor=1.03 if about else 1.05 if close else 1.1,
            minNeighbors=3,
            minSize=(smallest, smallest),
            maxSize=(largest, largest),
            outputRejectLevels=True,
        )
        pairs = zip(boxes, weights, strict=True)
        found = [self._detection(gray, x, y, side, weight) for (x, y, side, _), weight in pairs]
        return [detection for detection in found if detection.score >= min_score]

    def _detection(self, gray: NDArray[np.uint8], x: int, y: int, side: int, weight: float) -> Detection:
        eyes = self._find_eyes(gray[y : y + side, x : x + side])
        landmarks = None
        tilt = np.degrees(np.arctan2(*(eyes[1] - eyes[0])[::-1])) if len(eyes) == 2 else 0.0
        if abs(tilt) > 25:  # the cascade finds no face as slanted as that: these are no eyes
            eyes = eyes[:0]
        if len(eyes) == 2:
            landmarks = np.full((5, 2), np.nan, np.float32)
            landmarks[:2] = eyes + np.array([x, y])
        return Detection(_as_yunet(x, y, side), _haar_score(float(weight), len(eyes)), landmarks)

    def _find_eyes(self, face: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Middles (n, 2) of at most one eye in each half of the face, left one first."""
        side, top, bottom = face.shape[0], round(0.15 * EYES), round(0.65 * EYES)
        shrinks = side > EYES
        large = cv2.resize(face, (EYES, EYES), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        best: dict[bool, tuple[int, tuple[float, float]]] = {}
        for cascade in self._eyes:
            if len(best) == 2:
                break
            boxes, counts = cascade.detectMultiScale2(large[top:bottom], 1.05, 2, minSize=(30, 30), maxSize=(80, 80))
            for (x, y, width, height), count in zip(boxes, counts, strict=True):
                middle = (x + width / 2, top + y + height / 2)
                half = bool(middle[0] > EYES / 2)
                best[half] = max(best.get(half, (0, middle)), (int(count), middle))
        return np.array([best[half][1] for half in sorted(best)], np.float32).reshape(-1, 2) * np.float32(side / EYES)


def _cascade(name: str) -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / name))


def _as_yunet(x: int, y: int, side: int) -> tuple[float, float, float, float]:
    """The tight box that YuNet would draw around the face in a Haar square."""
    return x + 0.105 * side, y - 0.055 * side, 0.79 * side, 1.12 * side


def _haar_score(weight: float, eyes: int) -> float:
    """A stand-in for a probability: the last stage's weight, and what the eyes say."""
    strength = min(1.0, max(0.0, (weight - 54.0) / 3.0))
    base, share = ((0.1, 0.7), (0.35, 0.55), (0.6, 0.4))[eyes]
    return base + share * strength


def detector_name() -> str:
    """The detector that `find` takes by itself: 'yunet' when its file is there, 'haar' otherwise."""
    return "yunet" if yunet_path() is not None else "haar"


@contextmanager
def borrowed(name: str | None = None) -> Iterator[Detector]:
    """A detector for the caller alone: OpenCV's may be used again and again, but not by two threads at once.

    Args:
        name: 'yunet' or 'haar'; None takes the best that is there.

    Raises:
        FerError: there is no such detector, or its file is missing or no good.
    """
    path = yunet_path() if name != "haar" else None
    key = (name or ("yunet" if path else "haar"), path)
    idle = _idle.setdefault(key, [])
    try:
        detector = idle.pop()
    except IndexError:
        detector = _make(*key)
    try:
        yield detector
    finally:
        idle.append(detector)


_idle: dict[tuple[str, Path | None], list[Detector]] = {}


def _make(name: str, path: Path | None) -> Detector:
    if name == "haar":
        return Haar()
    if name != "yunet":
        raise FerError(f"There is no face detector '{name}'; there are 'yunet' and 'haar'. Choose one of them.")
    if path is None:
        raise FerError(why_no_yunet())
    return YuNet(path)
