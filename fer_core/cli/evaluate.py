"""`fer evaluate`: a network against labelled faces."""

from typing import Annotated, Any, Literal

import typer

from fer_core import text
from fer_core.cli.options import TableOrJson, count
from fer_core.cli.output import Answer, answering
from fer_core.photos import records
from fer_core.predictors import load
from fer_core.predictors.base import Predictor
from fer_core.predictors.networks import DEFAULT

# The same as in evaluation, which is imported only to evaluate; a test holds them together.
Split = Literal["train", "public_test", "private_test", "test", "val", "all"]
Labels = Literal["fer2013", "ferplus"]
Views = Literal["none", "flip", "flip_crops"]
OTHER_SPLITS = ("test", "val", "all")

app = typer.Typer()


@app.command(rich_help_panel="Data")
@answering
def evaluate(
    data: Annotated[str, typer.Option(metavar="PATH", help="fer2013.csv, or another dataset.")],
    model: Annotated[str, typer.Option(metavar="NAME", help="The network to score.")] = DEFAULT,
    split: Annotated[Split, typer.Option(help="The images to score on.")] = "private_test",
    labels: Annotated[Labels, typer.Option(help="Whose labels count, for FER2013.")] = "fer2013",
    tta: Annotated[Views, typer.Option(help="Views of each image that are averaged.")] = "none",
    limit: Annotated[int | None, typer.Option(metavar="N", help="Only the first N images.", callback=count)] = None,
    format: Annotated[TableOrJson, typer.Option(help="How the answer is written.")] = "table",
) -> Answer:
    """Measure accuracy and calibration of a network on a dataset.

    Examples:
      fer evaluate --data fer2013.csv

      fer evaluate --model cnn_48 --data rafdb/ --split test --format json
    """
    result = _result(load(model), data, split, labels, tta, limit)
    return Answer(text.to_json(result) if format == "json" else records.evaluation_table(result))


def _result(predictor: Predictor, data: str, split: str, labels: str, tta: str, limit: int | None) -> dict[str, Any]:
    from fer_core.datasets.adapters import fer2013
    from fer_core.evaluation import dataset_scoring, scoring

    if split in OTHER_SPLITS:
        return dataset_scoring.evaluate(predictor, data, split, limit).to_json()
    given = scoring.examples(fer2013.load(data), split, labels, limit)
    return scoring.evaluate(predictor, given, data=data, split=split, labels=labels, tta=tta).to_json()
