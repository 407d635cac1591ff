"""Turn a finished run into a model that users have: export, calibrate, evaluate, write the card.

    fer release RUN [--name NAME] [--models DIR] [--crowd-share S] [--lift NAME=FACTOR]
    fer release models/NAME --again

Fills models/NAME/ with model.keras, model.onnx, architecture.json, config.json, history.csv, metrics.json and
README.md, and with what training/releasing/exports.py adds. training/releasing/measuring.py fits the confidence and
makes the figures. training/releasing/checks.py holds all files against each other. A network whose files would weigh
more than 25 MB becomes one ONNX file of half precision alone.
"""

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fer_core.datasets import adapters
from fer_core.errors import RunError
from fer_core.predictors import checksums, eight_bits, keras_runtime, onnx_runtime
from fer_core.recipes.schema import Recipe
from training import lineage, sharpness
from training.commands import calibrate
from training.commands.export import export, write_json
from training.data import batches, targets
from training.releasing import checks, exports
from training.releasing.card import write_card
from training.releasing.measuring import measure
from training.serving import final_size, read_config, serving_model


def release(
    run: Path, name: str, models: Path, crowd_share: float = 0.0, factors: Mapping[str, float] | None = None
) -> None:
    """Everything from a run folder to models/NAME/, which stays as it was until all of it is made and checked.

    Raises:
        FerError: the run is not finished or is damaged, its data is not there, or the disk is full.
    """
    with staging(models / name) as staged:
        fill(staged, run, crowd_share, factors)


def measure_again(folder: Path) -> None:
    """Fit the confidence of a released network, measure it and make its exports anew; its weights stay as they are.

    For when faces are found or cut in another way than on the day of its release.

    Raises:
        FerError: the folder is no released network, its data is not there, or the disk is full.
    """
    config = read_config(folder)
    recipe = Recipe.model_validate(config["recipe"])
    if not (folder / onnx_runtime.WEIGHTS).is_file() or not (folder / "metrics.json").is_file():
        raise RunError(f"{folder} is no released network: expected {onnx_runtime.WEIGHTS} and metrics.json in it.")
    for name in (onnx_runtime.WEIGHTS, keras_runtime.WEIGHTS):
        if (folder / name).is_file() and not checksums.fits(folder / name):
            raise RunError(f"{folder / name} is damaged: its checksum is another. Put it back from a copy.")
    try:
        shares = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["crowd_shares"]
    except (ValueError, LookupError, TypeError):
        raise RunError(f"{folder / 'metrics.json'} is damaged. Put it back from a copy.") from None
    with staging(folder) as staged:
        shutil.copytree(folder, staged)
        predictor = onnx_runtime.from_folder(staged)
        write_json(staged / "metrics.json", measure(predictor, recipe, shares))
        exports.make(staged)
        write_card(staged)
        checks.check(staged)


@contextlib.contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Where the new files of a network are made; they take the place of the old ones when all went well."""
    staged = folder.parent / f".releasing-{folder.name}" / folder.name
    shutil.rmtree(staged.parent, ignore_errors=True)  # of a release that was killed
    try:
        yield staged
        take_over(staged, folder)
    except OSError as error:
        raise RunError(
            f"{folder} cannot be written ({error.strerror or error}). Make room or check its rights, and release again."
        ) from error
    finally:
        shutil.rmtree(staged.parent, ignore_errors=True)


def take_over(staged: Path, folder: Path) -> None:
    """Put the files of a release in the place of an earlier one's; the checksums, which vouch for them, come last."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (checksums.FILE, onnx_runtime.WEIGHTS, keras_runtime.WEIGHTS, eight_bits.FILE):
        (folder / name).unlink(missing_ok=True)
    for path in sorted(staged.iterdir(), key=lambda path: path.name == checksums.FILE):
        path.replace(folder / path.name)


def fill(folder: Path, run: Path, crowd_share: float, factors: Mapping[str, float] | None) -> None:
    """A new folder, called as the network, with all that a release holds."""
    config = read_config(run)
    recipe = Recipe.model_validate(config["recipe"])
    export(made(run, recipe, crowd_share, factors), folder)
    past = lineage.before(run)
    write_history(past, run, folder / "history.csv")
    continued = {"epochs_before": len(past.lines), "began_with": past.runs, "taught_by": taught_by(recipe)}
    continued |= {"class_factors": dict(factors)} if factors else {}
    write_json(folder / "config.json", describe(config, recipe, folder.name, crowd_share) | continued)
    shares = calibrate.table(run, factors)
    write_json(folder / "metrics.json", measure(onnx_runtime.from_folder(folder), recipe, shares))
    exports.make(folder)
    write_card(folder)
    checks.check(folder)


def made(run: Path, recipe: Recipe, crowd_share: float, factors: Mapping[str, float] | None) -> keras.Model:
    """The network as it is served; with joined photos its confidence depends on the face (sharpness.py)."""
    model = serving_model(run, crowd_share, factors)
    selecting = batches.load(recipe.data, recipe.channels)
    if not selecting.joined:
        return model
    parts = [selecting.select, *selecting.joined.values()]
    answers = [model.predict(part.images(final_size(recipe)), batch_size=256, verbose=0) for part in parts]
    labels = [part.targets[recipe.data.targets[0]].distributions.argmax(1) for part in parts]
    features, probabilities = (
        np.concatenate([answer[name] for answer in answers]).astype(np.float64)
        for name in ("features", "probabilities")
    )
    return sharpness.sharpen(model, *sharpness.fit(features, probabilities, np.concatenate(labels)))


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
        "about": recipe.about,
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
    names = [adapters.title(recipe.data.dataset), *(adapters.title(joined.dataset) for joined in recipe.data.join)]
    if recipe.data.targets == ("labels",):
        return f"trained by this project on the training images of {' and '.join(names)}"
    labels, joined = " + ".join(recipe.data.targets), "".join(f" and on {name}" for name in names[1:])
    return f"trained by this project on {labels} labels of {names[0]}'s training images{joined}"


def factors_of(given: Sequence[str]) -> dict[str, float]:
    """Factors by expression, from words as 'surprise=1.2'.

    Raises:
        RunError: a word is none of that form.
    """
    try:
        return {name: float(factor) for name, factor in (word.split("=") for word in given)}
    except ValueError as error:
        raise RunError(f"--lift came as {' '.join(given)}; expected words such as surprise=1.2.") from error
