"""What a release measures on whole photos: recall, honesty of its confidence, and recall by skin tone."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_core.compare import conditions
from fer_core.compare.breakdown import FEWEST, look
from fer_core.datasets import Dataset
from fer_core.datasets.photo_faces import PhotoFiles
from fer_core.evaluation import metrics
from fer_core.evaluation.metrics import counted_share

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

MAIN = ("angry", "happy", "neutral", "sad", "surprise")
"""Expressions whose recall is averaged; the others are too few or too doubtful in photos."""

TOLD = ("happy", "neutral")
"""Expressions with enough photos to be told by skin tone."""

BINS = 10


class Answers(NamedTuple):
    """Calibrated answers to labelled images. `probabilities`: (n, classes) in the order of classes."""

    probabilities: Floats
    targets: Labels
    classes: tuple[str, ...]


def recalls(given: Answers) -> dict[str, Any]:
    """Recall of each expression with its count and Wilson's interval, and the mean over MAIN."""
    right = given.probabilities.argmax(1) == given.targets
    rows = {
        name: counted_share(right[given.targets == place])
        for place, name in enumerate(given.classes)
        if (given.targets == place).any()
    }
    main = [rows[name]["share"] for name in MAIN if name in rows]
    return {"recall": rows, "mean_recall": float(np.mean(main)), "mean_of": [name for name in MAIN if name in rows]}


def confidence(given: Answers, threshold: float) -> dict[str, Any]:
    """The calibration error, how many answers are sure and how many of these right, and the reliability diagram."""
    top = given.probabilities.max(1)
    right, sure = given.probabilities.argmax(1) == given.targets, top >= threshold
    bins = metrics.reliability(given.probabilities, given.targets, BINS)
    return {
        "n": len(top),
        "ece": metrics.ece(given.probabilities, given.targets),
        "sure_share": float(sure.mean()),
        "sure_right": counted_share(right[sure]) if sure.any() else None,
        "reliability": [asdict(one) for one in bins if one.count],
    }


def by_tone(given: Answers, photos: Dataset) -> dict[str, Any] | None:
    """Recall by thirds of the skin tone, brightness beside it, and the gap; None for data that is no whole photos.

    The thirds are those of all photos given. The gap is the mean recall of TOLD of the lightest third less that of the
    darkest; its interval is bootstrapped.
    """
    if not isinstance(photos, PhotoFiles):
        return None
    seen = look(photos)
    tone, brightness = (np.array([one[name] for one in seen]) for name in ("skin_tone", "brightness"))
    right = given.probabilities.argmax(1) == given.targets
    thirds = [
        {
            "group": group,
            "angle": [float(tone[inside].min()), float(tone[inside].max())],
            "brightness": float(brightness[inside].mean()),
            "recall": {
                name: counted_share(right[inside & (given.targets == given.classes.index(name))])
                for name in TOLD
                if (inside & (given.targets == given.classes.index(name))).sum() >= FEWEST
            },
        }
        for group, inside in conditions.groups("skin_tone", tone)
    ]
    return {"thirds": thirds, "gap": gap(right, given, tone), "correlation": float(np.corrcoef(tone, brightness)[0, 1])}


def gap(right: NDArray[np.bool_], given: Answers, tone: Floats, rounds: int = 2000) -> dict[str, Any] | None:
    """Mean recall of TOLD in the lightest third less that in the darkest, with a bootstrapped 95 % interval."""
    groups = dict(conditions.groups("skin_tone", tone))
    names = list(groups)
    cells = [
        [right[groups[names[end]] & (given.targets == given.classes.index(name))] for name in TOLD] for end in (-1, 0)
    ]
    if min(len(cell) for end in cells for cell in end) < FEWEST:
        return None
    generator = np.random.default_rng(0)
    drawn = [_difference(cells, generator) for _ in range(rounds)]
    return {"share": _difference(cells), "interval": [float(end) for end in np.quantile(drawn, [0.025, 0.975])]}


def _difference(cells: Sequence[Sequence[NDArray[np.bool_]]], generator: np.random.Generator | None = None) -> float:
    means = [
        np.mean([(generator.choice(cell, len(cell)) if generator else cell).mean() for cell in end]) for end in cells
    ]
    return float(means[0] - means[1])
