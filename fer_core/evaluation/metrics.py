"""Numbers about a model: accuracy, calibration, intervals, and the fits behind temperature and threshold.

Everywhere: `probabilities` is float (n, classes) with rows that sum to 1, `targets` is int (n,), indices into the same
classes. SciPy and scikit-learn are imported where they are needed: predicting starts without them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.predictors.calibration import apply_temperature

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

BINS = 15
NESTED = ("intervals", "confusion", "left_out")
"""Fields of an Evaluation that are no plain values."""
TEMPERATURES = (0.05, 20.0)
"""Where the temperature is searched; a network that is never wrong ends at the lower end."""


@dataclass(frozen=True)
class Evaluation:
    """How a model did on one split.

    Attributes:
        model: name of the predictor.
        data: the data set or its path, as it was asked for.
        split: as it was asked for.
        labels: whose labels; ferplus for the top vote of FER2013's annotators.
        n: number of images.
        accuracy: share of right answers.
        balanced_accuracy: mean recall over the classes that occur among the targets.
        macro_f1: mean F1 over the classes that occur among targets or answers.
        recall: by class; None where no image is of the class.
        ece: expected calibration error of the confidences after temperature, 15 bins.
        tta: name of the test-time augmentation; None without, which is what all headline figures are.
        head: which output answered: 'classes', or 'crowd' for the one trained on FER+ votes.
        intervals: 95 % bootstrap intervals of accuracy, balanced_accuracy, macro_f1 and ece.
        left_out: images by the reason why they were not scored.
        confusion: counts, one row per true class and one column per answer, in the order of `recall`.
    """

    model: str
    data: str
    split: str
    labels: str
    n: int
    accuracy: float
    balanced_accuracy: float
    macro_f1: float
    recall: dict[str, float | None]
    ece: float
    tta: str | None = None
    head: str = "classes"
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    confusion: tuple[tuple[int, ...], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What `fer evaluate --format json` prints and metrics.json holds."""
        values = {name: value for name, value in vars(self).items() if name not in NESTED}
        intervals = {name: list(ends) for name, ends in self.intervals.items()}
        left_out = {"left_out": dict(self.left_out)} if self.left_out else {}
        confusion = {"confusion": [list(row) for row in self.confusion]} if self.confusion else {}
        return values | {"intervals": intervals} | left_out | confusion


@dataclass(frozen=True)
class Bin:
    """Answers whose confidence lies in (lower, upper]; confidence and accuracy are None when there is none."""

    lower: float
    upper: float
    count: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True)
class Coverage:
    """Answering only at or above a confidence: the share of images answered, and how many of those are right."""

    threshold: float
    answered: float
    accuracy: float


@dataclass(frozen=True)
class McNemar:
    """Two models on the same images: how many only one of them got right, and how likely chance does that.

    Attributes:
        only_first: images right with the first model alone.
        only_second: images right with the second model alone.
        exact: two-sided p of the exact binomial test.
        mid_p: the same with half the weight on the observed split; closer to the nominal level.
    """

    only_first: int
    only_second: int
    exact: float
    mid_p: float


def confusion_matrix(predicted: ArrayLike, targets: ArrayLike, classes: int) -> Counts:
    """Counts (classes, classes): one row per true class, one column per answer."""
    from sklearn.metrics import confusion_matrix as count

    return np.asarray(count(targets, predicted, labels=range(classes)), np.int64)


def accuracy(confusion: ArrayLike) -> Floats:
    """Share of right answers, of one confusion matrix or a stack (..., classes, classes)."""
    counts = np.asarray(confusion)
    return np.asarray(_diagonal(counts).sum(axis=-1) / counts.sum(axis=(-2, -1)))


def recall(confusion: ArrayLike) -> Floats:
    """Recall (..., classes); nan where no image is of the class."""
    counts = np.asarray(confusion)
    return _divide(_diagonal(counts), counts.sum(axis=-1))


def balanced_accuracy(confusion: ArrayLike) -> Floats:
    """Mean recall over the classes that occur among the targets."""
    return np.asarray(np.nanmean(recall(confusion), axis=-1))


def macro_f1(confusion: ArrayLike) -> Floats:
    """Mean F1 over the classes that occur among targets or answers, as scikit-learn has it.

    A column beyond the classes counts images without an answer: they cost recall, and are no class of their own.
    """
    counts = np.asarray(confusion)
    right, answered = _diagonal(counts), counts.sum(axis=-2)[..., : counts.shape[-2]]
    return np.asarray(np.nanmean(_divide(2 * right, counts.sum(axis=-1) + answered), axis=-1))


def intervals(
    confusion: ArrayLike, *, level: float = 0.95, rounds: int = 10_000, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Wilson's interval of accuracy; percentile bootstrap of balanced_accuracy and macro_f1, which are no shares.

    Drawing n images with replacement fills the cells of the confusion matrix as a multinomial does, so whole matrices
    are drawn.
    """
    counts = np.asarray(confusion)
    stack = _redrawn(confusion, rounds, seed)
    drawn = {measure.__name__: _ends(measure(stack), level) for measure in (balanced_accuracy, macro_f1)}
    return {"accuracy": share_interval(int(_diagonal(counts).sum()), int(counts.sum()), level)} | drawn


def recall_intervals(confusion: ArrayLike, *, level: float = 0.95) -> list[tuple[float, float] | None]:
    """Wilson's interval of each class's recall; None where no image is of the class."""
    counts = np.asarray(confusion)
    rows = zip(_diagonal(counts).tolist(), counts.sum(axis=1).tolist(), strict=True)
    return [share_interval(right, count, level) if count else None for right, count in rows]


def share_interval(right: int, count: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a share (E. B. Wilson, 1927): of 2 right out of 2 it says 34 % to 100 %."""
    from scipy.stats import binomtest

    ends: Any = binomtest(right, count).proportion_ci(level, method="wilson")
    return float(ends.low), float(ends.high)


def counted_share(right: NDArray[np.bool_]) -> dict[str, Any]:
    """How many of some answers are right: share, count and Wilson's 95 % interval."""
    low, high = share_interval(int(right.sum()), len(right))
    return {"share": float(right.mean()), "n": len(right), "interval": [low, high]}


def coverage_curve(probabilities: ArrayLike, targets: ArrayLike) -> list[Coverage]:
    """What answering only from a confidence on gives, for every confidence that occurs, highest first."""
    confidence, right = _top(probabilities, targets)
    order = np.argsort(-confidence, kind="stable")
    ranked, answered = confidence[order], np.arange(1, len(order) + 1)
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)[: len(order)])
    rights = right[order].cumsum()
    return [
        Coverage(float(ranked[end]), int(answered[end]) / len(order), float(rights[end] / answered[end]))
        for end in ends
    ]


def reliability(probabilities: ArrayLike, targets: ArrayLike, bins: int = BINS) -> list[Bin]:
    """Equal-width bins over the confidence of the top answer (arXiv 1706.04599)."""
    confidence, right = _top(probabilities, targets)
    edges, place = np.linspace(0, 1, bins + 1), _bin_of(confidence, bins)
    counts = np.bincount(place, minlength=bins)
    sums = [np.bincount(place, weights, minlength=bins) for weights in (confidence, right)]
    return [
        Bin(lower, upper, int(count), *(float(total / count) if count else None for total in totals))
        for lower, upper, count, *totals in zip(edges[:-1].tolist(), edges[1:].tolist(), counts, *sums, strict=True)
    ]


def ece(probabilities: ArrayLike, targets: ArrayLike, bins: int = BINS) -> float:
    """Expected calibration error: mean gap between confidence and accuracy, bins weighted by their answers."""
    filled = [row for row in reliability(probabilities, targets, bins) if row.count]
    gaps = [row.count * abs((row.confidence or 0.0) - (row.accuracy or 0.0)) for row in filled]
    return sum(gaps) / sum(row.count for row in filled)


def ece_interval(
    probabilities: ArrayLike, targets: ArrayLike, *, bins: int = BINS, rounds: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """95 % percentile bootstrap of the calibration error over images, widened to hold the error itself.

    Drawing again adds a little to the error, so that with few images all draws may lie above it.
    """
    confidence, right = _top(probabilities, targets)
    gaps = right - confidence
    places = _bin_of(confidence, bins)
    generator, count = np.random.default_rng(seed), len(gaps)
    drawn = np.empty(rounds)
    for row in range(rounds):
        images = generator.integers(0, count, count)
        drawn[row] = np.abs(np.bincount(places[images], gaps[images], minlength=bins)).sum() / count
    low, high = _ends(drawn, 0.95)
    measured = ece(probabilities, targets, bins)
    return min(low, measured), max(high, measured)


def negative_log_likelihood(probabilities: ArrayLike, targets: ArrayLike, temperature: float = 1.0) -> float:
    """Mean of -log p(target) after temperature, in nats."""
    calibrated = apply_temperature(probabilities, temperature)
    of_target = calibrated[np.arange(len(calibrated)), np.asarray(targets)]
    return float(-np.log(np.maximum(of_target, np.finfo(np.float64).tiny)).mean())


def fit_confidence(probabilities: ArrayLike, targets: ArrayLike) -> float:
    """The T that makes the confidence of the top answer, which people see, the likeliest forecast of being right.

    Top-label calibration (arXiv 2107.08353): the log loss of 'right or wrong' in place of that of the class.
    """
    values = np.asarray(probabilities, np.float64)
    right = values.argmax(axis=1) == np.asarray(targets)

    def loss(temperature: float) -> float:
        confidence = apply_temperature(values, temperature).max(axis=1)
        forecast = np.where(right, confidence, 1 - confidence)
        return float(-np.log(np.maximum(forecast, np.finfo(np.float64).tiny)).mean())

    return _best_temperature(loss)


def fit_threshold(probabilities: ArrayLike, targets: ArrayLike, wanted: float = 0.8) -> tuple[float, float]:
    """The lowest confidence from which on answers are right often enough, and the share of images answered.

    An image is answered when its confidence is at or above the threshold, so images of the same confidence are
    answered together or not at all.

    Args:
        probabilities: calibrated.
        targets: true classes.
        wanted: share of the answered images that must be right.

    Returns:
        (0, 1) when answering everything is right often enough; the next number above the highest confidence and 0
        when no threshold is.
    """
    confidence, right = _top(probabilities, targets)
    order = np.argsort(-confidence, kind="stable")
    ranked, answered = confidence[order], np.arange(1, len(order) + 1)
    last_of_tie = np.append(ranked[1:] != ranked[:-1], True)
    good = np.flatnonzero(last_of_tie & (right[order].cumsum() / answered >= wanted))
    if not good.size:
        return float(np.nextafter(ranked[0], 2)), 0.0
    cut = int(good[-1])
    return (0.0, 1.0) if cut == len(order) - 1 else (float(ranked[cut]), (cut + 1) / len(order))


def mcnemar(first_right: ArrayLike, second_right: ArrayLike) -> McNemar:
    """Exact and mid-p McNemar test.

    Args:
        first_right: bool (n,), the first model's answer to each image is right.
        second_right: bool (n,), the second model's, same images in the same order.
    """
    from scipy.stats import binom

    first, second = np.asarray(first_right, bool), np.asarray(second_right, bool)
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    fewer, different = min(only_first, only_second), only_first + only_second
    both_tails = 2 * float(binom.cdf(fewer, different, 0.5))
    mid_p = both_tails - float(binom.pmf(fewer, different, 0.5))
    return McNemar(only_first, only_second, min(1.0, both_tails), mid_p)


def _top(probabilities: ArrayLike, targets: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    """Confidence of the top answer, and whether it is right."""
    values = np.asarray(probabilities, np.float64)
    return values.max(axis=1), values.argmax(axis=1) == np.asarray(targets)


def _best_temperature(loss: Callable[[float], float]) -> float:
    """Where a loss of the temperature is lowest, within TEMPERATURES."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda log_temperature: loss(float(np.exp(log_temperature))),
        bounds=tuple(np.log(TEMPERATURES)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(np.exp(found.x))


def _bin_of(confidence: Floats, bins: int) -> NDArray[np.intp]:
    """The equal-width bin of each confidence; a bin takes its upper edge in."""
    edges = np.linspace(0, 1, bins + 1)
    return np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)


def _redrawn(confusion: ArrayLike, rounds: int, seed: int) -> Counts:
    """Confusion matrices (rounds, ...) of as many images drawn with replacement."""
    counts = np.asarray(confusion, np.int64)
    draws = np.random.default_rng(seed).multinomial(counts.sum(), (counts / counts.sum()).ravel(), size=rounds)
    return np.asarray(draws.reshape(rounds, *counts.shape))


def _ends(drawn: Floats, level: float) -> tuple[float, float]:
    """The middle `level` of what was drawn; draws without the class say nothing."""
    low, high = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _diagonal(counts: NDArray[Any]) -> NDArray[Any]:
    return np.diagonal(counts, axis1=-2, axis2=-1)


def _divide(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    """Quotients, nan where the whole is 0."""
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))
