"""Part of a dataset from the command line, with the balance it gives, as the data section of a training recipe.

fer datasets subset PATH [--classes angry,happy | --drop disgust] [--cap 1000] [--exclude FILE]...
                                        [--join PATH]... [--keep-copies] [--recipe FILE --name NAME] [--write FILE]
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core import text
from fer_core.cli.main import Answer, count
from fer_core.datasets import KINDS, Dataset, open_dataset
from fer_core.errors import DatasetError, RecipeError
from fer_core.labels import canonical

FORMATS = ("table", "json", "toml")


def add(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=subset)
    parser.add_argument("path", metavar="PATH", help="a dataset's file, folder or zip")
    parser.add_argument("--kind", choices=KINDS, help="where the files do not tell; ferplus for FER+ labels")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--classes", type=labels, default=(), metavar="NAMES", help="classes to keep, commas between")
    which.add_argument("--drop", type=labels, default=(), metavar="NAMES", help="classes to leave out")
    parser.add_argument("--cap", type=count, metavar="N", help="at most so many training images a class")
    parser.add_argument("--exclude", action="append", default=[], metavar="FILE", help="an exclusion file of the audit")
    parser.add_argument("--join", action="append", default=[], metavar="PATH", help="add another's training images")
    parser.add_argument("--keep-copies", action="store_true", help="train on exact copies of test images, too")
    parser.add_argument("--recipe", type=Path, metavar="FILE", help="put the section into a copy of this recipe")
    parser.add_argument(
        "--name", metavar="NAME", help="of the new recipe; default: the given one's file name + _subset"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the section or recipe; never over a file")
    parser.add_argument("--format", choices=FORMATS, default="table")


def subset(options: argparse.Namespace) -> Answer:
    """The section, and what it leaves of each class."""
    from fer_core.recipes import subsets

    dataset = open_dataset(options.path, options.kind)
    joined = [open_dataset(path) for path in options.join]
    asked = subsets.section(
        dataset,
        classes=options.classes or _without(options.drop, [dataset, *joined]),
        cap=options.cap,
        exclude=options.exclude,
        joined=joined,
        leave_out_copies=not options.keep_copies,
    )
    section = _text(options, subsets.to_toml(asked), lambda given, name: subsets.into_recipe(given, asked, name))
    if options.write:
        subsets.write(options.write, section)
        print(f"written: {options.write}", file=sys.stderr)
    if options.format == "toml":
        return Answer(section.rstrip())
    given = subsets.shares(asked, dataset, joined, _identity(dataset) if asked.leave_out_copies else None)
    told = subsets.total(given)
    left_out = {share.title: dict(share.left_out) for share in given}
    if options.format == "json":
        return Answer(text.to_json(told | {"left_out": left_out, "data": asked.model_dump(mode="json")}))
    lines = [(name, f"{told['before'][name]:,}", f"{told['after'][name]:,}") for name in told["before"]]
    notes = [f"{title}: {n:,} {reason}" for title, reasons in left_out.items() for reason, n in reasons.items()]
    table = text.text_table(("training images", "before", "after"), lines)
    return Answer("\n".join([table, "", *map(text.printable, notes), "", section.rstrip()]))


def labels(listed: str) -> tuple[str, ...]:
    """Names of expressions with commas between, in any usual way of writing."""
    names = [canonical(word) for word in listed.split(",")]
    if None in names:
        raise argparse.ArgumentTypeError(f"came {listed}; expected expressions with commas between, as angry,happy")
    return tuple(name for name in names if name)


def _without(dropped: tuple[str, ...], given: Sequence[Dataset]) -> tuple[str, ...]:
    """All classes of the datasets but those; empty, which means all, when none is dropped."""
    known = dict.fromkeys(label for dataset in given for label in dataset.classes)
    return tuple(label for label in known if label not in dropped) if dropped else ()


def _text(options: argparse.Namespace, section: str, into: Callable[[str, str], str]) -> str:
    if options.recipe is None:
        return section
    try:
        given = options.recipe.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"There is no recipe at {options.recipe}. Recipes lie in training/recipes/*.toml.") from error
    return into(given, options.name or f"{options.recipe.stem}_subset")


def _identity(dataset: Dataset) -> NDArray[np.int64]:
    """The same number for the same pixels, as the audit tells them, without its search for near copies."""
    from fer_core.auditing.reading import digest

    numbers: dict[bytes, int] = {}
    found = np.zeros(len(dataset), np.int64)
    for row in range(len(dataset)):
        pixels = _pixels(dataset, row)
        key = b"row %d" % row if pixels is None else digest(pixels)
        found[row] = numbers.setdefault(key, row)
    return found


def _pixels(dataset: Dataset, row: int) -> NDArray[np.uint8] | None:
    try:
        return dataset.image(row)
    except DatasetError:
        return None
