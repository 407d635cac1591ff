"""The tables of a comparison, as rows for a page, a CSV file or HTML."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.compare.answers import Comparison
from fer_core.compare.conditions import CONDITIONS
from fer_core.compare.scores import Report, Scores, answers
from fer_core.evaluation.metrics import McNemar
from fer_core.text import percent

Row = dict[str, Any]

NOT_FOUND = "no face found"

WHY_WHOLE_IS_BAD = (
    "Why is it bad to read the whole photo? A network learned from faces that fill the picture. Make a photo of 2640 x "
    "1980 pixels as small as 48 x 48, and a face of a quarter of its height has about 12 pixels left. Eyes and mouth "
    "are gone, and the network takes the background for a face. One team's network was right in 69 % of test images. "
    "On the team's own photos, read whole, it was right in 37 %. So cut out the face first."
)


HOW_WE_KNOW = (
    "The interval of accuracy and recall is Wilson's. It can be trusted for few photos, too. The intervals of balanced "
    "accuracy, macro F1 and the calibration error (ECE) come from drawing the photos again thousands of times "
    "(bootstrap). Two models are compared by McNemar's test on the photos that only one of them gets right. Below 5 % "
    "the difference is more than chance."
)


def headline(report: Report) -> list[Row]:
    """One row per model with what most people ask, shares as text with their intervals."""
    return [
        {
            "model": report.titles[row.model],
            "accuracy": with_interval(row.accuracy, row.intervals["accuracy"]),
            "sure": share(row.answered),
            "right when sure": share(row.answered_accuracy),
            "no face": f"{row.count - row.found:,} of {row.count:,}",
        }
        for row in report.scores
    ]


def further(report: Report) -> list[Row]:
    """One row per model with the figures that need an explanation."""
    return [
        {
            "model": report.titles[row.model],
            "balanced accuracy": with_interval(row.balanced_accuracy, row.intervals["balanced_accuracy"]),
            "macro F1": with_interval(row.macro_f1, row.intervals["macro_f1"]),
            "calibration error (ECE)": "" if row.ece is None else with_interval(row.ece, row.intervals["ece"]),
            "ms per face": "" if row.milliseconds is None else f"{row.milliseconds:.1f}",
        }
        for row in report.scores
    ]


def recall(report: Report) -> list[Row]:
    """One row per expression, one column per model."""
    counts = report.scores[0].confusion.sum(axis=1).tolist()
    return [
        {"expression": label, "photos": count}
        | {report.titles[one.model]: _recall(one, label) for one in report.scores}
        for label, count in zip(report.comparison.classes, counts, strict=True)
    ]


def pairs(report: Report) -> list[Row]:
    """McNemar's test, one row per pair."""
    return [
        {
            "first": report.titles[pair.first],
            "second": report.titles[pair.second],
            "only the first is right": pair.test.only_first,
            "only the second is right": pair.test.only_second,
            "p (exact)": f"{pair.test.exact:.2g}",
            "p (mid-p)": f"{pair.test.mid_p:.2g}",
            "verdict": verdict(report.titles[pair.first], report.titles[pair.second], pair.test),
        }
        for pair in report.pairs
    ]


def verdict(first: str, second: str, test: McNemar) -> str:
    """McNemar's answer in words, at 5 %."""
    if test.mid_p >= 0.05:
        return "these photos do not tell which is better"
    return f"{first if test.only_first > test.only_second else second} is better on these photos"


def verdicts(report: Report) -> list[str]:
    """One sentence per pair of models."""
    return [
        f"{row['first']} and {row['second']}: {row['verdict']} (McNemar, mid-p {row['p (mid-p)']}; only the first is "
        f"right on {row['only the first is right']:,}, only the second on {row['only the second is right']:,})."
        for row in pairs(report)
    ]


def unsure_in_words(report: Report) -> list[str]:
    """One sentence per model: what its threshold costs and gains."""
    return [
        f"{report.titles[row.model]} says 'unsure' below {100 * row.threshold:.0f} %: it answers "
        f"{share(row.answered)} of these photos and is right in {share(row.answered_accuracy)} of them, instead of "
        f"{share(row.accuracy)} of all. Calibration error {share(row.ece)}."
        for row in report.scores
        if row.answered_accuracy is not None
    ]


def lost_on_whole(report: Report) -> list[tuple[int, str]]:
    """Photos whose face is read rightly and the whole photo wrongly, with what is said then; most models first."""
    given = report.comparison
    if given.whole is None:
        return []
    said = given.whole.argmax(axis=2)
    lost = (answers(given) == given.targets) & (said != given.targets)
    rows = [row for row in np.argsort(-lost.sum(axis=0), kind="stable").tolist() if lost[:, row].any()]
    return [(row, ", ".join(_whole_words(given, said, lost, row))) for row in rows]


def _whole_words(given: Comparison, said: NDArray[np.int64], lost: NDArray[np.bool_], row: int) -> list[str]:
    return [f"{m.name}: {given.classes[said[k, row]]}" for k, m in enumerate(given.models) if lost[k, row]]


def figures(report: Report) -> list[Row]:
    """Every figure as plain numbers, a row each: model, figure, class or group, value, low, high."""
    return [row for scores in report.scores for row in _figures_of(scores)] + [
        {"model": name, "figure": f"accuracy by {group.condition}", "of": group.name, "value": value}
        | {"low": low, "high": high, "photos": group.count}
        for group in report.groups
        for name, (value, low, high) in group.shares.items()
    ]


def _figures_of(scores: Scores) -> list[Row]:
    plain = {name: getattr(scores, name) for name in ("accuracy", "balanced_accuracy", "macro_f1")}
    rows = [_figure(scores, name, "", value, scores.intervals[name]) for name, value in plain.items()]
    rows += [_figure(scores, "recall", k, v, scores.recall_intervals[k]) for k, v in scores.recall.items()]
    rows.append(_figure(scores, "ece", "", scores.ece, scores.intervals.get("ece")))
    for name in ("threshold", "answered", "answered_accuracy", "milliseconds"):
        rows.append(_figure(scores, name, "", getattr(scores, name)))
    if whole := scores.whole:
        rows.append(_figure(scores, "accuracy on the whole photo", "", whole.whole, whole.whole_interval))
    return rows


def _figure(scores: Scores, name: str, of: str, value: float | None, ends: tuple[float, float] | None = None) -> Row:
    low, high = ends or (None, None)
    return {"model": scores.model, "figure": name, "of": of, "value": value, "low": low, "high": high} | {
        "photos": scores.count
    }


def groups(report: Report) -> list[Row]:
    """One row per group of faces."""
    return [
        {"property": CONDITIONS[group.condition].title, "faces": group.name, "photos": group.count}
        | {report.titles[name]: with_interval(value, (low, high)) for name, (value, low, high) in group.shares.items()}
        for group in report.groups
    ]


def photos(report: Report) -> list[Row]:
    """One row per photo: label, every model's answer, confidence and probabilities, and how the face stands."""
    given = report.comparison
    said = answers(given)
    return [
        {
            "photo": name,
            "label": given.classes[given.targets[row]],
            "face found": bool(given.found[row]),
            **{key: _number(values[row]) for key, values in given.conditions.items()},
            **{
                k: v
                for place, model in enumerate(given.models)
                for k, v in _answer(report, said, place, row, model.name)
            },
        }
        for row, name in enumerate(given.names)
    ]


def answers_in_words(report: Report, row: int) -> list[str]:
    """What each model said to a photo: '✓ House: happy 92 %'."""
    given = report.comparison
    if not given.found[row]:
        return [NOT_FOUND]
    return [
        f"{'✓' if chances.argmax() == given.targets[row] else '✗'} {report.titles[model.name]}: "
        f"{given.classes[chances.argmax()]} {percent(float(chances.max()))}"
        for model, chances in zip(given.models, given.probabilities[:, row], strict=True)
    ]


def with_interval(value: float, ends: tuple[float, float]) -> str:
    """'68.9 % (67.4 to 70.4)'. An interval without a width is none: drawing few photos again finds nothing new."""
    if ends[0] == ends[1]:
        return f"{share(value)} (too few photos)"
    return f"{share(value)} ({100 * ends[0]:.1f} to {100 * ends[1]:.1f})"


def share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def _recall(scores: Scores, label: str) -> str:
    value, ends = scores.recall[label], scores.recall_intervals[label]
    return "no photo" if value is None or ends is None else with_interval(value, ends)


def _answer(report: Report, said: NDArray[np.int64], place: int, row: int, name: str) -> list[tuple[str, Any]]:
    given = report.comparison
    answer = said[place, row]
    if answer == len(given.classes):
        return [(f"{name}: answer", NOT_FOUND)]
    chances = given.probabilities[place, row]
    confidence = float(chances.max())
    return [
        (f"{name}: answer", given.classes[answer]),
        (f"{name}: right", bool(answer == given.targets[row])),
        (f"{name}: confidence", confidence),
        (f"{name}: unsure", confidence < given.models[place].threshold),
        *((f"{name}: {label}", float(chance)) for label, chance in zip(given.classes, chances, strict=True)),
    ]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
