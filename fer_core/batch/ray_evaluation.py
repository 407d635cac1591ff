"""`fer evaluate --engine ray`: the images of a dataset read by the workers of a Ray cluster.

Each worker opens the dataset and loads the network once, then reads slices of it, the same slices as one process reads.
So the figures are the same to the last digit. All computers must see the dataset under the same path.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fer_core import extras, predictors
from fer_core.batch import cluster
from fer_core.datasets import open_dataset
from fer_core.errors import FerError
from fer_core.evaluation import scored_images, scoring
from fer_core.evaluation.scored_images import Asked
from fer_core.evaluation.scoring import Engine, Slice


class Work(NamedTuple):
    """What the workers read.

    Attributes:
        model: name of the network.
        data: path of the dataset.
        kind: as the user said it.
        asked: which images of it, and how.
    """

    model: str
    data: str
    kind: str | None
    asked: Asked


@contextmanager
def engine(work: Work, workers: int | None) -> Iterator[Engine]:
    """An engine for `scoring.evaluate_dataset`.

    Args:
        work: what the workers read.
        workers: how many; None takes as many as the cluster has cores.

    Raises:
        BatchError: the cluster does not answer, or a worker cannot start.
        MissingPackageError: Ray is not installed.
    """
    extras.need("ray")
    path = str(Path(work.data).expanduser().resolve())
    with cluster.connected(workers) as ray:

        def reads(starts: Sequence[int]) -> Iterator[Slice]:
            rows = [{"start": start} for start in starts]
            arguments = (work._replace(data=path), os.getcwd())  # noqa: PTH109
            for row in cluster.mapped(ray, rows, SliceReader, arguments, workers):
                plain = np.frombuffer(row["plain"], np.float64).reshape(-1, row["width"])
                yield Slice(row["start"], plain, np.frombuffer(row["readable"], np.bool_))

        yield reads


class SliceReader:
    """One worker: the network and the dataset, and the slices that Ray gives it."""

    def __init__(self, work: Work, folder: str) -> None:
        """Load the network and open the dataset."""
        cluster.stand_in(folder)
        self._tta = work.asked.tta
        self._predictor = predictors.load(work.model)
        self._given = scored_images.asked_examples(self._predictor, open_dataset(work.data, work.kind), work.asked)
        self._output = scoring.output_of(self._predictor, self._given)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        """Read slices; the arrays travel as bytes, so that no digit is lost."""
        found: dict[str, list[Any]] = {name: [] for name in ("start", "plain", "width", "readable", "error")}
        for start in batch["start"].tolist():
            try:
                one, error = scoring.read_slice(self._output, self._predictor, self._given, start, self._tta), ""
            except FerError as failure:
                one, error = Slice(start, np.empty((0, 1)), np.zeros(0, np.bool_)), str(failure)
            values = (start, one.plain.tobytes(), one.plain.shape[1], one.readable.tobytes(), error)
            for name, value in zip(found, values, strict=True):
                found[name].append(value)
        return found
