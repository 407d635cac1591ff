"""How long three models take to be compared on FER2013's private test, and whether the figures are those of evaluate.

    python -m benchmarks.compare_speed --data PATH [--split private_test] [--model NAME]... [--limit N]

The time runs from opening the file to the finished report: what the Compare page does for a local dataset, loading of
the models included. Then each model is scored by what stands behind `fer evaluate`, which is not timed,
and every figure is held against the report's. Exit code 1 when one differs by more than 1e-9 or it took longer than
--seconds. On a busy computer the processor time tells more: over two cores it is at least half of what passes.
"""

import argparse
import os
from time import perf_counter, process_time

from fer_core import predictors
from fer_core.compare import testsets
from fer_core.compare.run import ComparisonRun, run_to_end
from fer_core.compare.scores import Scores, report
from fer_core.datasets import open_dataset
from fer_core.evaluation import metrics, scored_images, scoring
from fer_core.text import text_table

MODELS = ("house", "house:keras", "mini_xception")
SAME = 1e-9


def differences(scores: Scores, evaluated: metrics.Evaluation) -> dict[str, float]:
    """How far each figure of the page is from that of evaluate."""
    pairs = {name: (getattr(scores, name), getattr(evaluated, name)) for name in FIGURES}
    pairs |= {f"recall of {label}": (scores.recall[label], evaluated.recall[label]) for label in evaluated.recall}
    ends = {f"{name}, {side}": (scores.intervals[name][side], evaluated.intervals[name][side]) for name, side in ENDS}
    return {name: abs((one or 0.0) - (two or 0.0)) for name, (one, two) in (pairs | ends).items()}


FIGURES = ("accuracy", "balanced_accuracy", "macro_f1", "ece")
ENDS = [(name, side) for name in FIGURES for side in (0, 1)]


def main() -> int:
    known = _arguments()
    start, used = perf_counter(), process_time()
    given = testsets.from_split(open_dataset(known.data), known.split, known.limit)
    loaded = [predictors.load(name) for name in known.model or MODELS]
    ready = perf_counter()
    measured = report(run_to_end(ComparisonRun(given, loaded)))
    end, spent = perf_counter(), process_time() - used
    examples = scored_images.examples(open_dataset(known.data), known.split)
    worst = 0.0
    lines = []
    for predictor, scores in zip(loaded, measured.scores, strict=True):
        plain = scoring.answer(predictor, examples, data=str(known.data), split=known.split).evaluation
        off = max(differences(scores, plain).values()) if known.limit is None else float("nan")
        worst = max(worst, off)
        shares = [f"{100 * value:.2f} %" for value in (scores.accuracy, scores.balanced_accuracy, scores.macro_f1)]
        lines.append((scores.model, *shares, f"{scores.milliseconds:.2f}", f"{off:.1e}"))
    print(text_table(("model", "accuracy", "balanced", "macro F1", "ms a face", "off evaluate by"), lines))
    print(
        f"{len(given):,} images, {len(loaded)} models: {end - start:.1f} s, of which {ready - start:.1f} s opening and "
        f"loading; {spent:.1f} s of processor time; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    return int(worst > SAME or end - start > known.seconds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare_speed", description=__doc__)
    parser.add_argument("--data", required=True, metavar="PATH")
    parser.add_argument("--split", default="private_test")
    parser.add_argument("--model", action="append", metavar="NAME")
    parser.add_argument("--limit", type=int, metavar="N", help="so many images drawn at random, not held to evaluate")
    parser.add_argument("--seconds", type=float, default=180.0)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
