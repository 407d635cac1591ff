"""The command line of datasets.

    fer datasets list [--format table|json]
    fer datasets scan PATH [--kind KIND] [--format table|json]
    fer datasets audit PATH [--kind KIND] [--suspects FILE] [--write FILE [--only blank,leaks]]
                                           [--format table|json]
    fer datasets subset PATH ...     (fer_core.cli.subset)

What a scan or an audit has read stays in the user's cache folder; pictures do not.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fer_core import text
from fer_core.cli import subset
from fer_core.cli.main import Answer
from fer_core.datasets import KINDS, Dataset, Progress, catalogue, open_dataset

FORMATS = ("table", "json")
SHOWN_PROBLEMS = 10
SHOWN_SIZES = 5


def add(parser: argparse.ArgumentParser) -> None:
    """The subcommands of `datasets`."""
    commands = parser.add_subparsers(required=True, metavar="list | scan | audit | subset")
    listing = commands.add_parser("list", help="what is known of the FER datasets, without having one")
    listing.set_defaults(command=list_known)
    listing.add_argument("--format", choices=FORMATS, default="table")
    _add_path(commands.add_parser("scan", help="count classes and problems of a dataset on this computer"), scan)
    look = commands.add_parser("audit", help="find copies, leaks, conflicts, and images that show nothing")
    _add_path(look, audit)
    look.add_argument("--suspects", metavar="FILE", help="probabilities of networks that never saw the images")
    look.add_argument("--write", metavar="FILE", help="write the findings as an exclusion file for training")
    look.add_argument("--only", metavar="KINDS", help="findings to write, with commas between; default: all")
    subset.add(commands.add_parser("subset", help="keep, drop, cap and join classes for a training recipe"))


def list_known(options: argparse.Namespace) -> Answer:
    """The catalogue."""
    known = catalogue.entries()
    if options.format == "json":
        counts = [asdict(column) for column in catalogue.class_counts()]
        misprints = [asdict(one) for one in catalogue.misprints()]
        return Answer(
            text.to_json({"datasets": [_entry(one) for one in known], "counts": counts, "misprints": misprints})
        )
    heading = ("dataset", "images", "classes", "size", "taken", "access")
    lines = [
        (one.title, f"{one.images:,}", str(one.classes or "none"), one.size, one.taken, one.access) for one in known
    ]
    return Answer(text.text_table(heading, lines))


def scan(options: argparse.Namespace) -> Answer:
    """Images by split and class, and what was left out."""
    dataset = open_dataset(options.path, options.kind, _progress("reading"))
    if options.format == "json":
        return Answer(text.to_json(scanned(dataset)))
    counts = dataset.counts()
    heading = ("", *dataset.split_names, "all")
    lines = [(label, *_with_sum([counts[split][label] for split in counts])) for label in dataset.classes]
    totals = ("images", *_with_sum([sum(column.values()) for column in counts.values()]))
    return Answer(
        "\n".join([f"{dataset.kind} at {dataset.path}", "", _right(heading, [*lines, totals]), *_notes(dataset)])
    )


def scanned(dataset: Dataset) -> dict[str, Any]:
    """A scan as data; at most so many problems are listed as an adapter lists, all are counted."""
    return {
        "dataset": dataset.kind,
        "path": str(dataset.path),
        "images": len(dataset),
        "splits": dataset.counts(),
        "sizes": _sizes(dataset),
        "votes": dataset.votes is not None,
        "people": None if dataset.groups is None else len(set(dataset.groups.tolist())),
        "problems": [asdict(problem) for problem in dataset.problems],
        "problem_count": dataset.problem_count,
        "problem_counts": dict(dataset.problem_counts),
    }


def audit(options: argparse.Namespace) -> Answer:
    """Copies, leaks, conflicts and images that show nothing."""
    from fer_core.auditing import findings as audits
    from fer_core.auditing import suspects

    dataset = open_dataset(options.path, options.kind, _progress("reading"))
    doubted = suspects.reasons(Path(options.suspects), dataset) if options.suspects else None
    found = audits.audit(dataset, _progress("looking"), doubted)
    if options.write:
        kinds = options.only.split(",") if options.only else list(found.findings)
        written = audits.write_exclusions(found, kinds, Path(options.write))
        print(f"{written:,} images in {options.write}", file=sys.stderr)
    result = found.to_json()
    if options.format == "json":
        return Answer(text.to_json(result))
    return Answer(text.text_table(("finding", ""), _flat(result)))


def _add_path(parser: argparse.ArgumentParser, command: object) -> None:
    parser.set_defaults(command=command)
    parser.add_argument("path", metavar="PATH", help="a dataset's file, folder or zip")
    parser.add_argument("--kind", choices=KINDS, help="where the files do not tell; ferplus for FER+ labels")
    parser.add_argument("--format", choices=FORMATS, default="table")


def _entry(one: catalogue.Entry) -> dict[str, Any]:
    return asdict(one) | {"order": one.order}


def _sizes(dataset: Dataset) -> dict[str, int]:
    """The most frequent 'height x width' and how many images have it, then all others as 'other'."""
    counts = Counter(map(tuple, dataset.sizes.tolist()))
    most = {f"{height}x{width}": count for (height, width), count in counts.most_common(SHOWN_SIZES)}
    rest = len(dataset) - sum(most.values())
    return most | ({"other": rest} if rest else {})


def _notes(dataset: Dataset) -> list[str]:
    lines = ["", "sizes (height x width): " + ", ".join(f"{size} {count:,}" for size, count in _sizes(dataset).items())]
    if dataset.problem_count:
        lines += ["", f"left out or doubtful: {dataset.problem_count:,}"]
        lines += [f"  {count:,} x {reason}" for reason, count in dataset.problem_counts.items()]
        lines += [f"  {text.printable(problem.place)}" for problem in dataset.problems[:SHOWN_PROBLEMS]]
        lines += ["  ..."] if dataset.problem_count > SHOWN_PROBLEMS else []
    return lines


def _with_sum(counts: Sequence[int]) -> list[str]:
    return [f"{count:,}" for count in (*counts, sum(counts))]


def _right(heading: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A text table whose numbers stand right-aligned below each other."""
    widths = [max(len(line[column]) for line in (heading, *lines)) for column in range(len(heading))]
    aligned = [
        (line[0], *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)))
        for line in (heading, *lines)
    ]
    return text.text_table(aligned[0], aligned[1:])


def _flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested counts as lines: 'leaks private_test', 288."""
    lines: list[tuple[str, str]] = []
    for name, value in values.items():
        title = f"{prefix}{name}"
        lines += _flat(value, f"{title} ") if isinstance(value, dict) else [(title, str(value))]
    return lines


def _progress(word: str) -> Progress | None:
    """A line on the terminal that is written over, twice a second; nothing when nobody watches."""
    if not sys.stderr.isatty():
        return None
    last = 0.0

    def show(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > 0.5 or done == total:
            last = time.monotonic()
            end = "\n" if done and done == total else ""
            print(f"\r{word}: {done:,} of {total:,}   ", end=end, file=sys.stderr, flush=True)

    return show
