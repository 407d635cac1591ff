"""Face detectors behind one call: YuNet, and the Haar cascades inside the OpenCV wheel when its file is not there."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.downloads import yunet_path
from fer_core.errors import FerError


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


class Detector(Protocol):
    """Searches one picture as it stands.

    Attributes:
        searches: (longest side in pixels, degrees) of the views of a photo, tried in turn until one shows a face.
        patch: (side of the picture in which a face is looked at again, side of the face in it).
    """

    @property
    def searches(self) -> tuple[tuple[int, int], ...]: ...

    @property
    def patch(self) -> tuple[int, int]: ...

    def __call__(self, picture: NDArray[np.uint8], min_score: float) -> list[Detection]:
        """Faces in an RGB picture with at least that score."""
        ...


class YuNet:
    """YuNet (Wu et al., 2023, doi 10.1007/s11633-023-1423-y): five landmarks; MIT licence."""

    searches = ((640, 0), (320, 0), (1280, 0), (640, 180), (640, 90), (640, -90))
    patch = (192, 96)

    def __init__(self, path: Path) -> None:
        model = np.fromfile(path, np.uint8)  # by content: OpenCV cannot open every path on Windows
        self._network = cv2.FaceDetectorYN.create("onnx", model, np.empty(0, np.uint8), (320, 320), 0.7, 0.3, 5000)

    def __call__(self, picture: NDArray[np.uint8], min_score: float) -> list[Detection]:
        self._network.setInputSize((picture.shape[1], picture.shape[0]))
        self._network.setScoreThreshold(min_score)
        _, rows = self._network.detect(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        return [self._detection(row) for row in (rows if rows is not None else [])]

    @staticmethod
    def _detection(row: NDArray[np.float32]) -> Detection:
        x, y, width, height = (float(value) for value in row[:4])
        return Detection((x, y, width, height), min(1.0, float(row[14])), row[4:14].reshape(5, 2).copy())


class Haar:
    """Viola and Jones's cascades: a frontal face, then the eyes in it for the tilt and against false alarms."""

    searches = ((640, 0), (480, 25), (480, -25), (1280, 0), (480, 180), (480, 90), (480, -90))
    patch = (256, 128)

    def __init__(self) -> None:
        self._faces = _cascade("haarcascade_frontalface_alt2.xml")
        self._eyes = _cascade("haarcascade_eye.xml")

    def __call__(self, picture: NDArray[np.uint8], min_score: float) -> list[Detection]:
        gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        boxes, _, weights = self._faces.detectMultiScale3(
            gray, scaleFactor=1.1, minNeighbors=4, minSize=(24, 24), outputRejectLevels=True
        )
        pairs = zip(boxes, weights, strict=True)
        found = [self._detection(gray, x, y, side, weight) for (x, y, side, _), weight in pairs]
        return [detection for detection in found if detection.score >= min_score]

    def _detection(self, gray: NDArray[np.uint8], x: int, y: int, side: int, weight: float) -> Detection:
        eyes = self._find_eyes(gray[y : y + side, x : x + side])
        landmarks = None
        if len(eyes) == 2:
            landmarks = np.full((5, 2), np.nan, np.float32)
            landmarks[:2] = eyes + np.array([x, y])
        return Detection(_as_yunet(x, y, side), _haar_score(float(weight), len(eyes)), landmarks)

    def _find_eyes(self, face: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Middles (n, 2) of at most one eye in each half of the face, left one first."""
        side = face.shape[0]
        upper = cv2.resize(face, (160, 160), interpolation=cv2.INTER_AREA if side > 160 else cv2.INTER_LINEAR)[24:104]
        boxes, counts = self._eyes.detectMultiScale2(upper, 1.05, 3, minSize=(24, 24), maxSize=(64, 64))
        best: dict[bool, tuple[int, tuple[float, float]]] = {}
        for (x, y, width, height), count in zip(boxes, counts, strict=True):
            middle = (x + width / 2, 24 + y + height / 2)
            half = bool(middle[0] > 80)
            best[half] = max(best.get(half, (0, middle)), (int(count), middle))
        return np.array([best[half][1] for half in sorted(best)], np.float32).reshape(-1, 2) * np.float32(side / 160)


def _cascade(name: str) -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / name))


def _as_yunet(x: int, y: int, side: int) -> tuple[float, float, float, float]:
    """The tight box that YuNet would draw around the face in a Haar square."""
    return x + 0.11 * side, y + 0.02 * side, 0.78 * side, 1.0 * side


def _haar_score(weight: float, eyes: int) -> float:
    """A stand-in for a probability: the last stage's weight, and what the eyes say."""
    strength = min(1.0, max(0.0, (weight - 54.0) / 3.0))
    base, share = ((0.0, 0.8), (0.45, 0.45), (0.7, 0.3))[eyes]
    return base + share * strength


def detector_name() -> str:
    """The detector that `find` takes by itself: 'yunet' when its file is there, 'haar' otherwise."""
    return "yunet" if yunet_path() is not None else "haar"


def detector(name: str | None = None) -> Detector:
    """The detector of that name for this thread: OpenCV's are not safe to share between threads."""
    made: dict[tuple[str, Path | None], Detector] = _of_thread.__dict__.setdefault("made", {})
    path = yunet_path() if name != "haar" else None
    name = name or ("yunet" if path else "haar")
    if (name, path) not in made:
        made[name, path] = _make(name, path)
    return made[name, path]


_of_thread = threading.local()


def _make(name: str, path: Path | None) -> Detector:
    if name == "haar":
        return Haar()
    if name != "yunet":
        raise FerError(f"There is no face detector '{name}'; there are 'yunet' and 'haar'. Choose one of them.")
    if path is None:
        raise FerError(
            "The face detector YuNet is not on this computer. Run `python -m fer_core.downloads` once, or put the "
            "path of its file in FER_YUNET; until then the built-in detector 'haar' serves."
        )
    return YuNet(path)
