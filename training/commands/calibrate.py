"""What `fer release` fits on the splits that select: temperature and threshold. `fer calibrate` shows tables of them.

    fer calibrate RUN            tables of crowd shares and of lifts; it changes nothing

The first table is the evidence for which head answers: accuracy, log loss and calibration error at each share of the
FER+ head. The second one shows what lifting an expression does, on FER2013 and on the photos that a recipe joins.
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
from training.data import batches, targets
from training.data.sources import Part
from training.releasing.photo_measures import MAIN
from training.serving import CROWD, final_size, read_config, serving_model

WANTED = 0.8
BATCH = 256
SHARES = (0.0, 0.1, 0.25, 0.5, 1.0)
STEPS = (0.8, 1.2, 1.4)
"""What the probability of each expression is multiplied by in turn, to see what a lift does."""


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


def lifts(run: Path, factors: Mapping[str, float]) -> list[dict[str, float | str]]:
    """One row per lift: accuracy, macro F1 and mean recall of the main expressions on each split that selects.

    Args:
        run: a run folder whose recipe joins datasets that help to select; for others the table is empty.
        factors: lifts to begin with; each expression is lifted by STEPS on top of them.
    """
    recipe = Recipe.model_validate(read_config(run)["recipe"])
    if not any(other.select for other in recipe.data.join):
        return []
    selecting = batches.load(recipe.data, recipe.channels)
    model, target = serving_model(run), recipe.data.targets[0]
    classes = targets.classes(recipe.data)[target]
    parts = {recipe.data.dataset: selecting.select, **selecting.joined}
    read = {
        name: (answers(model, part.images(final_size(recipe)))["probabilities"], labels(part, target))
        for name, part in parts.items()
    }
    tried: list[dict[str, float]] = [{}, *([dict(factors)] if factors else [])]
    tried += [{**factors, name: factors.get(name, 1.0) * step} for name in classes for step in STEPS]
    return [lift_row(one, read, classes) for one in tried]


def labels(part: Part, target: str) -> NDArray[np.int64]:
    return np.asarray(part.targets[target].distributions.argmax(1), np.int64)


def lift_row(
    factors: Mapping[str, float],
    read: Mapping[str, tuple[NDArray[np.float32], NDArray[np.int64]]],
    classes: Sequence[str],
) -> dict[str, float | str]:
    row: dict[str, float | str] = {
        "lift": " ".join(f"{name}={factor:.3g}" for name, factor in factors.items()) or "none"
    }
    weights = np.array([factors.get(name, 1.0) for name in classes])
    for dataset, (probabilities, true) in read.items():
        counts = metrics.confusion_matrix((probabilities * weights).argmax(1), true, len(classes))
        recall = dict(zip(classes, metrics.recall(counts).tolist(), strict=True))
        row[f"{dataset}_accuracy"] = float(metrics.accuracy(counts))
        row[f"{dataset}_macro_f1"] = float(metrics.macro_f1(counts))
        row[f"{dataset}_mean_recall"] = float(np.nanmean([recall[name] for name in MAIN if name in recall]))
        row[f"{dataset}_neutral"] = recall.get("neutral", float("nan"))
    return row


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
