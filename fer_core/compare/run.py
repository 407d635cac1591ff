"""Models on labelled photos, one step at a time: the same way of a photo, calibration and classes as in serving."""

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter

import numpy as np

from fer_core.compare import conditions
from fer_core.compare.answers import ComparedModel, Comparison, Floats, Pixels, Seen
from fer_core.compare.testsets import LabelledSet
from fer_core.errors import ArchiveError, DatasetError, PhotoError, unforeseen
from fer_core.evaluation.scoring import align
from fer_core.photos import drawing, faces
from fer_core.photos.analysis import UNFORESEEN, Analysis, FaceAnalysis, Prediction, analyse, decide
from fer_core.photos.faces import Face
from fer_core.predictors.base import Predictor

BATCH = 256
"""Face crops read at a time; the batches are those of evaluation, so that the figures are the same."""

KEPT_SIDE = 112
"""Pixels of a face that is kept, to be shown and for the robustness curves; smaller ones are kept as they are."""

SQUEEZED_SIDE = 48

UNREADABLE = (PhotoError, DatasetError, ArchiveError)
"""What is wrong with one photo, which is left out and told. What is wrong with a model or a detector ends the run."""


class ComparisonRun:
    """A comparison on its way: `step` until `finished`, or stop at any time and take the `result` so far.

    Args:
        given: labelled photos or face crops.
        predictors: loaded networks.
        whole: also read each photo without looking for the face, squeezed to the network's input.
        min_score: detections below this score are dropped.
        detector: 'yunet' or 'haar'; None takes the best that is there.
    """

    def __init__(
        self,
        given: LabelledSet,
        predictors: Sequence[Predictor],
        *,
        whole: bool = True,
        min_score: float = 0.7,
        detector: str | None = None,
    ) -> None:
        self.given = given
        self.done = 0
        self._predictors = tuple(predictors)
        self._whole = whole and not given.already_face
        self._find = {"min_score": min_score, "detector": detector}
        self._seen: list[Seen] = []
        self._notes: list[str] = []
        self._milliseconds: dict[str, list[float]] = {}
        self._lock = threading.Lock()
        self._order = np.random.default_rng(0).permutation(len(given)).tolist()
        """Photos in random order, so that a stopped run is a fair sample; the same order each time."""

    @property
    def total(self) -> int:
        return len(self.given)

    @property
    def finished(self) -> bool:
        return self.done >= self.total

    def step(self) -> None:
        """Read one photo, or one batch of face crops. Two threads may call it: each step is made once."""
        with self._lock:
            rows = self._order[self.done : self.done + (BATCH if self.given.already_face else 1)]
            for seen in self._crops(rows) if self.given.already_face else map(self._photo, rows):
                if seen is not None:
                    self._seen.append(seen)
            self.done += len(rows)

    def result(self) -> Comparison:
        """All that was read so far.

        Raises:
            DatasetError: nothing could be read.
        """
        with self._lock:
            if not self._seen:
                reasons = " ".join(self._notes[:3])
                raise DatasetError(f"None of the {self.done} photos could be read. {reasons}".strip())
            return self._gathered()

    def _photo(self, row: int) -> Seen | None:
        try:
            with unforeseen(PhotoError, UNFORESEEN):
                return self._seen_in(row)
        except UNREADABLE as error:
            self._leave_out(row, error)
            return None

    def _leave_out(self, row: int, error: Exception) -> None:
        self._notes.append(f"'{self.given.names[row]}' was left out. {error}")

    def _seen_in(self, row: int) -> Seen:
        found = analyse(_photo(self.given.read(row)), self._predictors, **self._find)  # type: ignore[arg-type]
        self._time(found)
        whole, squeezed = self._taken_whole(found.photo)
        if not found.faces:
            return Seen(row, 0, drawing.shrunk(found.photo, KEPT_SIDE), whole=whole, squeezed=squeezed)
        first = found.faces[0]
        picture = _face_picture(found, first.face)
        measured = conditions.measure(first.face, picture, in_photo=True)
        marks = conditions.marks_in_crop(first.face)
        return Seen(row, len(found.faces), picture, self._aligned(first), measured, marks, whole, squeezed)

    def _taken_whole(self, photo: Pixels) -> tuple[Floats | None, Pixels | None]:
        if not self._whole:
            return None, None
        read = analyse(photo, self._predictors, already_face=True).faces[0]
        return self._aligned(read), np.asarray(faces.crop(photo, [read.face], SQUEEZED_SIDE, 3)[0])

    def _aligned(self, face: FaceAnalysis) -> Floats:
        return np.concatenate([_rows([answer], self.given.classes) for answer in face.predictions])

    def _time(self, found: Analysis) -> None:
        """Finding counts a photo, reading a face of it."""
        for stage, spent in found.milliseconds.items():
            if stage.startswith("predict:"):
                self._milliseconds.setdefault(stage, []).append(spent / len(found.faces))
        spent = sum(found.milliseconds.get(stage, 0.0) for stage in ("decode", "detect", "crop"))
        self._milliseconds.setdefault("find", []).append(spent)

    def _crops(self, rows: Sequence[int]) -> list[Seen]:
        pictures: dict[int, Pixels] = {}
        for row in rows:
            try:
                with unforeseen(DatasetError, UNFORESEEN):
                    pictures[row] = _pixels(self.given.read(row))
            except UNREADABLE as error:
                self._leave_out(row, error)
        with contextlib.suppress(*UNREADABLE), unforeseen(DatasetError, UNFORESEEN):
            return self._answered(pictures)
        return [seen for row, picture in pictures.items() for seen in self._answered_alone(row, picture)]

    def _answered_alone(self, row: int, picture: Pixels) -> list[Seen]:
        """Of a batch in which one picture fails, the others."""
        try:
            with unforeseen(DatasetError, UNFORESEEN):
                return self._answered({row: picture})
        except UNREADABLE as error:
            self._leave_out(row, error)
            return []

    def _answered(self, pictures: Mapping[int, Pixels]) -> list[Seen]:
        if not pictures:
            return []
        answers = np.stack([self._read(predictor, list(pictures.values())) for predictor in self._predictors], axis=1)
        return [_seen_crop(row, picture, one) for (row, picture), one in zip(pictures.items(), answers, strict=True)]

    def _read(self, predictor: Predictor, pictures: Sequence[Pixels]) -> Floats:
        start = perf_counter()
        answers = read_crops(predictor, pictures, self.given.classes)
        spent = (perf_counter() - start) * 1000 / len(pictures)
        self._milliseconds.setdefault(f"predict:{predictor.name}", []).append(spent)
        return answers

    def _gathered(self) -> Comparison:
        self._seen.sort(key=lambda seen: seen.row)
        rows = [seen.row for seen in self._seen]
        unknown = np.full((len(self._predictors), len(self.given.classes)), np.nan)
        answers = [unknown if seen.probabilities is None else seen.probabilities for seen in self._seen]
        wholes = [seen.whole for seen in self._seen if seen.whole is not None]
        return Comparison(
            title=self.given.title
            if self.finished
            else f"{self.given.title}: {self.done:,} of {self.total:,}, stopped",
            names=tuple(self.given.names[row] for row in rows),
            targets=self.given.targets[rows],
            classes=self.given.classes,
            models=tuple(ComparedModel(one.name, one.info.title, one.info.threshold) for one in self._predictors),
            found=np.array([seen.count > 0 for seen in self._seen]),
            probabilities=np.stack(answers, axis=1),
            whole=np.stack(wholes, axis=1) if wholes else None,
            conditions={name: self._condition(name) for name in conditions.CONDITIONS},
            pictures=tuple(seen.picture for seen in self._seen),
            squeezed=tuple(seen.squeezed for seen in self._seen if seen.squeezed is not None),
            marks=tuple(seen.marks for seen in self._seen),
            milliseconds={stage: float(np.median(spent)) for stage, spent in self._milliseconds.items()},
            detector="none" if self.given.already_face else str(self._find["detector"] or faces.detector_name()),
            notes=(*self.given.notes, *self._notes, *self._remarks()),
        )

    def _title(self) -> str:
        stopped = "" if self.finished else f": {self.done:,} of {self.total:,}, stopped"
        return self.given.title + stopped

    def _condition(self, name: str) -> Floats:
        return np.array([(seen.conditions or {}).get(name, np.nan) for seen in self._seen])

    def _remarks(self) -> list[str]:
        lost = [self.given.names[seen.row] for seen in self._seen if not seen.count]
        many = [self.given.names[seen.row] for seen in self._seen if seen.count > 1]
        remarks = []
        if lost:
            remarks.append(f"No face was found in {_listed(lost)}: counted as not found, and as wrong for every model.")
        if many:
            remarks.append(f"More than one face was found in {_listed(many)}: the largest was read.")
        if not self.finished:
            remarks.append(
                f"Stopped after {self.done:,} of {self.total:,}. They were taken in random order, "
                "so they stand for the rest."
            )
        return remarks


def run_to_end(run: ComparisonRun, told: Callable[[int, int], None] | None = None) -> Comparison:
    """All steps in one go; `told` hears what is done and the total."""
    while not run.finished:
        run.step()
        if told:
            told(run.done, run.total)
    return run.result()


def read_crops(predictor: Predictor, pictures: Sequence[Pixels], classes: tuple[str, ...]) -> Floats:
    """Calibrated probabilities (n, classes) of face crops, uint8 (h, w) or (h, w, 3), cut as serving cuts them."""
    size, channels = predictor.input_size, predictor.info.channels
    crops = np.concatenate([faces.crop(_rgb(one), [faces.whole(one)], size, channels) for one in pictures])
    return _rows(decide(predictor.info, predictor.predict(crops), crops), classes)


def _rows(answers: Sequence[Prediction], classes: tuple[str, ...]) -> Floats:
    """Probabilities (n, classes) of one model's answers."""
    return align([list(one.probabilities.values()) for one in answers], tuple(answers[0].probabilities), classes)


def _seen_crop(row: int, picture: Pixels, answers: Floats) -> Seen:
    face = faces.whole(picture)
    kept = drawing.shrunk(picture, KEPT_SIDE)
    return Seen(row, 1, kept, answers, conditions.measure(face, picture, in_photo=False))


def _face_picture(found: Analysis, face: Face) -> Pixels:
    there = faces.scaled(face, 1 / found.divisor)
    side = min(KEPT_SIDE, max(face.box[2:]))
    return np.asarray(faces.crop(found.photo, [there], max(side, 16), 3)[0])


def _pixels(picture: bytes | Pixels) -> Pixels:
    if isinstance(picture, bytes):
        raise DatasetError("A file came where a face crop was expected.")
    return picture


def _photo(picture: bytes | Pixels) -> bytes | Pixels:
    return picture if isinstance(picture, bytes) else _rgb(picture)


def _rgb(picture: Pixels) -> Pixels:
    return picture if picture.ndim == 3 else np.repeat(picture[..., np.newaxis], 3, axis=2)


def _listed(names: Sequence[str], most: int = 6) -> str:
    quoted = ", ".join(f"'{name}'" for name in names[:most])
    return quoted + (f" and {len(names) - most:,} more" if len(names) > most else "")
