"""Train a network by a recipe.

    fer train training/recipes/house.toml [--run DIR] [--section.key value ...]

The recipe says everything that decides the result (schema: fer_core/recipes/schema.py); flags override it, for example
`--training.seed 2` or `--data.path /where/fer2013.csv`. Short for three of them: `--weights none` (a pretrained network
from scratch), `--deterministic` (the same to the last bit, slower), `--tensorboard`. The run folder (default runs/NAME)
holds

    config.json     the resolved recipe, what was left out, versions, machine
    history.csv     one row per epoch, in the columns of Keras' CSVLogger
    best.npz        averaged weights of the epoch with the best accuracy on the selecting split
    last.npz        everything needed to go on; the same command resumes from the last finished epoch
    before_last.npz the same of the epoch before, for the case that last.npz is damaged
    first_losses.json   the running loss of the first 20 batches, where --deterministic was asked
    teachers.npz        answers of the teachers on the training images, where the recipe names some
    tensorboard/        event files, where --tensorboard was asked

Ctrl-C and SIGTERM stop cleanly; the exit code is then 130. `fer release RUN` calibrates, evaluates, exports and fills
models/NAME/.

The code reads from here downwards: this file, then training/data (images), training/architectures (the network),
training/trainer.py (the epochs). `python -m benchmarks.training.recipe_way` prints the modules on that way.
"""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from fer_core.errors import RecipeError, RunError
from fer_core.recipes import schema
from fer_core.recipes.schema import Recipe
from training import architectures, devices, distillation, run_folder
from training.data import batches
from training.data.batches import Splits
from training.serving import read_config
from training.trainer import Trainer

UNFINISHED = 130
"""Exit code of a training that was asked to stop, as that of any program that Ctrl-C ends."""


def start(file: Path, flags: Sequence[str], run: Path | None = None, weights: str | None = None) -> bool:
    """Train by a recipe's file.

    Args:
        file: the recipe.
        flags: of the recipe, and their values, in turn.
        run: the run's folder; None is runs/NAME.
        weights: as in `with_weights`.

    Returns:
        Whether all epochs are finished; False when it was asked to stop.

    Raises:
        FerError: as schema.load and `train`.
    """
    recipe = with_weights(schema.load(file, flags), weights)
    return train(recipe, run or Path("runs") / recipe.name)


def with_weights(recipe: Recipe, weights: str | None) -> Recipe:
    """The recipe with the weights that the flag names, under the option that its architecture has for them."""
    if weights is None:
        return recipe
    option = architectures.get(recipe.architecture).weights_option
    if option is None:
        raise RecipeError(f"'{recipe.architecture}' is always trained from scratch: leave --weights out.")
    return recipe.model_copy(update={"options": recipe.options | {option: weights}})


def train(recipe: Recipe, run: Path) -> bool:
    """Run the recipe's epochs that are not finished yet in the run folder; False when it was asked to stop.

    Raises:
        RecipeError: the recipe does not fit, the folder holds a run of another recipe or of other data, or another
            training writes there.
        DatasetError: the data is not there.
        RunError: what the folder holds is damaged, or the disk is full.
    """
    with run_folder.locked(run):
        try:
            return _train(recipe, run)
        except OSError as error:
            raise RunError(
                f"{run} cannot be written ({error.strerror or error}). Make room, and run the same command again: it "
                "goes on after the last finished epoch."
            ) from error


def _train(recipe: Recipe, run: Path) -> bool:
    recipe = with_precision(recipe, run)
    devices.prepare(recipe.training)
    splits = batches.load(recipe.data, recipe.channels)
    if len(splits.train) < recipe.training.batch:
        raise RecipeError(f"{len(splits.train)} images are left to train on; a batch takes {recipe.training.batch}.")
    if recipe.distillation.teachers:
        splits = replace(splits, train=distillation.taught(splits.train, recipe, run / "teachers.npz"))
    with devices.all_devices():
        trainer = Trainer(recipe, run, splits)
        write_config(recipe, run, splits)
        return trainer.run_epochs()


def with_precision(recipe: Recipe, run: Path) -> Recipe:
    """The recipe with a precision in place of 'auto': the one the run began with, else the fastest of this machine."""
    if recipe.training.precision != "auto":
        return recipe
    begun = begun_recipe(run)
    precision = begun.training.precision if begun else devices.fastest_precision()
    return recipe.model_copy(update={"training": recipe.training.model_copy(update={"precision": precision})})


def begun_recipe(run: Path) -> Recipe | None:
    """The resolved recipe that a run folder was begun with; None where no run is."""
    config = begun_config(run)
    return Recipe.model_validate(config["recipe"]) if config else None


def begun_config(run: Path) -> dict[str, Any] | None:
    """config.json of a run folder; None where no run is.

    Raises:
        RunError: it is damaged, or it is missing beside what a training left.
    """
    path = run / "config.json"
    if not path.is_file():
        if (run / run_folder.LAST).is_file():
            raise RunError(f"{run} has the state of a training but no config.json that names its recipe; take --run.")
        return None
    return read_config(run)


def write_config(recipe: Recipe, run: Path, splits: Splits) -> None:
    """Save the resolved recipe with the run; a folder belongs to one recipe.

    Raises:
        RecipeError: the folder was begun with another recipe, or with other images or labels.
    """
    resolved, data = recipe.model_dump(mode="json"), run_folder.fingerprint(splits)
    if begun := begun_recipe(run):
        before = begun.model_dump(mode="json")
        if changed := sorted(key for key in resolved if before[key] != resolved[key]):
            raise RecipeError(f"{run} was begun with another recipe (differs in {', '.join(changed)}); take --run.")
        if (begun_config(run) or {}).get("data", data) != data:
            raise RecipeError(
                f"{run} was begun with other images or labels than those that lie at {recipe.data.path} now. Put them "
                "back, or take --run."
            )
        return
    config = {
        "recipe": resolved,
        "images": {"train": len(splits.train), "select": len(splits.select)}
        | {f"select_{name}": len(part) for name, part in splits.joined.items()},
        "data": data,
        "left_out": dict(splits.left_out),
        "faults": list(recipe.data.faults),
        "versions": {"keras": keras.__version__, "numpy": np.__version__, "python": platform.python_version()},
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "commit": commit(),
    }
    part = run / "config.json.part"
    part.write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(run / "config.json")


def commit() -> str | None:
    """The commit of the code that trains, or None outside a checkout."""
    command = ["git", "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
