"""`fer datasets subset`: part of a dataset, with the balance it gives, as the data section of a training recipe."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from fer_core import text
from fer_core.cli import progress
from fer_core.cli.dataset_options import Kind, Place
from fer_core.cli.options import count
from fer_core.cli.output import Answer, answering
from fer_core.datasets import Dataset, identity, open_dataset
from fer_core.errors import RecipeError
from fer_core.labels import canonical


def labels(listed: str) -> tuple[str, ...]:
    """Names of expressions with commas between, in any usual way of writing."""
    names = [canonical(word) for word in listed.split(",")]
    if None in names:
        raise typer.BadParameter(f"came {listed}; expected expressions with commas between, as angry,happy")
    return tuple(name for name in names if name)


def _checked(listed: str) -> str:
    if listed:
        labels(listed)
    return listed


@answering
def subset(
    path: Place,
    kind: Kind = None,
    classes: Annotated[
        str, typer.Option(metavar="NAMES", help="Classes to keep, with commas between.", callback=_checked)
    ] = "",
    drop: Annotated[
        str, typer.Option(metavar="NAMES", help="Classes to leave out, with commas between.", callback=_checked)
    ] = "",
    cap: Annotated[
        int | None, typer.Option(metavar="N", help="At most so many training images per class.", callback=count)
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(metavar="FILE", help="An exclusion file of the audit.")] = None,
    join: Annotated[
        list[str] | None, typer.Option(metavar="PATH", help="Add the training images of another dataset.")
    ] = None,
    keep_copies: Annotated[
        bool, typer.Option("--keep-copies", help="Also train on exact copies of test images.")
    ] = False,
    recipe: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Put the section into a copy of this recipe.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of the new recipe. Default: the given file's name + _subset.")
    ] = None,
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the section or recipe. No file is overwritten.")
    ] = None,
    format: Annotated[Literal["table", "json", "toml"], typer.Option(help="How the answer is written.")] = "table",
) -> Answer:
    """Keep, drop, cap and join classes, for a training recipe.

    Examples:
      fer datasets subset fer2013.csv --drop disgust --cap 1000

      fer datasets subset fer2013.csv --classes happy,sad --recipe training/recipes/house.toml --write two.toml
    """
    from fer_core.recipes import subsets

    if classes and drop:
        raise typer.BadParameter(
            "not allowed together: --classes names what to keep, --drop what to leave out. Give one of them"
        )
    with progress.shown("reading") as report:
        dataset = open_dataset(path, kind, report)
        joined = [open_dataset(other, progress=report) for other in join or ()]
    asked = subsets.section(
        dataset,
        classes=labels(classes) if classes else _without(drop, [dataset, *joined]),
        cap=cap,
        exclude=exclude or (),
        joined=joined,
        leave_out_copies=not keep_copies,
    )
    section = _text(recipe, name, subsets.to_toml(asked), lambda given, new: subsets.into_recipe(given, asked, new))
    if write:
        subsets.write(write, section)
        print(f"written: {write}", file=sys.stderr)
    if format == "toml":
        return Answer(section.rstrip())
    with progress.shown("looking for copies") as report:
        known = [identity.of(one, report) for one in (dataset, *joined)] if asked.leave_out_copies else []
    given = subsets.shares(asked, dataset, joined, known)
    told = subsets.total(given)
    left_out = {share.title: dict(share.left_out) for share in given}
    if format == "json":
        return Answer(text.to_json(told | {"left_out": left_out, "data": asked.model_dump(mode="json")}))
    lines = [(label, f"{told['before'][label]:,}", f"{told['after'][label]:,}") for label in told["before"]]
    notes = [f"{title}: {n:,} {reason}" for title, reasons in left_out.items() for reason, n in reasons.items()]
    table = text.text_table(("training images", "before", "after"), lines)
    return Answer("\n".join([table, "", *map(text.printable, notes), "", section.rstrip()]))


def _without(dropped: str, given: Sequence[Dataset]) -> tuple[str, ...]:
    """All classes of the datasets but those; empty, which means all, when none is dropped."""
    if not dropped:
        return ()
    known = dict.fromkeys(label for dataset in given for label in dataset.classes)
    return tuple(label for label in known if label not in labels(dropped))


def _text(recipe: Path | None, name: str | None, section: str, into: Callable[[str, str], str]) -> str:
    if recipe is None:
        return section
    try:
        given = recipe.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"There is no recipe at {recipe}. Recipes lie in training/recipes/*.toml.") from error
    return into(given, name or f"{recipe.stem}_subset")
