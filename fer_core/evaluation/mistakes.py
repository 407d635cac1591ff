"""The images behind one cell of a confusion matrix: which faces with this label a network took for that expression."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets.base import Dataset, Progress
from fer_core.evaluation import scored_images, scoring
from fer_core.evaluation.measured import Measured
from fer_core.predictors.base import Predictor


@dataclass(frozen=True, eq=False)
class Cell:
    """Images of one label that got one answer, the surest first.

    Attributes:
        dataset: the images of the split.
        rows: (n,) row numbers in it.
        confidence: (n,) calibrated confidence of each answer, 0 to 1.
    """

    dataset: Dataset
    rows: NDArray[np.intp]
    confidence: NDArray[np.float64]


def of_cell(
    predictor: Predictor, data: Dataset, row: Measured, label: str, answer: str, progress: Progress | None = None
) -> Cell:
    """Read the images of one label again; those that got the answer.

    Args:
        predictor: the network of `row`.
        data: as opened, with the split of `row`.
        row: the evaluation that the cell belongs to.
        label: as the dataset has it.
        answer: what the network said.
        progress: called with the images read, and how many there are.

    Raises:
        DatasetError: the split is not there, or no image can be read.
    """
    given = scored_images.examples(data, row.split, answers=predictor.classes)
    if row.subset:
        given = scored_images.without_copies(given, data, row.split)
    given = given.only(given.targets == given.classes.index(label))
    plain, given = scoring.answered(predictor.predict, predictor, given, progress=progress)
    said = scoring.calibrated(plain, predictor.info.temperature, predictor.classes, given.classes)
    found = np.flatnonzero(said.argmax(axis=1) == given.classes.index(answer))
    found = found[np.argsort(-said[found].max(axis=1), kind="stable")]
    return Cell(given.dataset, found, said[found].max(axis=1))
