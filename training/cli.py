"""`fer train`, `release`, `calibrate`, `export`, `soup`, `ablation` and `out-of-sample`.

Only the options stand here. TensorFlow is loaded when a command runs: the work is in training.commands.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperCommand

from fer_core.cli.output import working

PANEL = "Networks"
RECIPE_KEYS = frozenset(
    (
        "name",
        "title",
        "about",
        "architecture",
        "options",
        "channels",
        "licence",
        "source",
        "remark",
        "data",
        "augmentation",
        "optimizer",
        "regularization",
        "distillation",
        "training",
    )
)
"""Keys of a recipe, which flags override. Not read from the schema, so that help needs no pydantic; a test holds it."""

train, release, calibrate, export = typer.Typer(), typer.Typer(), typer.Typer(), typer.Typer()
soup, ablation, out_of_sample = typer.Typer(), typer.Typer(), typer.Typer()

RecipeFile = Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe, such as training/recipes/house.toml.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")]
CrowdShare = Annotated[float, typer.Option(metavar="S", help="Share of the FER+ head in the answer, 0 to 1.")]


class RecipeCommand(TyperCommand):
    """A command that also takes flags of the recipe: --section.key value."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        own, flags = split(args)
        ctx.meta["recipe flags"] = flags
        return super().parse_args(ctx, own)


class SoupCommand(TyperCommand):
    """A command whose option --shares takes several numbers."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        return super().parse_args(ctx, repeated(args, "--shares"))


def repeated(arguments: list[str], option: str) -> list[str]:
    """The arguments with the option before each of the numbers that follow it."""
    found, last = list[str](), ""
    for word in arguments:
        again = last == option and found[-1] != option and _is_number(word)
        found += [option, word] if again else [word]
        last = word if word.startswith("--") else last if _is_number(word) else ""
    return found


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """The command's own arguments, and the recipe's flags and values in turn.

    A flag of the recipe names a key of it (`--optimizer`), or holds a dot (`--training.seed`). Its value follows it, or
    stands behind an equals sign.
    """
    own, flags = list[str](), list[str]()
    rest = iter(arguments)
    for word in rest:
        if word == "--":
            own += [word, *rest]
        elif not _is_recipe_flag(word):
            own.append(word)
        elif "=" in word:
            flags += word.split("=", maxsplit=1)
        else:
            value = next(rest, None)
            if value is None:
                raise typer.BadParameter(f"{word} needs a value, as in {word} VALUE")
            flags += [word, value]
    return own, flags


def _is_number(word: str) -> bool:
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False


def _is_recipe_flag(word: str) -> bool:
    name = word.removeprefix("--").split("=", maxsplit=1)[0]
    return word.startswith("--") and ("." in name or name in RECIPE_KEYS)


@train.command(cls=RecipeCommand, rich_help_panel=PANEL)
@working
def start(
    context: typer.Context,
    recipe: RecipeFile,
    run: Annotated[Path | None, typer.Option(metavar="DIR", help="The run's folder. Default: runs/NAME.")] = None,
    weights: Annotated[
        str | None, typer.Option(metavar="FILE", help="'none' trains a pretrained network from scratch; or a file.")
    ] = None,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="Repeat a run to the last bit; slower.")
    ] = False,
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help="Write event files, too.")] = False,
) -> int:
    """Train a network by a recipe. The same command goes on where a run was stopped.

    Every key of the recipe can be changed by a flag: --section.key VALUE.

    Examples:
      fer train training/recipes/house.toml

      fer train training/recipes/house.toml --training.seed 2 --run runs/second

      fer train training/recipes/cnn_48.toml --data.path fer2013.csv --optimizer.learning_rate 1e-4
    """
    from training.commands import train as command

    flags = list(context.meta["recipe flags"])
    flags += ["--training.deterministic", "true"] if deterministic else []
    flags += ["--training.tensorboard", "true"] if tensorboard else []
    return 0 if command.start(recipe, flags, run, weights) else command.UNFINISHED


@release.command(rich_help_panel=PANEL)
@working
def publish(
    run: RunFolder,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Of the network. Default: the recipe's.")] = None,
    models: Annotated[Path, typer.Option(metavar="DIR", help="Where networks lie.")] = Path("models"),
    crowd_share: CrowdShare = 0.0,
    lift: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=FACTOR", help="Multiply the probability of an expression; may be given again."),
    ] = None,
    again: Annotated[
        bool,
        typer.Option("--again", help="RUN is a released network: keep its weights, make the rest anew."),
    ] = False,
) -> int:
    """Turn a finished run into a network that users have: models/NAME/.

    It is exported, calibrated, measured, described by a card, and checked.

    Examples:
      fer release runs/house

      fer release runs/house --name house --crowd-share 0.1

      fer release runs/house_photos --name house --lift angry=1.4 --lift surprise=1.4

      fer release models/house --again
    """
    from training.commands import release as command
    from training.serving import read_config

    if again:
        command.measure_again(run)
        print((run / "README.md").read_text(encoding="utf-8"))
        return 0
    name = name or str(read_config(run)["recipe"]["name"])
    command.release(run, name, models, crowd_share, command.factors_of(lift or []))
    print((models / name / "README.md").read_text(encoding="utf-8"))
    return 0


@calibrate.command(rich_help_panel=PANEL)
@working
def fit(
    run: RunFolder,
    lift: Annotated[
        list[str] | None, typer.Option(metavar="NAME=FACTOR", help="Lifts to begin with; may be given again.")
    ] = None,
) -> int:
    """Show what each share of the FER+ head does, and what lifting an expression does, on the selecting splits.

    Examples:
      fer calibrate runs/house

      fer calibrate runs/house_photos --lift angry=1.4
    """
    from training.commands import calibrate as command
    from training.commands.release import factors_of

    shares, lifts = command.table(run), command.lifts(run, factors_of(lift or []))
    print(_table(shares) or f"{run} has one head; there is nothing to share.")
    print(_table(lifts) or f"{run} selects on one dataset; lifting an expression would only follow its class counts.")
    return 0


def _table(rows: Sequence[Mapping[str, object]]) -> str:
    from fer_core import text

    cells = [[f"{value:.4f}" if isinstance(value, float) else str(value) for value in row.values()] for row in rows]
    return text.text_table(list(rows[0]), cells) if rows else ""


@export.command(rich_help_panel=PANEL)
@working
def write(
    run: Annotated[
        Path | None, typer.Argument(metavar="RUN", help="The folder of a run, or a Keras file of your own.")
    ] = None,
    folder: Annotated[Path | None, typer.Argument(metavar="FOLDER", help="Where the files are written.")] = None,
    crowd_share: CrowdShare = 0.0,
    classes: Annotated[
        str, typer.Option(help="Of a Keras file: the expressions in the order of its output, with commas between.")
    ] = "",
    divide_by: Annotated[
        float, typer.Option(help="Of a Keras file: what its training divided the pixels (0 to 255) by.")
    ] = 1.0,
    browser: Annotated[
        Path | None,
        typer.Option("--browser", metavar="FOLDER", help="The live page with all released networks; no run."),
    ] = None,
    heat_map: Annotated[
        bool, typer.Option("--heat-map", help="Write nothing; check the heat maps of a released network.")
    ] = False,
) -> int:
    """Write a trained network as Keras and ONNX files, and check that both answer alike.

    With --browser: write the page that reads a camera, photos and videos in the visitor's own browser, with every
    released network that is light enough, in half precision. Any file server can serve the folder.

    Examples:
      fer export runs/house build/house
      fer export my_network.keras models/my_network --divide-by 255
      fer export --heat-map models/house
      fer export --browser build/web
    """
    if browser is not None:
        from fer_core.browser import site

        return site.write(browser)
    if run is None:
        raise typer.BadParameter("name a run and a folder, or --browser FOLDER", param_hint="RUN")
    if heat_map:
        from training.commands import heat_map as checks

        print(checks.check(run))
        return 0
    if folder is None:
        raise typer.BadParameter("give the folder where the files are written, or --heat-map", param_hint="FOLDER")
    from training.commands import export as command

    if run.is_file():
        command.bring_in(run, folder, [name.strip() for name in classes.split(",") if name.strip()], divide_by)
        return 0
    from training.serving import serving_model

    command.export(serving_model(run, crowd_share), folder)
    return 0


@soup.command(cls=SoupCommand, rich_help_panel=PANEL)
@working
def mix(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN...", help="Folders of runs of one network.")],
    run: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the mean.")],
    shares: Annotated[
        list[float] | None,
        typer.Option(metavar="S S...", help="Of each run's weights, in order. Default: equal."),
    ] = None,
) -> int:
    """Average the weights of several runs that began with each other's (arXiv 2203.05482).

    Example:
      fer soup runs/first runs/second --run runs/mean --shares 1 3
    """
    from training.commands import soup as command

    command.make(runs, run, shares or [1.0] * len(runs))
    for name, scores in command.table([*runs, run]):
        print(f"{name:40} " + "  ".join(f"{score} {value:.4f}" for score, value in scores.items()))
    return 0


@ablation.command(cls=RecipeCommand, rich_help_panel=PANEL)
@working
def compare(
    context: typer.Context,
    runs: Annotated[Path, typer.Option(metavar="DIR", help="Where runs go.")] = Path("runs/ablation"),
) -> int:
    """Measure what each part of the house recipe is worth, by short runs that change one thing each.

    Examples:
      fer ablation

      fer ablation --runs runs/short --training.stages "[{size = 48, epochs = 1}]"
    """
    from training.commands import ablation as command

    return command.run_all(runs, context.meta["recipe flags"])


@out_of_sample.command(cls=RecipeCommand, rich_help_panel=PANEL)
@working
def judge(
    context: typer.Context,
    recipe: RecipeFile,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where files go. Default: runs/NAME_out_of_sample.")
    ] = None,
) -> int:
    """Judge every image by a network that never saw it; label suspects are found from that.

    Examples:
      fer out-of-sample training/recipes/cnn_48.toml

      fer datasets audit fer2013.csv --suspects runs/cnn_48_out_of_sample/probabilities.csv
    """
    from fer_core.recipes import schema
    from training.commands import out_of_sample as command

    asked = schema.load(recipe, context.meta["recipe flags"])
    path = command.make(asked, out or Path("runs") / f"{asked.name}_out_of_sample")
    print(f"{path} is written." if path else "Stopped; the same command goes on.")
    return 0
