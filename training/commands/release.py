"""Turn a finished run into a model that users have: export, calibrate, evaluate, write the card.

    fer release RUN [--name NAME] [--models DIR] [--crowd-share S]

Fills models/NAME/ with model.keras, model.onnx, architecture.json, config.json, history.csv, metrics.json and
README.md. Every figure is measured with the exported ONNX file, through the predictor that serves users: the
selecting split for calibration, the reporting split for the card, with and without the images that also stand in
training. A network whose files would weigh more than 25 MB becomes one ONNX file of half precision alone.
"""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core import predictors
from fer_core.datasets.adapters import fer2013
from fer_core.datasets.votes import top_votes
from fer_core.errors import FerError
from fer_core.evaluation import metrics, scoring
from fer_core.labels import EIGHT, SEVEN
from fer_core.predictors.calibration import apply_temperature
from fer_core.predictors.onnx_runtime import OnnxPredictor
from fer_core.recipes.schema import Recipe
from training import lineage
from training.card import write_card
from training.commands import calibrate
from training.commands.export import export, write_json
from training.data import batches, targets
from training.serving import final_size, read_config, serving_model

Rows = NDArray[np.float64]
Images = NDArray[np.uint8]
Heads = dict[str, Rows]

SELECT = "public_test"
"""FER2013 calibrates on its public test whatever selected the epoch."""
NO_COPIES = "without the images that also stand in the official training set"


def release(run: Path, name: str, models: Path, crowd_share: float = 0.0) -> None:
    """Everything from a run folder to models/NAME/.

    Raises:
        FerError: the run is not finished, or its data is not there.
    """
    config, folder = read_config(run), models / name
    recipe = Recipe.model_validate(config["recipe"])
    export(serving_model(run, crowd_share), folder)
    past = lineage.before(run)
    write_history(past, run, folder / "history.csv")
    continued = {"epochs_before": len(past.lines), "began_with": past.runs, "taught_by": taught_by(recipe)}
    write_json(folder / "config.json", describe(config, recipe, name, crowd_share) | continued)
    (folder / "metrics.json").unlink(missing_ok=True)
    os.environ["FER_MODELS"] = str(models)
    predictor = predictors.load(name)
    assert isinstance(predictor, OnnxPredictor)
    write_json(folder / "metrics.json", measure(predictor, recipe, run))
    write_card(folder)


def taught_by(recipe: Recipe) -> dict[str, list[str]]:
    """The recipe's teachers by name, each with the runs that it began with and itself."""
    teachers = [Path(teacher) for teacher in recipe.distillation.teachers]
    return {lineage.run_name(one): lineage.up_to(one).runs for one in teachers}


def write_history(past: lineage.Past, run: Path, target: Path) -> None:
    """Write the histories of runs that continue each other as one."""
    heading, own = lineage.history(run)
    lines = [heading, *(f"{epoch},{row}" for epoch, row in enumerate([*past.lines, *own]))]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def describe(config: dict[str, Any], recipe: Recipe, name: str, crowd_share: float) -> dict[str, Any]:
    """config.json of a model: what it is, then how it was made."""
    return {
        "name": name,
        "title": recipe.title,
        "classes": list(targets.classes(recipe.data)[recipe.data.targets[0]]),
        "input_size": final_size(recipe),
        "channels": recipe.channels,
        "origin": origin(recipe),
        "licence": recipe.licence,
        "source": recipe.source,
        "crowd_share": crowd_share,
        **config,
    }


def origin(recipe: Recipe) -> str:
    if recipe.data.targets == ("labels",):
        names = [recipe.data.dataset, *(joined.dataset for joined in recipe.data.join)]
        return f"trained by this project on the training images of {' and '.join(names)}"
    return f"trained by this project on {' + '.join(recipe.data.targets)} labels of FER2013's training images"


def measure(predictor: OnnxPredictor, recipe: Recipe, run: Path) -> dict[str, Any]:
    """metrics.json: calibration on the selecting split, evaluations of both; each image is read once a view."""
    if recipe.data.dataset != "fer2013":
        return _measure_others(predictor, recipe)
    images = fer2013.load(recipe.data.path)
    select, report = (images.rows(split) for split in (SELECT, recipe.data.report))
    alone = ~batches.identical(images.images[report], images.images[images.rows(recipe.data.train)])
    heads = {None: read(predictor, images.images[select])}
    fitted = calibrate.calibration(answer(heads[None], predictor, SEVEN), images.labels[select], SELECT)
    votes = top_votes(images.votes) if "crowd" in heads[None] and images.votes is not None else None
    if votes is not None:
        known = votes[select] >= 0
        fitted["crowd_temperature"] = metrics.fit_confidence(heads[None]["crowd"][known], votes[select][known])
    scorer = Scorer(predictor, recipe, fitted)
    rows = [scorer.score(heads[None], images.images[select], images.labels[select], SELECT, "none")]
    kinds = [(images.labels, False)] + ([(votes, True)] if votes is not None else [])
    for tta in scoring.TTA:
        given = read(predictor, images.images[report], tta)
        rows += [
            scorer.score(given, images.images[report], labels[report], recipe.data.report, tta, subset, crowd=crowd)
            for labels, crowd in kinds
            for subset in (None, alone)
        ]
    return {"calibration": fitted, "crowd_shares": calibrate.table(run), "evaluations": rows}


def read(predictor: OnnxPredictor, images: Images, tta: str = "none") -> Heads:
    """Plain probabilities of each head, averaged over the views."""
    names: list[str] = []

    def both(crops: Images) -> NDArray[np.float32]:
        heads = predictor.heads(crops)
        names[:] = heads
        return np.hstack(list(heads.values()))

    rows = scoring.read(both, predictor, images, tta)
    return dict(zip(names, np.split(rows, [len(predictor.classes)], axis=1), strict=False))


def answer(heads: Heads, predictor: OnnxPredictor, classes: tuple[str, ...]) -> Rows:
    """The head that answers users, over other classes than its own where the recipe left some out."""
    plain = heads["probabilities"] / heads["probabilities"].sum(axis=1, keepdims=True)
    return plain if predictor.classes == classes else scoring.align(plain, predictor.classes, classes)


@dataclass(frozen=True)
class Scorer:
    """What every evaluation of a release shares."""

    predictor: OnnxPredictor
    recipe: Recipe
    fitted: dict[str, Any]

    def score(
        self,
        heads: Heads,
        images: Images,
        labels: NDArray[np.int64],
        split: str,
        tta: str,
        subset: NDArray[np.bool_] | None = None,
        *,
        crowd: bool = False,
    ) -> dict[str, Any]:
        """One row of metrics.json; images without a label, or outside the subset, are left out."""
        classes = EIGHT if crowd else SEVEN
        plain = heads["crowd"] if crowd else answer(heads, self.predictor, classes)
        kept = (labels >= 0) if subset is None else (labels >= 0) & subset
        scored = scoring.score(
            apply_temperature(plain[kept], self.fitted["crowd_temperature" if crowd else "temperature"]),
            scoring.Examples(images[kept], labels[kept], classes),
            model=self.recipe.name,
            data=self.recipe.data.dataset,
            split=split,
            labels="ferplus" if crowd else "fer2013",
            tta=None if tta == "none" else tta,
            head="crowd" if crowd else "classes",
        )
        return scored.to_json() | ({} if subset is None else {"subset": NO_COPIES})


def _measure_others(predictor: OnnxPredictor, recipe: Recipe) -> dict[str, Any]:
    """Calibration on what selected and evaluation of the reporting split, for a dataset that is not FER2013."""
    section = recipe.data
    selecting, reporting = batches.load(section, recipe.channels).select, batches.reporting(section, recipe.channels)
    plain = [predictor.predict(part.images(predictor.input_size)) for part in (selecting, reporting)]
    labels = [part.targets[section.targets[0]].distributions.argmax(1) for part in (selecting, reporting)]
    fitted = calibrate.calibration(plain[0], labels[0], section.select)
    scored = scoring.score(
        apply_temperature(plain[1], fitted["temperature"]),
        scoring.Examples(np.empty((0, 1, 1), np.uint8), labels[1], predictor.classes),
        model=recipe.name,
        data=section.dataset,
        split=section.report,
        labels=section.dataset,
    )
    return {"calibration": fitted, "crowd_shares": [], "evaluations": [scored.to_json()]}


def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="fer release", description=__doc__)
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
