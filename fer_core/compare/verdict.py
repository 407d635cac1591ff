"""What a comparison says, in plain sentences: which model did better, whether that can be told, and what is hard."""

from fer_core.compare.scores import Report, Scores
from fer_core.text import percent

FEW = 100
"""Fewer photos than this rarely tell two good models apart."""
FEW_OF_A_KIND = 3
"""An expression is called hard from so many photos of it on."""
HARD = 0.6
"""Recall below which an expression is called hard."""


def in_words(report: Report) -> str:
    """One or two sentences.

    For example: 'Too few photos to name a winner: 17, 18 and 17 of 20 right. All struggle with surprise.'
    """
    return " ".join(part for part in (_winner(report), _struggle(report)) if part)


def warning(report: Report) -> str:
    """What stands above the figures of few photos; empty from FEW on."""
    count = len(report.comparison)
    if count >= FEW:
        return ""
    first = report.scores[0]
    low, high = first.intervals["accuracy"]
    return (
        f"Only {count} photos. On other photos like these, {report.titles[first.model]} may be right in {percent(low)} "
        f"to {percent(high)}. Do not rank models by so few."
    )


def _winner(report: Report) -> str:
    ranked = sorted(report.scores, key=lambda scores: -scores.accuracy)
    best, count = ranked[0], len(report.comparison)
    name = report.titles[best.model]
    if len(ranked) == 1:
        low, high = best.intervals["accuracy"]
        likely = f"{percent(low)} to {percent(high)}"
        return f"{name} is right on {_right(best):,} of {count:,} photos ({likely} on others like these)."
    if all(_beats(report, best, other) for other in ranked[1:]):
        rest = ", ".join(str(_right(other)) for other in ranked[1:])
        return f"{name} is best on these photos: {_right(best):,} of {count:,} right, the others {rest}."
    rights = [f"{_right(scores):,}" for scores in report.scores]
    listed = f"{', '.join(rights[:-1])} and {rights[-1]} of {count:,} right"
    if count < FEW:
        return f"Too few photos to name a winner: {listed}."
    beaten = [report.titles[other.model] for other in ranked[1:] if _beats(report, best, other)]
    told = f" {name} is better than {' and '.join(beaten)}." if beaten else ""
    return f"No single winner: {listed}.{told}"


def _struggle(report: Report) -> str:
    """The expressions that every model finds hard, the hardest first."""
    counts = report.scores[0].confusion.sum(axis=1).tolist()
    best = {
        label: max(scores.recall[label] or 0.0 for scores in report.scores)
        for label, count in zip(report.comparison.classes, counts, strict=True)
        if count >= FEW_OF_A_KIND
    }
    hard = [label for label, recall in sorted(best.items(), key=lambda pair: pair[1]) if recall < HARD][:2]
    if not hard:
        return ""
    who = "It struggles" if len(report.scores) == 1 else "All struggle"
    return f"{who} with {' and '.join(hard)}."


def _beats(report: Report, one: Scores, other: Scores) -> bool:
    """McNemar's mid-p below 5 %, and more right answers."""
    pair = next(pair for pair in report.pairs if {pair.first, pair.second} == {one.model, other.model})
    return pair.test.mid_p < 0.05 and one.accuracy > other.accuracy


def _right(scores: Scores) -> int:
    return round(scores.accuracy * scores.count)
