"""Train a network by a recipe.

    fer train training/recipes/house.toml [--run DIR] [--section.key value ...]

The recipe says everything that decides the result (schema: fer_core/recipes/schema.py); flags override it, for example
`--training.seed 2` or `--data.path /where/fer2013.csv`. Short for three of them: `--weights none` (a pretrained network
from scratch), `--deterministic` (the same to the last bit, slower), `--tensorboard`. The run folder (default runs/NAME)
holds

    config.json     the resolved recipe, what was left out, versions, machine
    history.csv     one row an epoch, in the columns of Keras' CSVLogger
    best.npz        averaged weights of the epoch with the best accuracy on the selecting split
    last.npz        everything needed to go on; the same command resumes from the last finished epoch
    first_losses.json   the running loss of the first 20 batches, where --deterministic was asked
    teachers.npz        answers of the teachers on the training images, where the recipe names some
    tensorboard/        event files, where --tensorboard was asked

Ctrl-C stops cleanly. `fer release RUN` calibrates, evaluates, exports and fills models/NAME/.
"""

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from fer_core.errors import FerError, RecipeError
from fer_core.recipes import schema
from fer_core.recipes.schema import Recipe
from training import architectures, course, devices, distillation, state
from training.data import batches as data
from training.data import targets
from training.data.sources import Part, at_size
from training.progress import FirstLosses, Interrupt, Progress, clock

SHORT = {"deterministic": "--training.deterministic", "tensorboard": "--training.tensorboard"}


def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="fer train", description="Train a network by a recipe.")
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--run", type=Path, help="run folder (default runs/NAME)")
    parser.add_argument("--weights", help="'none' trains a pretrained network from scratch; or a file")
    parser.add_argument("--deterministic", action="store_true", help="repeat a run to the last bit")
    parser.add_argument("--tensorboard", action="store_true", help="write event files too")
    known, flags = parser.parse_known_args(arguments)
    for name, flag in SHORT.items():
        flags += [flag, "true"] if getattr(known, name) else []
    try:
        recipe = with_weights(schema.load(known.recipe, flags), known.weights)
        train(recipe, known.run or Path("runs") / recipe.name)
    except FerError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def with_weights(recipe: Recipe, weights: str | None) -> Recipe:
    """The recipe with the weights that the flag names, under the option that its architecture has for them."""
    if weights is None:
        return recipe
    option = architectures.get(recipe.architecture).weights_option
    if option is None:
        raise RecipeError(f"'{recipe.architecture}' is always trained from scratch: leave --weights out.")
    return recipe.model_copy(update={"options": recipe.options | {option: weights}})


def train(recipe: Recipe, run: Path) -> None:
    """Run the recipe's epochs that are not finished yet in the run folder.

    Raises:
        RecipeError: the recipe does not fit, or the folder holds a run of another recipe.
        DatasetError: the data is not there.
    """
    if recipe.training.deterministic:
        devices.make_deterministic()
    keras.utils.set_random_seed(recipe.training.seed)
    keras.mixed_precision.set_global_policy(recipe.training.precision)
    if advice := devices.advice(recipe.training.precision):
        print(advice, flush=True)
    splits = data.load(recipe.data, recipe.channels)
    if len(splits.train) < recipe.training.batch:
        raise RecipeError(f"{len(splits.train)} images are left to train on; a batch takes {recipe.training.batch}.")
    splits = replace(splits, train=distillation.taught(splits.train, recipe, run / "teachers.npz"))
    with devices.strategy().scope():
        trainer = Trainer(recipe, run, splits)
        run.mkdir(parents=True, exist_ok=True)
        write_config(recipe, run, splits)
        trainer.run_epochs()


class Trainer:
    """The loop over epochs: one call of fit each, so that size, batches and state change between them."""

    def __init__(self, recipe: Recipe, run: Path, splits: data.Splits) -> None:
        self.recipe, self.run, self.splits = recipe, run, splits
        self.plan = course.plan(recipe.training)
        self.model = build(recipe)
        self.average = state.WeightAverage(recipe.optimizer.averaging, recipe.optimizer.averaging_power)
        self.progress, self.interrupt = Progress([stage.size for stage in self.plan]), Interrupt()
        self.first_losses = FirstLosses(run / "first_losses.json")
        self.scalars = devices.Scalars(str(run / "tensorboard")) if recipe.training.tensorboard else None
        self.epoch, self.best = 0, -1.0

    def run_epochs(self) -> None:
        self.resume()
        self.interrupt.listen()
        while self.next_epoch():
            logs = self.fit_epoch()
            if self.interrupt.asked:
                return
            self.close_epoch(logs)
        print(f"Finished; best {self.recipe.data.select} accuracy {self.best:.4f}.")

    def resume(self) -> None:
        last = self.run / "last.npz"
        if last.is_file():
            finished = state.epochs(last)
            self.enter(course.phase_at(self.recipe.training, finished - 1))
            self.epoch, self.best = state.restore(last, self.model, self.average)
            print(f"Going on after epoch {self.epoch} of {len(self.plan)} (best {self.best:.4f}).")
            return
        self.enter(course.phase_at(self.recipe.training, 0))
        if start := self.recipe.training.start_from:
            state.begin_with(self.model, Path(start))
            print(f"Beginning with the weights of {start}.")

    def next_epoch(self) -> bool:
        """Go to the epoch that comes next, past a phase that has stalled; False when none is left."""
        if course.stalled(self.losses(), self.recipe.training.early_stopping) and self.epoch < self.phase.end:
            print(f"No lower loss for {self.recipe.training.early_stopping} epochs: this phase ends early.")
            self.epoch = self.phase.end
        if self.epoch >= len(self.plan):
            return False
        if self.epoch >= self.phase.end:
            self.enter(course.phase_at(self.recipe.training, self.epoch))
        return True

    def enter(self, phase: course.Phase) -> None:
        """Set what trains in a phase, and begin its optimizer."""
        self.phase = phase
        if any(stage.released != "all" for stage in self.plan):
            architectures.release(self.model, self.recipe.architecture, phase.stages[0].released)
        batch, images = self.recipe.training.batch, len(self.splits.train)
        steps = sum(max(1, data.count(images, stage.share) // batch) for stage in phase.stages)
        compile_for(self.model, self.recipe, phase.stages[0].learning_rate, steps)

    def losses(self) -> list[float]:
        """Selecting losses of the phase so far."""
        path = self.run / "history.csv"
        if not path.is_file():
            return []
        with path.open(newline="", encoding="utf-8") as stream:
            rows = [(int(row["epoch"]), float(row["val_loss"])) for row in csv.DictReader(stream)]
        return [loss for epoch, loss in rows if self.phase.first <= epoch < self.epoch]

    def fit_epoch(self) -> dict[str, float]:
        stage, settings = self.plan[self.epoch], self.recipe.optimizer
        batches = data.Batches(self.splits.train, self.recipe, epoch=self.epoch, size=stage.size, share=stage.share)
        keras.utils.set_random_seed(self.recipe.training.seed * 10_000 + self.epoch)
        if settings.schedule == "plateau":
            cuts = course.cuts(self.losses(), settings.plateau_patience)
            peak = stage.learning_rate or settings.learning_rate
            self.model.optimizer.learning_rate = peak * settings.plateau_factor**cuts
        self.progress.begin(self.epoch, len(batches), self.recipe.training.batch)
        callbacks = [self.average, self.progress, self.interrupt]
        callbacks += [self.first_losses] if self.recipe.training.deterministic else []
        history = self.model.fit(batches, epochs=1, verbose=0, shuffle=False, callbacks=callbacks)
        return {name: float(values[-1]) for name, values in history.history.items()}

    def close_epoch(self, logs: dict[str, float]) -> None:
        seconds, rate, size = self.progress.finish(), self.progress.rate, self.plan[self.epoch].size
        with self.averaged():
            scores = evaluate(self.model, self.splits.select, size)
            selected = scores[f"val_{self.first_name()}accuracy"]
            if size == self.plan[-1].size and selected > self.best:
                self.best = selected
                save_weights(self.run / "best.npz", self.model.get_weights(), epoch=self.epoch)
        row = {"epoch": self.epoch, **columns(logs, scores, self.recipe.data.targets)}
        row |= {"learning_rate": self.learning_rate(), "size": size}
        row |= {"seconds": round(seconds, 1), "images_per_second": round(rate, 1)}
        append(self.run / "history.csv", row)
        if self.scalars:
            self.scalars.write(row)
        self.epoch += 1
        state.save(self.run / "last.npz", self.model, self.average, self.epoch, self.best)
        shown = " ".join(f"{name} {value:.4f}" for name, value in scores.items())
        print(f"epoch {self.epoch}/{len(self.plan)} done in {clock(seconds)}  {shown}", flush=True)

    def first_name(self) -> str:
        heads = self.recipe.data.targets
        return f"{heads[0]}_" if len(heads) > 1 else ""

    def learning_rate(self) -> float:
        return float(keras.ops.convert_to_tensor(self.model.optimizer.learning_rate))

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The network with averaged weights inside, with its own again outside."""
        own = self.model.get_weights()
        self.model.set_weights(self.average.average)
        yield
        self.model.set_weights(own)


def build(recipe: Recipe) -> keras.Model:
    """The recipe's network with one output a target, for any image size when it can grow.

    Raises:
        RecipeError: no such network, or it cannot be built with these sizes and options.
    """
    architecture = architectures.get(recipe.architecture)
    sizes = {stage.size for stage in recipe.training.stages}
    if not architecture.grows and len(sizes) > 1:
        raise RecipeError(f"'{recipe.architecture}' has one image size; the recipe's stages have {sorted(sizes)}.")
    heads = {target: len(classes) for target, classes in targets.classes(recipe.data).items()}
    size = None if architecture.grows else sizes.pop()
    model = architectures.build(recipe.architecture, heads, size, recipe.channels, recipe.options)
    return keras.Model(model.input, {head: model.output[head] for head in heads}, name=recipe.architecture)


def compile_for(model: keras.Model, recipe: Recipe, peak: float | None, steps: int) -> None:
    """Optimizer, schedule and one cross-entropy a head; no weight decay on biases and norms."""
    settings = recipe.optimizer
    kind = {"adamw": keras.optimizers.AdamW, "adam": keras.optimizers.Adam}[settings.name]
    optimizer = kind(course.schedule(settings, peak or settings.learning_rate, steps))
    optimizer.weight_decay = settings.weight_decay or None
    if settings.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    heads = list(model.output)
    losses = dict.fromkeys(heads, "categorical_crossentropy")
    model.compile(optimizer, loss=losses, weighted_metrics={head: ["accuracy"] for head in heads})


def evaluate(model: keras.Model, part: Part, size: int, batch: int = 256) -> dict[str, float]:
    """Weighted cross-entropy and accuracy of each head, unaugmented."""
    rows = [np.arange(len(part))[start : start + batch] for start in range(0, len(part), batch)]
    # Not predict_on_batch: with several devices that gives every device the whole batch.
    outputs = [model.predict(at_size(part.pool.take(some, size), size), verbose=0, batch_size=batch) for some in rows]
    scores: dict[str, float] = {}
    for name, target in part.targets.items():
        probabilities = np.concatenate([output[name] for output in outputs])
        prefix = f"val_{name}_" if len(part.targets) > 1 else "val_"
        scores[f"{prefix}accuracy"], scores[f"{prefix}loss"] = targets.score(target, probabilities)
    return scores


def columns(logs: dict[str, float], scores: dict[str, float], heads: tuple[str, ...]) -> dict[str, float]:
    """CSVLogger's columns; accuracy and val_accuracy are those of the first head, as page and card read them."""
    row = logs | scores
    for split in ("", "val_"):
        row.setdefault(f"{split}accuracy", row.get(f"{split}{heads[0]}_accuracy", float("nan")))
        row.setdefault(f"{split}loss", row.get(f"{split}{heads[0]}_loss", float("nan")))
    return {name: round(value, 5) for name, value in sorted(row.items())}


def append(path: Path, row: dict[str, Any]) -> None:
    """Add a row to a CSV file; the first row also writes the heading."""
    new = not path.is_file()
    with path.open("a", encoding="utf-8", newline="") as stream:
        if new:
            stream.write(",".join(row) + "\n")
        stream.write(",".join(map(str, row.values())) + "\n")


def save_weights(path: Path, weights: state.Weights, **facts: int) -> None:
    """Weights in the order of Model.get_weights, and facts about them, in one file replaced as a whole."""
    part = path.with_suffix(".part.npz")
    np.savez(part, **{f"weights/{row}": value for row, value in enumerate(weights)}, **facts)
    part.replace(path)


def write_config(recipe: Recipe, run: Path, splits: data.Splits) -> None:
    """Save the resolved recipe with the run; a folder belongs to one recipe.

    Raises:
        RecipeError: the folder was begun with another recipe.
    """
    path, resolved = run / "config.json", recipe.model_dump(mode="json")
    if path.is_file():
        begun = Recipe.model_validate(json.loads(path.read_text(encoding="utf-8"))["recipe"]).model_dump(mode="json")
        if begun != resolved:
            changed = sorted(key for key in resolved if begun[key] != resolved[key])
            raise RecipeError(f"{run} was begun with another recipe (differs in {', '.join(changed)}); take --run.")
        return
    config = {
        "recipe": resolved,
        "images": {"train": len(splits.train), "select": len(splits.select)},
        "left_out": dict(splits.left_out),
        "faults": list(recipe.data.faults),
        "versions": {"keras": keras.__version__, "numpy": np.__version__, "python": platform.python_version()},
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "commit": commit(),
    }
    path.write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def commit() -> str | None:
    """The commit of the code that trains, or None outside a checkout."""
    command = ["git", "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


if __name__ == "__main__":
    sys.exit(main())
