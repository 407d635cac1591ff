"""Whether every figure of every card comes out of `fer evaluate` again.

    python -m benchmarks.card_figures [--data PATH] [--model NAME]... [--views none flip ...] [--split SPLIT]...
    python -m benchmarks.card_figures --keep [--data PATH] [--model NAME]...

For each network in models/ and each row of its metrics.json the command line is asked, in a process of its own, and
its JSON is held against the row. What the card prints must be the same to the last digit: shares to a tenth of a
percent, F1 to a thousandth. Beneath that, every number must agree to 1e-8: releases before November 2026 rounded the
sum of a row of probabilities at another place. Rows 'without copies' are asked for with --leave-out-copies. Exit code
1 when one differs.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fer_core import predictors, protocols
from fer_core.datasets import open_dataset
from fer_core.evaluation import scored_images, scoring
from fer_core.predictors import networks

ROOT = Path(__file__).resolve().parents[1]
PRINTED = ("accuracy", "balanced_accuracy", "macro_f1", "ece")
DECIMALS = 3
"""Of a share, as the card shows it: a tenth of a percent."""
SAME = 1e-8
OF_FER2013 = ("fer2013", "ferplus")
Row = Mapping[str, Any]


def main() -> int:
    known = _arguments()
    if known.keep:
        return keep(known.model, known.data)
    worst = 0
    for folder in networks.folders():
        if known.model and folder.name not in known.model:
            continue
        for row in networks.read_json(folder / "metrics.json")["evaluations"]:
            if row["labels"] not in OF_FER2013:
                continue  # rows of another dataset are asked of that one's folder
            if (row["tta"] or "none") in known.views and (not known.split or row["split"] in known.split):
                again = evaluate(folder.name, row, known.data)
                off = list(differences(row, again))
                worst += len(off)
                print(f"{folder.name:24}{said(row):62}{'; '.join(off) or 'the same'}", flush=True)
    print("Every figure came out again." if not worst else f"{worst} figures differ.")
    return int(worst > 0)


def keep(models: Sequence[str] | None, path: Path) -> int:
    """Write the confusion matrices that are missing; gives how many rows did not come out the same."""
    data, worst = open_dataset(path), 0
    for folder in networks.folders():
        metrics = networks.read_json(folder / "metrics.json")
        copies = networks.kept_copies(networks.read_json(folder / "config.json"))
        rows = [row for row in metrics["evaluations"] if quoted(row, protocols.of(metrics).report, copies)]
        if not rows or (models and folder.name not in models):
            continue
        predictor = predictors.load(folder.name)
        for row in rows:
            asked = scored_images.Asked(row["split"], row["labels"], leave_out_copies=bool(row.get("subset")))
            again = scoring.evaluate_dataset(predictor, data, path, asked).evaluation.to_json()
            off = list(differences(row, again))
            worst += bool(off)
            row |= {} if off else {"confusion": again["confusion"]}
            print(f"{folder.name:24}{said(row):62}{'; '.join(off) or 'kept'}", flush=True)
        text = json.dumps(metrics, indent=1, ensure_ascii=False)
        (folder / "metrics.json").write_text(f"{text}\n", encoding="utf-8")
    return worst


def quoted(row: Row, report: str, copies: bool) -> bool:
    """Whether this is the row that pages show, and its matrix is missing."""
    own = (row["labels"], row["split"], bool(row.get("subset"))) == ("fer2013", report, copies)
    return own and not row["tta"] and "confusion" not in row


def evaluate(model: str, row: Row, data: Path) -> dict[str, Any]:
    """What the command line says of a row."""
    command = [sys.executable, "-m", "fer_core", "evaluate", "--model", model, "--data", str(data)]
    command += ["--split", row["split"], "--labels", row["labels"], "--tta", row["tta"] or "none", "--format", "json"]
    command += ["--leave-out-copies"] if row.get("subset") else []
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def differences(row: Row, again: Row) -> Iterator[str]:
    """Sentences about figures that did not come out."""
    one, two = dict(_numbers(row)), dict(_numbers(again))
    for name, first in one.items():
        second = two.get(name)
        if first is None or second is None:
            if first is not second:
                yield f"{name} {first} and {second}"
        elif abs(first - second) > SAME or f"{first:.{DECIMALS}f}" != f"{second:.{DECIMALS}f}":
            yield f"{name} {first!r} and {second!r}"


def said(row: Row) -> str:
    copies = ", no copies" if row.get("subset") else ""
    return f"{row['split']}{copies}, {row['labels']}, {row['tta'] or 'one view'}: {row['accuracy']:.4f}"


def _numbers(row: Row) -> Iterator[tuple[str, float | None]]:
    yield "n", row["n"]
    for name in PRINTED:
        yield name, row[name]
    for label, value in row["recall"].items():
        yield f"recall of {label}", value
    for name, ends in row["intervals"].items():
        yield from ((f"{name}, {side}", end) for side, end in zip(("from", "to"), ends, strict=True))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.card_figures", description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "datasets" / "fer2013")
    parser.add_argument("--model", action="append", metavar="NAME", help="may be given again; default: all")
    parser.add_argument("--views", nargs="+", default=["none", "flip", "flip_crops"])
    parser.add_argument("--split", action="append")
    parser.add_argument("--keep", action="store_true", help="write confusion matrices that are missing")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
