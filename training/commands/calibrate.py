"""Temperature and threshold of a network, fitted on the split that selected it.

    fer calibrate RUN            the table of crowd shares on the selecting split

The table is the evidence for which head answers: accuracy, log loss and calibration error at each share of the FER+
head, on the selecting split only.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.cli import progress
from fer_core.evaluation import metrics
from fer_core.labels import SEVEN
from fer_core.predictors.calibration import apply_temperature
from fer_core.recipes.schema import Recipe
from training.data import batches
from training.serving import CROWD, final_size, read_config, serving_model

WANTED = 0.8
BATCH = 256
SHARES = (0.0, 0.1, 0.25, 0.5, 1.0)


def calibration(probabilities: ArrayLike, targets: ArrayLike, split: str) -> dict[str, Any]:
    """What metrics.json holds: temperature, threshold, coverage, and the calibration error before and after.

    Args:
        probabilities: (n, classes), the plain softmax.
        targets: (n,) true classes.
        split: named in the result.
    """
    temperature = metrics.fit_confidence(probabilities, targets)
    calibrated = apply_temperature(probabilities, temperature)
    threshold, coverage = metrics.fit_threshold(calibrated, targets, WANTED)
    return {
        "split": split,
        "temperature": temperature,
        "threshold": threshold,
        "coverage": coverage,
        "answered_right": WANTED,
        "ece_before": metrics.ece(probabilities, targets),
        "ece_after": metrics.ece(calibrated, targets),
    }


def calibration_of_parts(
    probabilities: Sequence[NDArray[np.float64]], targets: Sequence[NDArray[np.int64]], split: str
) -> dict[str, Any]:
    """One calibration for several datasets: the temperature fits all together, the threshold keeps its promise on each.

    Args:
        probabilities: (n, classes) per dataset.
        targets: (n,) per dataset.
        split: names them all.
    """
    fitted = calibration(np.concatenate(probabilities), np.concatenate(targets), split)
    calibrated = [apply_temperature(rows, fitted["temperature"]) for rows in probabilities]
    pairs = list(zip(calibrated, targets, strict=True))
    threshold = max(metrics.fit_threshold(rows, labels, WANTED)[0] for rows, labels in pairs)
    sure = np.concatenate([rows.max(1) for rows in calibrated]) >= threshold
    right = np.concatenate([rows.argmax(1) == labels for rows, labels in pairs])
    shown = {"coverage": float(sure.mean()), "answered_right": float(right[sure].mean()) if sure.any() else WANTED}
    return fitted | {"threshold": threshold} | shown


def blend(first: NDArray[np.floating], crowd: NDArray[np.floating], share: float) -> NDArray[np.float64]:
    """The first head's probabilities (n, 7) mixed with the crowd's (n, 8) seven shared classes, renormalised."""
    seven = crowd[:, : len(SEVEN)].astype(np.float64)
    mixed: NDArray[np.float64] = first * (1 - share) + seven / seven.sum(1, keepdims=True) * share
    return mixed


def table(run: Path, factors: Mapping[str, float] | None = None) -> list[dict[str, float]]:
    """One row per share of the crowd's head: accuracy, log loss and calibration error on the selecting split.

    Empty for a network without that head.
    """
    recipe = Recipe.model_validate(read_config(run)["recipe"])
    if CROWD not in recipe.data.targets:
        return []
    source = batches.first_source(recipe.data, recipe.channels)
    rows = source.dataset.rows(recipe.data.select)
    images = source.part(rows).images(final_size(recipe))
    outputs = answers(serving_model(run, factors=factors), images)
    return [share_row(outputs, source.dataset.labels[rows], share) for share in SHARES]


def answers(model: keras.Model, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """The outputs of a network for all images."""
    starts = range(0, len(images), BATCH)
    parts = []
    with progress.shown("images") as report:
        for start in starts:
            parts.append(model.predict_on_batch(images[start : start + BATCH]))
            report(min(start + BATCH, len(images)), len(images))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def share_row(outputs: dict[str, NDArray[np.float32]], targets: NDArray[np.int64], share: float) -> dict[str, float]:
    first = outputs["probabilities"]
    probabilities = blend(first, outputs["crowd"], share) if share else first
    fitted = calibration(probabilities, targets, "")
    calibrated = apply_temperature(probabilities, fitted["temperature"])
    return {
        "crowd_share": share,
        "accuracy": float((probabilities.argmax(1) == targets).mean()),
        "log_loss": metrics.negative_log_likelihood(calibrated, targets),
        "ece": fitted["ece_after"],
        "temperature": fitted["temperature"],
        "coverage": fitted["coverage"],
    }
