"""`fer datasets`: look into datasets: list, scan, audit, subset.

What a scan or an audit has read stays in the user's cache folder; pictures do not.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from fer_core import text
from fer_core.cli import progress, subset
from fer_core.cli.dataset_options import Kind, Place
from fer_core.cli.group import Group
from fer_core.cli.options import TableOrJson
from fer_core.cli.output import Answer, answering
from fer_core.datasets import Dataset, catalogue, open_dataset

SHOWN_PROBLEMS = 10
SHOWN_SIZES = 5

Format = Annotated[TableOrJson, typer.Option(help="How the answer is written.")]

app = typer.Typer(cls=Group, rich_help_panel="Data", help="Look into datasets: list, scan, audit, subset.")
app.command("subset")(subset.subset)


@app.command("list")
@answering
def list_known(format: Format = "table") -> Answer:
    """Show what is known of the FER datasets, without having one.

    Example:
      fer datasets list --format json
    """
    known = catalogue.entries()
    if format == "json":
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


@app.command()
@answering
def scan(path: Place, kind: Kind = None, format: Format = "table") -> Answer:
    """Count the images of each split and class, and list what was left out.

    Examples:
      fer datasets scan fer2013.csv

      fer datasets scan rafdb.zip --format json
    """
    with progress.shown("reading") as report:
        dataset = open_dataset(path, kind, report)
    if format == "json":
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
        "notes": list(dataset.notes),
        "people": None if dataset.groups is None else len(set(dataset.groups.tolist())),
        "problems": [asdict(problem) for problem in dataset.problems],
        "problem_count": dataset.problem_count,
        "problem_counts": dict(dataset.problem_counts),
    }


@app.command()
@answering
def audit(
    path: Place,
    kind: Kind = None,
    suspects: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Probabilities of networks that never saw the images (fer out-of-sample)."),
    ] = None,
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the findings as an exclusion file for training.")
    ] = None,
    only: Annotated[
        str | None, typer.Option(metavar="KINDS", help="Findings to write, with commas between. Default: all.")
    ] = None,
    format: Format = "table",
) -> Answer:
    """Find copies, leaks, conflicting labels, and images that show nothing.

    Examples:
      fer datasets audit fer2013.csv

      fer datasets audit fer2013.csv --write exclude.csv --only leaks,blank
    """
    from fer_core.auditing import findings
    from fer_core.auditing.suspects import reasons

    with progress.shown("reading") as report:
        dataset = open_dataset(path, kind, report)
    doubted = reasons(suspects, dataset) if suspects else None
    with progress.shown("looking") as report:
        found = findings.audit(dataset, report, doubted)
    if write:
        kinds = only.split(",") if only else list(found.findings)
        written = findings.write_exclusions(found, kinds, write)
        print(f"{written:,} images in {write}", file=sys.stderr)
    result = found.to_json()
    if format == "json":
        return Answer(text.to_json(result))
    return Answer(text.text_table(("finding", ""), _flat(result)))


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
    lines += ["", *map(text.printable, dataset.notes)] if dataset.notes else []
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
