"""`fer video --engine ray`: each video read whole by one worker of a Ray cluster.

The answers are those of one computer to the last digit. All computers must see the videos under the same paths.
"""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fer_core import extras, predictors
from fer_core.batch import cluster
from fer_core.errors import PredictorError, VideoError
from fer_core.predictors.onnx_runtime import tune_for_many
from fer_core.video import annotate, records
from fer_core.video.analysis import VideoReading

AGAIN = {"max_restarts": 3, "max_task_retries": 2}
"""A video that ends its worker each time ends the command, and not only after days."""


class Asked(NamedTuple):
    """What is done with each video.

    Attributes:
        model: name of the network.
        rate: frames that are read per second, at most.
        min_score: as in `VideoReading`.
        detector: as in `VideoReading`.
    """

    model: str
    rate: float
    min_score: float
    detector: str | None


def read(
    videos: Sequence[Path], targets: Sequence[Path | None], asked: Asked, workers: int | None
) -> Iterator[tuple[int, records.Record]]:
    """The number of each video in `videos` and its record, as the workers finish them.

    Args:
        videos: their paths.
        targets: where each annotated video goes; None makes none.
        asked: what is done with each.
        workers: how many; None takes as many as the cluster has cores.

    Raises:
        BatchError: the cluster does not answer or is lost, or a worker ended again and again.
        MissingPackageError: Ray is not installed.
    """
    extras.need("ray")
    rows = [
        {"number": number, "video": str(video), "target": str(target or "")}
        for number, (video, target) in enumerate(zip(videos, targets, strict=True))
    ]
    with cluster.connected(workers) as ray:
        arguments = (asked, os.getcwd())  # noqa: PTH109  (a string is what travels)
        for row in cluster.mapped(ray, rows, VideoReader, arguments, workers, **AGAIN):
            yield int(row["number"]), json.loads(row["record"])


class VideoReader:
    """One worker: the network in memory, and the videos that Ray gives it."""

    def __init__(self, asked: Asked, folder: str) -> None:
        """Load the network. `folder` is what relative paths are relative to."""
        cluster.stand_in(folder)
        tune_for_many()
        self._asked = asked
        self._predictor = predictors.load(asked.model)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        """Read videos; a record travels as text, so that no digit is lost."""
        asked = zip(batch["video"].tolist(), batch["target"].tolist(), strict=True)
        found = [json.dumps(self._record(video, target)) for video, target in asked]
        return {"number": batch["number"].tolist(), "record": found, "error": [""] * len(found)}

    def _record(self, video: str, target: str) -> records.Record:
        asked = self._asked
        reading = VideoReading(
            Path(video), self._predictor, rate=asked.rate, min_score=asked.min_score, detector=asked.detector
        )
        try:
            for _ in reading:
                pass
            timeline = reading.timeline()
            if target:
                for _ in annotate.to_file(Path(video), timeline, Path(target)):
                    pass
            return records.record(video, timeline)
        except (VideoError, PredictorError) as error:
            return records.failure(video, error)
