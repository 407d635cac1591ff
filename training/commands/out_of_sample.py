"""Probabilities of every image by networks that never saw it: what label suspects are found from.

    fer out-of-sample training/recipes/house.toml [--out DIR] [--section.key value ...]

The training images are cut into two halves, copies and near copies of an image always in the same one. A network is
trained by the recipe on each half and judges the other; the other splits are judged by both. DIR (default
runs/NAME_out_of_sample) holds

    half_1.csv, half_2.csv     exclusion files (row, reason): the half that a training leaves out
    run_1/, run_2/             the two trainings; the same command goes on where it was stopped
    probabilities.csv          row, split, and a probability for each class: `suspects` of fer_core, the Datasets page

The epoch of each network is chosen on the selecting split, so that its probabilities know that split a little.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core import text
from fer_core.auditing.findings import Audit, audit
from fer_core.auditing.suspects import ROW
from fer_core.datasets import Dataset
from fer_core.recipes.schema import Recipe
from training import history, serving
from training.commands.train import train
from training.data import batches, targets

Rows = NDArray[np.intp]
HALVES = (1, 2)
BATCH = 256


def make(recipe: Recipe, folder: Path) -> Path | None:
    """Train both halves as far as they are not finished, and write the probabilities; None when it was stopped.

    Raises:
        RecipeError: the recipe does not fit.
        DatasetError: the data is not there.
    """
    section = recipe.data
    dataset = batches.first_source(section, recipe.channels).dataset
    folder.mkdir(parents=True, exist_ok=True)
    half = halves(audit(dataset), dataset.rows(section.train), recipe.training.seed)
    for number in HALVES:
        excluded = folder / f"half_{number}.csv"
        write_half(excluded, dataset, half, number)
        trained = section.model_copy(update={"exclude": (*section.exclude, str(excluded.resolve()))})
        run = folder / f"run_{number}"
        train(recipe.model_copy(update={"data": trained, "name": f"{recipe.name}_{number}"}), run)
        if not finished(run, recipe):
            return None
    path = folder / "probabilities.csv"
    write(path, dataset, judge(recipe, folder, half), targets.classes(section)[section.targets[0]])
    return path


def halves(found: Audit, rows: Rows, seed: int) -> NDArray[np.int8]:
    """The half of each image of the dataset, 1 or 2 for the rows given, 0 for all others.

    Images that are copies or near copies of each other share a half: a network that saw one has seen the other.
    """
    group = np.arange(len(found.dataset))
    for together in (*found.exact, *found.near):
        group[together] = together[0]
    names, first = np.unique(group[rows], return_index=True)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(found.dataset.labels[rows[first[order]]], kind="stable")]
    half_of = np.empty(len(names), np.int8)
    half_of[order] = np.arange(len(names)) % 2 + 1
    half = np.zeros(len(group), np.int8)
    half[rows] = half_of[np.searchsorted(names, group[rows])]
    return half


def judge(recipe: Recipe, folder: Path, half: NDArray[np.int8]) -> NDArray[np.float32]:
    """Probabilities (n, classes) of all images, each by the networks that did not see it."""
    section = recipe.data
    wanted = targets.classes(section)[section.targets[0]]
    source = batches.first_source(section, recipe.channels)
    probabilities = np.zeros((len(half), len(wanted)), np.float32)
    for number in HALVES:
        network = serving.serving_model(folder / f"run_{number}")
        unseen = np.flatnonzero((half == number) | (half == 0))
        for start in range(0, len(unseen), BATCH):
            rows = unseen[start : start + BATCH]
            images = source.part(rows).images(serving.final_size(recipe))
            share = np.where(half[rows] == 0, 1 / len(HALVES), 1)[:, np.newaxis]
            probabilities[rows] += network.predict_on_batch(images)["probabilities"] * share
    return probabilities


def finished(run: Path, recipe: Recipe) -> bool:
    """The run went through its epochs, or its recipe lets it end earlier."""
    done = len(history.rows(run))
    return done >= recipe.training.epochs or bool(recipe.training.early_stopping and (run / "best.npz").is_file())


def write_half(path: Path, dataset: Dataset, half: NDArray[np.int8], number: int) -> None:
    """An exclusion file of one half."""
    left = dataset.file_rows[half == number].tolist()
    reason = f"half {number}: judged by the network of the other"
    path.write_text(text.to_csv([{"row": row, "reason": reason} for row in left], ("row", "reason")), encoding="utf-8")


def write(path: Path, dataset: Dataset, probabilities: NDArray[np.float32], classes: Sequence[str]) -> None:
    """The file that fer_core.auditing.suspects reads; a class of the dataset that the recipe leaves out has 0."""
    names = [*classes, *(name for name in dataset.classes if name not in classes)]
    padded = np.pad(probabilities, ((0, 0), (0, len(names) - len(classes))))
    lines = [
        {ROW: row, "split": dataset.split_names[split]} | dict(zip(names, shares, strict=True))
        for row, split, shares in zip(dataset.file_rows.tolist(), dataset.splits.tolist(), padded.tolist(), strict=True)
    ]
    path.write_text(text.to_csv(lines, (ROW, "split", *names), places=5), encoding="utf-8")
