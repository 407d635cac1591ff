"""Score a network on a data set other than FER2013: RAF-DB, AffectNet, ExpW, CK+ or class folders of face crops."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets import Dataset, open_dataset
from fer_core.errors import DatasetError
from fer_core.evaluation import scoring
from fer_core.evaluation.metrics import Evaluation, Floats
from fer_core.evaluation.scoring import Examples
from fer_core.photos import faces
from fer_core.predictors.base import Predictor
from fer_core.predictors.calibration import apply_temperature

SPLITS = ("test", "val", "all")
BATCH = 64


def evaluate(predictor: Predictor, path: Path | str, split: str, limit: int | None = None) -> Evaluation:
    """Every image is taken as one face, as serving does for 'already a face crop'.

    Images of an expression that the network has no answer for are left out, and the labels say so.

    Args:
        predictor: a loaded network.
        path: of the data set.
        split: one of its splits.
        limit: only the first images of it.

    Raises:
        DatasetError: it is no known data set, has no such split, or one of its images cannot be read.
    """
    data = open_dataset(path)
    known = [place for place, label in enumerate(data.classes) if label in predictor.classes]
    rows = data.rows(split)
    answerable = np.isin(data.labels[rows], known)
    rows, left_out = rows[answerable][:limit], [label for label in data.classes if label not in predictor.classes]
    if not rows.size:
        raise DatasetError(f"{predictor.name} knows no label of the split '{split}' of {Path(path).name}.")
    shares = [_read(predictor, data, rows[start : start + BATCH]) for start in range(0, len(rows), BATCH)]
    return scoring.score(
        np.concatenate(shares),
        Examples(np.empty((0, 0, 0), np.uint8), data.labels[rows], data.classes),
        model=predictor.name,
        data=data.kind if data.kind != "folder" else Path(path).name,
        split=split,
        labels=", ".join([data.kind, *(f"without {label}" for label in left_out)]),
    )


def _read(predictor: Predictor, data: Dataset, rows: NDArray[np.intp]) -> Floats:
    size, channels = predictor.input_size, predictor.info.channels
    pictures = (_rgb(data.image(int(row))) for row in rows)
    crops = np.concatenate([faces.crop(picture, [faces.whole(picture)], size, channels) for picture in pictures])
    calibrated = apply_temperature(predictor.predict(crops), predictor.info.temperature)
    return scoring.align(calibrated, predictor.classes, data.classes)


def _rgb(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return picture if picture.ndim == 3 else np.repeat(picture[..., np.newaxis], 3, axis=-1)
