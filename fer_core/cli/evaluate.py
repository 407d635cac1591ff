"""`fer evaluate`: a network against labelled faces."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fer_core import text
from fer_core.cli import progress
from fer_core.cli.dataset_options import Kind
from fer_core.cli.options import RayWorkers, TableOrJson, count
from fer_core.cli.output import Answer, answering
from fer_core.datasets import open_dataset
from fer_core.photos import records
from fer_core.predictors import load
from fer_core.predictors.networks import DEFAULT

if TYPE_CHECKING:
    from fer_core.evaluation.scored_images import Asked
    from fer_core.evaluation.scoring import Engine

# The same as in evaluation, which is imported only to evaluate; a test holds them together.
Split = Literal["train", "public_test", "private_test", "test", "val", "all"]
Labels = Literal["fer2013", "ferplus"]
Views = Literal["none", "flip", "flip_crops"]

app = typer.Typer()


@app.command(rich_help_panel="Data")
@answering
def evaluate(
    data: Annotated[str, typer.Option(metavar="PATH", help="A dataset's file, folder or zip.")],
    model: Annotated[str, typer.Option(metavar="NAME", help="The network to score.")] = DEFAULT,
    split: Annotated[Split, typer.Option(help="The images to score on.")] = "private_test",
    kind: Kind = None,
    labels: Annotated[
        Labels | None, typer.Option(help="Whose labels count, for FER2013. Default: the dataset's own.")
    ] = None,
    tta: Annotated[Views, typer.Option(help="Views of each image that are averaged.")] = "none",
    limit: Annotated[
        int | None, typer.Option(metavar="N", help="Only N images, drawn at random.", callback=count)
    ] = None,
    leave_out_copies: Annotated[
        bool, typer.Option("--leave-out-copies", help="Leave out images that also stand in the training split.")
    ] = False,
    conditions: Annotated[
        bool,
        typer.Option(
            "--conditions", help="Also by face size, sharpness, brightness, skin tone in the picture, tilt and turn."
        ),
    ] = False,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="local: this computer. ray: a Ray cluster (RAY_ADDRESS).")
    ] = "local",
    workers: RayWorkers = None,
    format: Annotated[TableOrJson, typer.Option(help="How the answer is written.")] = "table",
) -> Answer:
    """Measure accuracy and calibration of a network on a dataset.

    Examples:
      fer evaluate --data fer2013.csv

      fer evaluate --model cnn_48 --data rafdb/ --split test --format json

      fer evaluate --data photos/ --split test --conditions
    """
    from fer_core.compare import breakdown
    from fer_core.evaluation import scored_images, scoring

    asked = scored_images.Asked(split, labels, tta, limit, leave_out_copies)
    with progress.shown("reading") as report:
        opened = open_dataset(data, kind, report)
    with progress.shown("images") as report, _reading(engine, workers, model, data, kind, asked) as reads:
        answered = scoring.evaluate_dataset(load(model), opened, data, asked, report, reads)
    result = answered.evaluation.to_json()
    if conditions:
        result["conditions"] = breakdown.of(answered)
    return Answer(text.to_json(result) if format == "json" else records.evaluation_table(result))


@contextmanager
def _reading(
    engine: str, workers: int | None, model: str, data: str, kind: str | None, asked: "Asked"
) -> "Iterator[Engine | None]":
    """Who reads the images; None for this process."""
    if engine == "local":
        yield None
        return
    from fer_core.batch import ray_evaluation

    with ray_evaluation.engine(ray_evaluation.Work(model, data, kind, asked), workers) as reads:
        yield reads
