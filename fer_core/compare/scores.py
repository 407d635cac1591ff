"""The numbers of a comparison: one row per model, one test per pair of models, shares per group of photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from fer_core.compare import conditions
from fer_core.compare.answers import Comparison
from fer_core.evaluation import metrics
from fer_core.evaluation.metrics import Bin, Coverage, McNemar

Floats = NDArray[np.float64]
Interval = tuple[float, float]

CURVE_POINTS = 200
"""A curve of so many points looks the same as one of thousands, and a page sends it faster."""


@dataclass(frozen=True)
class Whole:
    """The same photos taken whole: right answers with the face cut out, and without."""

    count: int
    cropped: float
    cropped_interval: Interval
    whole: float
    whole_interval: Interval


@dataclass(frozen=True)
class Scores:
    """How one model did. A photo without a found face is wrong: it costs accuracy and recall.

    Attributes:
        model: its name.
        title: a few words.
        count: photos scored.
        found: of these, with a face.
        accuracy: share right of all photos.
        balanced_accuracy: mean recall over the classes that occur.
        macro_f1: mean F1 over the classes that occur.
        intervals: 95 % intervals of these three and of ece: Wilson's of accuracy, bootstrap of the others.
        recall: by class; None where no photo is of the class.
        recall_intervals: Wilson's 95 % intervals, by class.
        confusion: counts, one row per true class, one column per answer, the last one 'no face found'.
        ece: expected calibration error over the faces; None when no face was found.
        bins: the reliability diagram.
        threshold: confidence below which the model says 'unsure'.
        answered: share of all photos that get an answer at that threshold.
        answered_accuracy: share right among them; None when there is none.
        curve: the same for other thresholds, in shares of all photos.
        milliseconds: of the network, a face.
        whole: the photos taken whole; None when not asked.
    """

    model: str
    title: str
    count: int
    found: int
    accuracy: float
    balanced_accuracy: float
    macro_f1: float
    intervals: dict[str, Interval]
    recall: dict[str, float | None]
    recall_intervals: dict[str, Interval | None]
    confusion: NDArray[np.int64]
    ece: float | None
    bins: list[Bin]
    threshold: float
    answered: float
    answered_accuracy: float | None
    curve: list[Coverage]
    milliseconds: float | None
    whole: Whole | None


@dataclass(frozen=True)
class Pair:
    """Two models on the same photos."""

    first: str
    second: str
    test: McNemar


@dataclass(frozen=True)
class Group:
    """Photos of a kind: how many, and each model's share right with Wilson's 95 % interval."""

    condition: str
    name: str
    count: int
    shares: dict[str, tuple[float, float, float]]


@dataclass(frozen=True, eq=False)
class Report:
    """Everything that page, CSV and HTML show of a comparison."""

    comparison: Comparison
    scores: tuple[Scores, ...]
    pairs: tuple[Pair, ...]
    groups: tuple[Group, ...]

    @property
    def titles(self) -> dict[str, str]:
        """A few words for each model by its name; no two alike."""
        words = [row.title for row in self.scores]
        return {r.model: r.title if words.count(r.title) == 1 else f"{r.title} ({r.model})" for r in self.scores}


def report(given: Comparison) -> Report:
    """All numbers, made once."""
    rows = tuple(scores(given, number) for number in range(len(given.models)))
    return Report(given, rows, pairs(given), groups(given))


def answers(given: Comparison) -> NDArray[np.int64]:
    """(models, n) classes answered; one beyond the last class where no face was found."""
    filled = np.where(np.isnan(given.probabilities), 0.0, given.probabilities)
    return np.where(given.found, filled.argmax(axis=2), len(given.classes))


def right(given: Comparison) -> NDArray[np.bool_]:
    """(models, n), the answer is the label."""
    return np.asarray(answers(given) == given.targets)


def scores(given: Comparison, number: int) -> Scores:
    """The numbers of the model at this place."""
    model, targets, found = given.models[number], given.targets, given.found
    width = len(given.classes)
    confusion = metrics.confusion_matrix(answers(given)[number], targets, width + 1)[:width]
    drawn = confusion if confusion[:, -1].any() else confusion[:, :-1]  # as evaluate draws, to the last digit
    faces, labels = given.probabilities[number][found], targets[found]
    recall = metrics.recall(confusion).tolist()
    answered = (faces.max(axis=1) >= model.threshold) if len(faces) else np.zeros(0, bool)
    hits = faces.argmax(axis=1) == labels if len(faces) else answered
    return Scores(
        model=model.name,
        title=model.title,
        count=len(given),
        found=int(found.sum()),
        accuracy=float(metrics.accuracy(confusion)),
        balanced_accuracy=float(metrics.balanced_accuracy(confusion)),
        macro_f1=float(metrics.macro_f1(confusion)),
        intervals=metrics.intervals(drawn) | ({"ece": metrics.ece_interval(faces, labels)} if len(faces) else {}),
        recall={name: None if np.isnan(r) else r for name, r in zip(given.classes, recall, strict=True)},
        recall_intervals=dict(zip(given.classes, metrics.recall_intervals(drawn), strict=True)),
        confusion=confusion,
        ece=metrics.ece(faces, labels) if len(faces) else None,
        bins=metrics.reliability(faces, labels) if len(faces) else [],
        threshold=model.threshold,
        answered=float(answered.sum() / len(given)),
        answered_accuracy=float(hits[answered].mean()) if answered.any() else None,
        curve=_curve(faces, labels, len(given)),
        milliseconds=given.milliseconds.get(f"predict:{model.name}"),
        whole=_whole(given, number),
    )


def pairs(given: Comparison) -> tuple[Pair, ...]:
    """McNemar's test of every two models."""
    hits = right(given)
    return tuple(
        Pair(given.models[one].name, given.models[two].name, metrics.mcnemar(hits[one], hits[two]))
        for one, two in combinations(range(len(given.models)), 2)
    )


def groups(given: Comparison) -> tuple[Group, ...]:
    """Accuracy by each condition of the face, over the photos in which one was found."""
    hits = right(given)
    found: list[Group] = []
    for name, values in given.conditions.items():
        for group, inside in conditions.groups(name, np.where(given.found, values, np.nan)):
            shares = {model.name: _share(hit[inside]) for model, hit in zip(given.models, hits, strict=True)}
            found.append(Group(name, group, int(inside.sum()), shares))
    return tuple(found)


def disagreements(given: Comparison) -> list[int]:
    """Photos on which the models' answers differ, the surest disagreement first."""
    said = answers(given)
    rows = np.flatnonzero((said != said[0]).any(axis=0))
    return sorted(rows.tolist(), key=lambda row: -float(given.probabilities[:, row].max(axis=1).min()))


def taken_for(given: Comparison, number: int) -> dict[tuple[str, str], list[int]]:
    """The photos that the model at this place got wrong, by label and answer.

    The cell with most photos comes first, and in it the mistake of which the model was surest. Photos in which no face
    was found are left out.
    """
    said = answers(given)[number]
    cells: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(given.found & (said != given.targets)).tolist():
        cells.setdefault((given.classes[given.targets[row]], given.classes[said[row]]), []).append(row)
    sure = np.nan_to_num(given.probabilities[number]).max(axis=1)
    ordered = sorted(cells.items(), key=lambda cell: -len(cell[1]))
    return {cell: sorted(rows, key=lambda row: -float(sure[row])) for cell, rows in ordered}


def label_looks_wrong(given: Comparison, row: int) -> bool:
    """All models give the same other answer, and are sure of it."""
    said = answers(given)[:, row]
    if not given.found[row] or len(set(said.tolist())) > 1 or said[0] == given.targets[row]:
        return False
    sure = np.array([model.threshold for model in given.models])
    return bool((given.probabilities[:, row].max(axis=1) >= sure).all())


def failures(given: Comparison) -> list[int]:
    """Photos on which every model is wrong, those without a face first, then the surest mistakes."""
    rows = np.flatnonzero(~right(given).any(axis=0))
    sure = np.where(given.found, np.nan_to_num(given.probabilities).max(axis=2).min(axis=0), 2.0)
    return sorted(rows.tolist(), key=lambda row: -float(sure[row]))


def _curve(faces: Floats, labels: NDArray[np.int64], count: int) -> list[Coverage]:
    """Coverage in shares of all photos, thinned for drawing."""
    if not len(faces):
        return []
    points = metrics.coverage_curve(faces, labels)
    kept = np.unique(np.linspace(0, len(points) - 1, min(len(points), CURVE_POINTS)).round().astype(int))
    share = len(faces) / count
    return [Coverage(points[row].threshold, points[row].answered * share, points[row].accuracy) for row in kept]


def _whole(given: Comparison, number: int) -> Whole | None:
    if given.whole is None:
        return None
    plain = given.whole[number].argmax(axis=1) == given.targets
    cropped, whole = _share(right(given)[number]), _share(plain)
    return Whole(len(given), cropped[0], cropped[1:], whole[0], whole[1:])


def _share(hits: Sequence[bool] | NDArray[np.bool_]) -> tuple[float, float, float]:
    count, total = int(np.sum(hits)), len(hits)
    return (count / total, *metrics.share_interval(count, total))
