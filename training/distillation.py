"""Knowledge distillation: a network also learns what trained networks answer (Hinton et al., arXiv 1503.02531).

python -m training.distillation RUN [RUN ...]     are they fit to teach? each, and their mean, on the selecting split
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import FerError, RecipeError
from fer_core.recipes.schema import Recipe
from training import checkpoints, serving
from training.data import batches, targets
from training.data.sources import JoinedPool, Part, at_size

Answers = dict[str, NDArray[np.float32]]
BATCH = 256
SAID = 20
"""Batches between two lines of progress."""


def taught(part: Part, recipe: Recipe, cache: Path) -> Part:
    """The training part with the teachers' answers on its first dataset, kept in `cache` for when the training goes on.

    Raises:
        RecipeError: a teacher has other heads, classes or channels.
        RunError: a teacher is no run, or has no weights yet.
    """
    teachers = [Path(teacher) for teacher in recipe.distillation.teachers]
    for teacher in teachers:
        check(teacher, recipe)
    if cache.is_file():
        with np.load(cache, allow_pickle=False) as stored:
            return replace(part, taught={name: stored[name] for name in stored.files})
    own = replace(part, pool=part.pool.pools[0]) if isinstance(part.pool, JoinedPool) else part
    answers = mean([ask(teacher, own) for teacher in teachers])
    cache.parent.mkdir(parents=True, exist_ok=True)
    checkpoints.write_arrays(cache, answers)
    return replace(part, taught=answers)


def check(teacher: Path, recipe: Recipe) -> None:
    """A teacher answers the heads that the recipe trains, on images of the same kind.

    Raises:
        RecipeError: it does not.
    """
    own = Recipe.model_validate(serving.read_config(teacher)["recipe"])
    came, wanted = targets.classes(own.data), targets.classes(recipe.data)
    if came != wanted or own.channels != recipe.channels:
        raise RecipeError(
            f"{teacher} cannot teach {recipe.name}: it has {describe(came, own.channels)}; expected "
            f"{describe(wanted, recipe.channels)}."
        )


def describe(heads: dict[str, tuple[str, ...]], channels: int) -> str:
    parts = [f"{name} ({len(classes)} classes)" for name, classes in heads.items()]
    return f"{' and '.join(parts)} on {'gray' if channels == 1 else 'colour'} images"


def ask(teacher: Path, part: Part) -> Answers:
    """What a run's best weights answer: float32 (n, classes) a head, the mean over an image and its mirror image."""
    recipe = Recipe.model_validate(serving.read_config(teacher)["recipe"])
    policy = keras.mixed_precision.global_policy()
    network, size = serving.heads_model(teacher), serving.final_size(recipe)
    rows: list[Answers] = []
    for start in range(0, len(part), BATCH):
        some = np.arange(len(part))[start : start + BATCH]
        images = at_size(part.pool.take(some, size), size)
        rows.append(mean([network.predict_on_batch(images), network.predict_on_batch(images[:, :, ::-1])]))
        if start % (BATCH * SAID) == 0:
            print(f"Asking {teacher}: {start + len(some):,} of {len(part):,} images.", flush=True)
    keras.mixed_precision.set_global_policy(policy)
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def table(runs: Sequence[Path]) -> list[tuple[str, str, float, float]]:
    """One row per run and head, and the mean of all: name, head, accuracy, log loss on the first run's selecting split.

    Raises:
        RecipeError: the runs do not answer alike.
        RunError: one is no run, or has no weights yet.
    """
    recipe = Recipe.model_validate(serving.read_config(runs[0])["recipe"])
    for run in runs:
        check(run, recipe)
    part = batches.load(recipe.data, recipe.channels).select
    answers = {str(run): ask(run, part) for run in runs}
    if len(runs) > 1:
        answers["their mean"] = mean(list(answers.values()))
    return [
        (name, head, *targets.score(target, one[head]))
        for name, one in answers.items()
        for head, target in part.targets.items()
    ]


def mean(answers: Sequence[Answers]) -> Answers:
    """Answers averaged head by head."""
    return {name: np.mean([one[name] for one in answers], axis=0, dtype=np.float32) for name in answers[0]}


def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.distillation", description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    try:
        rows = table(parser.parse_args(arguments).runs)
    except FerError as error:
        print(error, file=sys.stderr)
        return 2
    for name, head, accuracy, loss in rows:
        print(f"{name:40} {head:8} accuracy {accuracy:.4f}  log loss {loss:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
