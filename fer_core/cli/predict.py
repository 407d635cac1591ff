"""`fer predict`: the perceived expressions in photos."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from fer_core import text
from fer_core.cli import progress
from fer_core.cli.options import Detector, MinScore
from fer_core.cli.output import FAILED, Answer, answering
from fer_core.errors import PhotoError, PredictorError
from fer_core.photos import files, records
from fer_core.photos.analysis import analyse
from fer_core.predictors import load
from fer_core.predictors.base import Predictor
from fer_core.predictors.networks import DEFAULT

app = typer.Typer()


@app.command(rich_help_panel="Photos")
@answering
def predict(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Photos, or folders of photos.")],
    model: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="The network that answers. Give it again for a second one.")
    ] = None,
    format: Annotated[Literal["table", "json", "csv"], typer.Option(help="How the answer is written.")] = "table",
    face_crop: Annotated[bool, typer.Option("--face-crop", help="Each photo is one face already.")] = False,
    min_score: MinScore = 0.7,
    detector: Detector = None,
) -> Answer:
    """Say which expression people would see in each face.

    Examples:
      fer predict photo.jpg

      fer predict holiday/ --format csv > faces.csv

      fer predict *.jpg --model house --model deepface --format json
    """
    predictors = [load(name) for name in dict.fromkeys(model or [DEFAULT])]
    photos = [photo for path in files.expanded(paths) for photo in files.photos_at(path)]
    found = []
    with progress.shown("photos") as report:
        for photo in photos:
            found.append(_record(photo, predictors, min_score, detector, face_crop=face_crop))
            report(len(found), len(photos))
    write = {"table": records.to_table, "json": text.to_json, "csv": records.to_csv}[format]
    return Answer(write(found), FAILED if any(record["error"] for record in found) else 0)


def _record(
    path: Path, predictors: Sequence[Predictor], min_score: float, detector: str | None, *, face_crop: bool
) -> records.Record:
    try:
        analysis = analyse(files.read(path), predictors, min_score=min_score, already_face=face_crop, detector=detector)
    except (PhotoError, PredictorError) as error:
        return records.failure(str(path), error)
    return records.record(str(path), analysis)
