"""The two halves of `analyse` over many photos: look at each by itself, then let the networks answer for several.

A network's last digits depend on how many crops it is given at once: its vector instructions take several numbers
together, and what is left over goes another way. So crops are filled up to a multiple of ALIKE. Then each answer is the
same, whichever photos it shared its call with: one engine or the other, one worker or many, in one go or resumed.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_core import predictors
from fer_core.batch import schema
from fer_core.batch.plan import Asked
from fer_core.errors import BatchError, FerError, PhotoError, let_go, unforeseen
from fer_core.photos import analysis, images, records
from fer_core.photos.analysis import Analysis, Prepared
from fer_core.photos.detection.detectors import borrowed
from fer_core.predictors.base import Predictor
from fer_core.predictors.onnx_runtime import OnnxPredictor

ALIKE = 16
"""Numbers of 32 bits in the widest vector of today's processors (AVX-512)."""

Plain = list[NDArray[np.float32]]
"""What each network said of one photo's faces."""


class Looked(NamedTuple):
    """One photo, before the networks have answered.

    Attributes:
        photo: its name.
        prepared: its faces and crops; None where it could not be read.
        error: the sentence that says why.
        taken: when the camera says it was taken.
    """

    photo: str
    prepared: Prepared | None
    error: str = ""
    taken: datetime | None = None

    @property
    def faces(self) -> int:
        return len(self.prepared.faces) if self.prepared else 0


class Worker:
    """The networks in memory. Several threads may use it at once."""

    def __init__(self, asked: Asked, loaded: Sequence[Predictor] = ()) -> None:
        """Load what is asked for.

        Args:
            asked: what decides the rows.
            loaded: the networks, where they are in memory already.

        Raises:
            PredictorError: a network cannot run here.
            FerError: the detector's file is missing.
        """
        self._asked = asked
        self._predictors = list(loaded) or [predictors.load(name) for name in asked.models]
        self._infos = [predictor.info for predictor in self._predictors]
        self._one_at_a_time = threading.Lock()
        if not asked.face_crop:
            with borrowed(asked.detector):
                pass

    def look(self, photo: str, load: Callable[[], bytes]) -> Looked:
        """Read a photo, find its faces and cut them out."""
        try:
            with unforeseen(PhotoError, analysis.UNFORESEEN):
                data = load()
                prepared = analysis.prepare(
                    data,
                    self._infos,
                    min_score=self._asked.min_score,
                    already_face=self._asked.face_crop,
                    detector=self._asked.detector,
                )
                return Looked(photo, replace(prepared, photo=None), taken=images.taken(data))
        except FerError as error:
            let_go(error)
            return Looked(photo, None, str(error))

    def answer(self, looked: Sequence[Looked]) -> list[list[schema.Row]]:
        """The rows of each photo, in order. The networks see the faces of all of them together."""
        prepared = [one.prepared for one in looked if one.prepared and one.prepared.faces]
        answers = iter(self._plain(prepared))
        return [self._rows(one, next(answers) if one.faces else []) for one in looked]

    def _rows(self, one: Looked, plain: Plain | FerError) -> list[schema.Row]:
        if one.prepared is None:
            return schema.rows(records.failure(one.photo, one.error), {})
        about = {
            "photo_width": one.prepared.size[0],
            "photo_height": one.prepared.size[1],
            "taken": one.taken,
            "detector": one.prepared.detector,
            "milliseconds": sum(one.prepared.milliseconds.values()),
        }
        try:
            if isinstance(plain, FerError):
                raise plain
            found: Analysis = analysis.finished(one.prepared, self._infos, plain)
        except FerError as error:
            return schema.rows(records.failure(one.photo, error), about)
        return schema.rows(records.record(one.photo, found), about)

    def _plain(self, prepared: Sequence[Prepared]) -> list[Plain | FerError]:
        """What each network says of each photo; where a network fails on several, each is tried by itself."""
        if not prepared:
            return []
        try:
            with unforeseen(BatchError, "A network cannot answer for this photo, for a reason that nobody foresaw."):
                columns = [self._together(predictor, prepared) for predictor in self._predictors]
        except FerError as error:
            return [error] if len(prepared) == 1 else [each for one in prepared for each in self._plain([one])]
        return [list(row) for row in zip(*columns, strict=True)]

    def _together(self, predictor: Predictor, prepared: Sequence[Prepared]) -> list[NDArray[np.float32]]:
        """One network's answers, by photo."""
        crops = np.concatenate([one.crops_for(predictor.info) for one in prepared])
        fill = -len(crops) % ALIKE
        filled = np.concatenate([crops, np.repeat(crops[-1:], fill, axis=0)])
        if isinstance(predictor, OnnxPredictor):
            rows = predictor.predict(filled)
        else:
            with self._one_at_a_time:
                rows = predictor.predict(filled)
        ends = np.cumsum([len(one.faces) for one in prepared])
        return np.split(rows[: len(crops)], ends[:-1])
