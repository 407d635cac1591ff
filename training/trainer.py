"""The epochs of a training: the network is built and compiled, fitted one epoch at a time, judged and saved."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import RecipeError
from fer_core.recipes.schema import Recipe
from training import architectures, checkpoints, devices, run_folder, schedule
from training.callbacks import FirstLosses, Interrupt, Progress, WeightAverage, clock
from training.data import batches, targets
from training.data.batches import Batches, Splits
from training.data.sources import Part, at_size


class Trainer:
    """The loop over epochs: one call of fit each, so that size, batches and state change between them."""

    def __init__(self, recipe: Recipe, run: Path, splits: Splits) -> None:
        self.recipe, self.run, self.splits = recipe, run, splits
        self.plan = schedule.plan(recipe.training)
        self.model = build(recipe)
        self.average = WeightAverage(recipe.optimizer.averaging, recipe.optimizer.averaging_power)
        self.progress, self.interrupt = Progress([stage.size for stage in self.plan]), Interrupt()
        self.first_losses = FirstLosses(run / "first_losses.json")
        self.scalars = devices.Scalars(str(run / "tensorboard")) if recipe.training.tensorboard else None
        self.epoch, self.best, self.history = 0, -1.0, ""

    def run_epochs(self) -> bool:
        """All epochs that are left; False when somebody asked to stop before the last one."""
        self.resume()
        self.interrupt.listen()
        while self.next_epoch():
            logs = self.fit_epoch()
            if self.interrupt.asked:
                return False
            self.close_epoch(logs)
        print(f"Finished; best {self.recipe.data.select} accuracy {self.best:.4f}.")
        return True

    def resume(self) -> None:
        """Go on after the last finished epoch, or begin: with random weights, pretrained ones or those of a run."""
        last = run_folder.newest_state(self.run)
        finished = checkpoints.epochs(last) if last else 0
        self.enter(schedule.phase_at(self.recipe.training, max(0, finished - 1)))
        if last:
            self.history = run_folder.restored_history(self.run, last)
            run_folder.write_history(self.run, self.history)
            self.epoch, self.best = checkpoints.restore(last, self.model, self.average)
            print(f"Going on after epoch {self.epoch} of {len(self.plan)} (best {self.best:.4f}).")
        elif start := self.recipe.training.start_from:
            checkpoints.begin_with(self.model, Path(start))
            print(f"Beginning with the weights of {start}.")

    def next_epoch(self) -> bool:
        """Go to the epoch that comes next, past a phase that has stalled; False when none is left."""
        patience = self.recipe.training.early_stopping
        if schedule.stalled(self.losses(), patience) and self.epoch < self.phase.end:
            print(f"No lower loss for {patience} epochs: this phase ends early.")
            self.epoch = self.phase.end
        if self.epoch >= len(self.plan):
            return False
        if self.epoch >= self.phase.end:
            self.enter(schedule.phase_at(self.recipe.training, self.epoch))
        return True

    def enter(self, phase: schedule.Phase) -> None:
        """Set what trains in a phase, and begin its optimizer."""
        self.phase = phase
        if any(stage.released != "all" for stage in self.plan):
            architectures.release(self.model, self.recipe.architecture, phase.stages[0].released)
        batch, part = self.recipe.training.batch, self.splits.train
        steps = sum(max(1, batches.epoch_size(part, self.recipe, stage.share) // batch) for stage in phase.stages)
        compile_for(self.model, self.recipe, phase.stages[0].learning_rate, steps)

    def losses(self) -> list[float]:
        """Selecting losses of the phase so far."""
        rows = csv.DictReader(self.history.splitlines())
        losses = [(int(row["epoch"]), float(row["val_loss"])) for row in rows]
        return [loss for epoch, loss in losses if self.phase.first <= epoch < self.epoch]

    def fit_epoch(self) -> dict[str, float]:
        """One epoch; gives Keras' figures of it."""
        stage, settings = self.plan[self.epoch], self.recipe.optimizer
        shown = Batches(self.splits.train, self.recipe, epoch=self.epoch, size=stage.size, share=stage.share)
        keras.utils.set_random_seed(self.recipe.training.seed * 10_000 + self.epoch)
        if settings.schedule == "plateau":
            cuts = schedule.cuts(self.losses(), settings.plateau_patience)
            peak = stage.learning_rate or settings.learning_rate
            self.model.optimizer.learning_rate = peak * settings.plateau_factor**cuts
        self.progress.begin(self.epoch, len(shown), self.recipe.training.batch)
        callbacks = [self.average, self.progress, self.interrupt]
        callbacks += [self.first_losses] if self.recipe.training.deterministic else []
        fitted = self.model.fit(shown, epochs=1, verbose=0, shuffle=False, callbacks=callbacks)
        return {name: float(values[-1]) for name, values in fitted.history.items()}

    def close_epoch(self, logs: dict[str, float]) -> None:
        """Judge the averaged weights on the selecting split, keep the best, and save all that a next epoch needs."""
        seconds, rate, size = self.progress.finish(), self.progress.rate, self.plan[self.epoch].size
        with self.averaged():
            scores = evaluate(self.model, self.splits.select, size)
            photos = {name: mean_recall(self.model, part, size) for name, part in self.splits.joined.items()}
            selected = float(np.mean([scores[f"val_{self.first_name()}accuracy"], *photos.values()]))
            scores |= {f"val_{name}_recall": recall for name, recall in photos.items()}
            wanted = self.recipe.training.keep == "last" or selected > self.best
            if size == self.plan[-1].size and wanted:
                self.best = selected
                checkpoints.save_weights(self.run / "best.npz", self.model.get_weights())
        row = {"epoch": self.epoch, **columns(logs, scores, self.recipe.data.targets)}
        row |= {"learning_rate": self.learning_rate(), "size": size}
        row |= {"seconds": round(seconds, 1), "images_per_second": round(rate, 1)}
        self.epoch += 1
        self.history = run_folder.with_row(self.history, row)
        self.save_state()
        if self.scalars:
            self.scalars.write(row)
        shown = " ".join(f"{name} {value:.4f}" for name, value in scores.items())
        print(f"epoch {self.epoch}/{len(self.plan)} done in {clock(seconds)}  {shown}", flush=True)

    def save_state(self) -> None:
        """The state with its history first, in one file; the state before it stays, for the case of damage."""
        last = self.run / run_folder.LAST
        if last.is_file():
            last.replace(self.run / run_folder.BEFORE)
        checkpoints.save(last, self.model, self.average, self.epoch, self.best, history=self.history)
        run_folder.write_history(self.run, self.history)

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
    optimizer = kind(schedule.learning_rate(settings, peak or settings.learning_rate, steps))
    optimizer.weight_decay = settings.weight_decay or None
    if settings.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    heads = list(model.output)
    losses = dict.fromkeys(heads, "categorical_crossentropy")
    model.compile(optimizer, loss=losses, weighted_metrics={head: ["accuracy"] for head in heads})


def evaluate(model: keras.Model, part: Part, size: int, batch: int = 256) -> dict[str, float]:
    """Weighted cross-entropy and accuracy of each head, unaugmented."""
    scores: dict[str, float] = {}
    answers = answers_of(model, part, size, batch)
    for name, target in part.targets.items():
        probabilities = answers[name]
        prefix = f"val_{name}_" if len(part.targets) > 1 else "val_"
        scores[f"{prefix}accuracy"], scores[f"{prefix}loss"] = targets.score(target, probabilities)
    return scores


def mean_recall(model: keras.Model, part: Part, size: int) -> float:
    """Mean recall of a joined dataset's expressions, averaged over the heads."""
    answers = answers_of(model, part, size)
    return float(np.mean([targets.mean_recall(target, answers[name]) for name, target in part.targets.items()]))


def answers_of(model: keras.Model, part: Part, size: int, batch: int = 256) -> dict[str, NDArray[np.float32]]:
    """What each head answers on every image, unaugmented: float32 (n, classes)."""
    rows = [np.arange(len(part))[start : start + batch] for start in range(0, len(part), batch)]
    # Not predict_on_batch: with several devices that gives every device the whole batch.
    outputs = [model.predict(at_size(part.pool.take(some, size), size), verbose=0, batch_size=batch) for some in rows]
    return {name: np.concatenate([output[name] for output in outputs]) for name in part.targets}


def columns(logs: dict[str, float], scores: dict[str, float], heads: tuple[str, ...]) -> dict[str, float]:
    """CSVLogger's columns; accuracy and val_accuracy are those of the first head, as page and card read them."""
    row = logs | scores
    for split in ("", "val_"):
        row.setdefault(f"{split}accuracy", row.get(f"{split}{heads[0]}_accuracy", float("nan")))
        row.setdefault(f"{split}loss", row.get(f"{split}{heads[0]}_loss", float("nan")))
    return {name: round(value, 5) for name, value in sorted(row.items())}
