"""Turn a finished run into a model that users have: export, calibrate, evaluate, write the card.

    python -m training.release RUN [--name NAME] [--models DIR] [--crowd-share S]

Fills models/NAME/ with model.keras, model.onnx, architecture.json, config.json, history.csv, metrics.json and
README.md. Every figure is measured with the exported ONNX file, through the predictor that serves users: the
selecting split for calibration, the reporting split for the card, with and without the images that also stand in
training.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core import evaluation, metrics, predictors
from fer_core.datasets import fer2013
from fer_core.datasets.fer2013 import Fer2013
from fer_core.errors import FerError, RunError
from fer_core.evaluation import Examples
from fer_core.labels import EIGHT, SEVEN
from fer_core.predictors.onnx_runtime import OnnxPredictor
from fer_core.recipes import Recipe
from training import calibrate, data
from training.card import write_card
from training.export import export, write_json
from training.serving import final_size, read_config, serving_model

Rows = NDArray[np.float64]


def release(run: Path, name: str, models: Path, crowd_share: float = 0.0) -> None:
    """Everything from a run folder to models/NAME/.

    Raises:
        FerError: the run is not finished, or its data is not there.
    """
    config, folder = read_config(run), models / name
    recipe = Recipe.model_validate(config["recipe"])
    export(serving_model(run, crowd_share), folder)
    before = chain_histories(run, recipe, folder / "history.csv")
    write_json(folder / "config.json", describe(config, recipe, name, crowd_share) | {"epochs_before": before})
    (folder / "metrics.json").unlink(missing_ok=True)
    os.environ["FER_MODELS"] = str(models)
    predictor = predictors.load(name)
    assert isinstance(predictor, OnnxPredictor)
    write_json(folder / "metrics.json", measure(predictor, recipe, run))
    write_card(folder)


def chain_histories(run: Path, recipe: Recipe, target: Path) -> int:
    """Write the run's history behind that of the run it began with; gives the number of epochs before its own."""
    heading, *own = (run / "history.csv").read_text(encoding="utf-8").splitlines()
    before: list[str] = []
    if start := recipe.training.start_from:
        other, *before = (Path(start) / "history.csv").read_text(encoding="utf-8").splitlines()
        if other != heading:
            raise RunError(f"The histories of {start} and {run} have different columns.")
    rows = [line.split(",", 1)[1] for line in (*before, *own)]
    lines = [heading, *(f"{epoch},{row}" for epoch, row in enumerate(rows))]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(before)


def describe(config: dict[str, Any], recipe: Recipe, name: str, crowd_share: float) -> dict[str, Any]:
    """config.json of a model: what it is, then how it was made."""
    return {
        "name": name,
        "title": recipe.title,
        "classes": list(SEVEN),
        "input_size": final_size(recipe),
        "channels": recipe.channels,
        "origin": f"trained by this project on {' + '.join(recipe.data.targets)} labels of FER2013's training images",
        "licence": recipe.licence,
        "source": recipe.source,
        "crowd_share": crowd_share,
        **config,
    }


def measure(predictor: OnnxPredictor, recipe: Recipe, run: Path) -> dict[str, Any]:
    """metrics.json: calibration on the selecting split, evaluations of the reporting one."""
    images = fer2013.load(recipe.data.path)
    selecting = evaluation.examples(images, recipe.data.select)
    plain = evaluation.read(predictor.predict, predictor, selecting.images)
    fitted = calibrate.calibration(plain, selecting.targets, recipe.data.select)
    temperature = fitted["temperature"]
    rows = [
        _score(metrics.calibrate(plain, temperature), selecting, recipe, recipe.data.select, None),
        *_report(predictor, images, recipe, temperature),
    ]
    if hasattr(predictor, "crowd") and "ferplus" in recipe.data.targets:
        rows += _crowd_report(predictor, images, recipe)
    return {"calibration": fitted, "crowd_shares": calibrate.table(run), "evaluations": rows}


def _report(predictor: OnnxPredictor, images: Fer2013, recipe: Recipe, temperature: float) -> list[dict[str, Any]]:
    """The reporting split under FER2013's labels: whole and without copies, without and with flips."""
    given = evaluation.examples(images, recipe.data.report)
    alone = ~_copied(images, recipe)
    rows = []
    for tta in ("none", "flip"):
        plain = evaluation.read(predictor.predict, predictor, given.images, tta)
        calibrated = metrics.calibrate(plain, temperature)
        rows.append(_score(calibrated, given, recipe, recipe.data.report, tta))
        subset = Examples(given.images[alone], given.targets[alone], given.classes)
        scored = _score(calibrated[alone], subset, recipe, recipe.data.report, tta)
        rows.append(scored | {"subset": "without the images that also stand in the official training set"})
    return rows


def _crowd_report(predictor: OnnxPredictor, images: Fer2013, recipe: Recipe) -> list[dict[str, Any]]:
    """FER+'s labels of the reporting split, answered by the FER+ head over eight classes."""
    given = evaluation.examples(images, recipe.data.report, "ferplus")
    rows = []
    for tta in ("none", "flip"):
        probabilities = evaluation.read(predictor.crowd, predictor, given.images, tta)
        aligned = evaluation.align(probabilities, EIGHT, given.classes)
        rows.append(_score(aligned, given, recipe, recipe.data.report, tta, labels="ferplus", head="crowd"))
    return rows


def _score(
    probabilities: Rows,
    given: Examples,
    recipe: Recipe,
    split: str,
    tta: str | None,
    labels: str = "fer2013",
    head: str = "classes",
) -> dict[str, Any]:
    scored = evaluation.score(
        probabilities,
        given,
        model=recipe.name,
        data=recipe.data.dataset,
        split=split,
        labels=labels,
        tta=None if tta in (None, "none") else tta,
        head=head,
    )
    return scored.to_json()


def _copied(images: Fer2013, recipe: Recipe) -> NDArray[np.bool_]:
    """Which images of the reporting split also stand in the official training split."""
    return data.identical(images.images[images.rows(recipe.data.report)], images.images[images.rows(recipe.data.train)])


def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.release", description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--name", help="name of the model (default: the recipe's)")
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--crowd-share", type=float, default=0.0)
    known = parser.parse_args(arguments)
    try:
        name = known.name or read_config(known.run)["recipe"]["name"]
        release(known.run, name, known.models, known.crowd_share)
    except FerError as error:
        print(error, file=sys.stderr)
        return 2
    print((known.models / name / "README.md").read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
