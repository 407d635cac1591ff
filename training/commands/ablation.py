"""What each part of the house recipe is worth: short runs of a half-width network that change one thing each.

    fer ablation [--runs runs/ablation] [--section.key value ...]

It trains what is missing and writes docs/reference/ablation.md anew after each run, from those that are finished.
Every run is a run folder of `fer train` under --runs and resumes like one. The table is made from these folders and,
for the full network, from models/house/: accuracy on the public test, which selects; the private test takes no part.
Two runs that differ by their seed alone show how much of a difference is chance.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_core import protocols
from fer_core.recipes import schema
from training.history import rows
from training.releasing.card import percent, table

RECIPE = Path("training/recipes/ablation.toml")
FACES = Path("training/recipes/faceres_finetune.toml")
TARGET = Path("docs/reference/ablation.md")
MODEL = Path("models/house")


SELECTS = protocols.FIRST.selected_on


@dataclass(frozen=True)
class Change:
    """One run: what is changed, in words and as flags of the trainer, and the recipe that it changes."""

    name: str
    words: str
    flags: tuple[str, ...] = ()
    recipe: Path = RECIPE


NO_AUGMENTATION = "{flip = 0.0}"
FLIPS_ALONE = "{flip = 0.5}"
CHANGES = (
    Change("base", "the recipe as it stands"),
    Change("seed", "another seed", ("--training.seed", "2")),
    Change("labels", "targets: FER2013's label alone", ("--data.targets", '["fer2013"]')),
    Change("hard", "no label smoothing", ("--regularization.label_smoothing", "0.0")),
    Change("plain", "no augmentation", ("--augmentation", NO_AUGMENTATION)),
    Change("mixup", "mixup .2 on every batch", ("--regularization.mixup", "0.2")),
    Change("average", "no moving average of weights", ("--optimizer.averaging", "0.0")),
    Change("flips", "mirrored images alone", ("--augmentation", FLIPS_ALONE)),
    Change("constant", "constant rate 1e-3, no cycle", ("--optimizer", '{name = "adamw", averaging = 0.996}')),
    Change("taught", "taught by the full house network", ("--distillation.teachers", f'["{MODEL}"]')),
)
SHORT = ("--training.stages", "[{size = 64, epochs = 2}]")
PRETRAINING = (
    Change("pretrained", "begun with the face backbone", SHORT, FACES),
    Change("scratch", "from scratch", (*SHORT, "--options.backbone", "none"), FACES),
)


def run_all(runs: Path, flags: Sequence[str] = ()) -> int:
    """Train what is missing, and write the document; gives the exit code of the training that failed, else 0."""
    for change in (*PRETRAINING, *CHANGES):
        command = [sys.executable, "-m", "fer_core", "train", str(change.recipe), "--run", str(runs / change.name)]
        print(f"{change.name}: {change.words}", flush=True)
        if code := subprocess.run([*command, *change.flags, *flags]).returncode:
            return code
        if change not in PRETRAINING:
            TARGET.write_text(page(runs), encoding="utf-8")
    print(TARGET.read_text(encoding="utf-8"))
    return 0


def page(runs: Path) -> str:
    """The whole document, from the run folders that are finished."""
    epochs = len(rows(runs / "base"))
    size = schema.load(RECIPE).training.stages[-1].size
    return (
        "# What each part is worth\n\n"
        f"Half-width house network, {size} pixels, {epochs} epochs, one run each, by `fer ablation`. "
        f"Accuracy of the last epoch on FER2013's {SELECTS} (3,589 images, so one standard error is 0.8 points). "
        "Differences are from the mean of the first two rows; those no larger than the distance of these two are "
        "chance.\n\n"
        f"{compared(CHANGES, runs, 2)}\n\n{pretraining(runs)}{full(MODEL)}\n"
    )


def compared(changes: tuple[Change, ...], runs: Path, unchanged: int = 1) -> str:
    """One row per finished run; differences are from the mean of those of the first `unchanged` that are finished."""
    whole = len(rows(runs / changes[0].name))
    finished = [change for change in changes if len(rows(runs / change.name)) == whole]
    last = {change.name: rows(runs / change.name)[-1] for change in finished}
    same = [float(last[change.name]["val_accuracy"]) for change in changes[:unchanged] if change in finished]
    base = sum(same) / len(same)
    lines = [
        (
            change.words,
            percent(float(last[change.name]["val_accuracy"])),
            f"{100 * (float(last[change.name]['val_accuracy']) - base):+.1f}",
            f"{float(last[change.name]['val_loss']):.3f}",
            percent(float(last[change.name]["accuracy"])),
        )
        for change in finished
    ]
    return table(("changed", SELECTS, "difference", "loss", "training accuracy"), lines)


def pretraining(runs: Path) -> str:
    """What weights learnt on faces are worth to the network that has them; empty until both runs are there."""
    last, other = (rows(runs / change.name) for change in PRETRAINING)
    if not last or len(last) != len(other):
        return ""
    return (
        f"## Pretraining on faces\n\nThe MobileNet of `faceres_finetune.toml`, {last[-1]['size']} pixels, {len(last)} "
        f"epochs.\n\n{compared(PRETRAINING, runs)}\n\n"
    )


def full(folder: Path) -> str:
    """What growing the resolution and averaging views did for the full network, from its own files."""
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    measured: dict[str, Any] = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    stages, history = config["recipe"]["training"]["stages"], rows(folder)
    if len(stages) == 1:  # the last run did not grow: its rate says nothing of growing
        history = history[: config["epochs_before"]] or history
    sizes = dict.fromkeys(row["size"] for row in history)
    rates = [(f"{size} px", f"{rate(history, size):.0f}") for size in sizes]
    private = [
        (str(row["tta"] or "one view"), percent(row["accuracy"]), percent(row["ece"]))
        for row in measured["evaluations"]
        if row["split"] == protocols.FIRST.report and row["labels"] == "fer2013" and "subset" not in row
    ]
    return (
        "## The full network\n\nGrowing resolution: images per second in training at each size, so what the epochs at "
        f"the smaller sizes save.\n\n{table(('size', 'images/s'), rates)}\n\n"
        f"Test-time views, {protocols.FIRST.reported_on}:\n\n{table(('views', 'accuracy', 'ECE'), private)}"
    )


def rate(history: list[dict[str, str]], size: str) -> float:
    """Images per second over all epochs of a size."""
    seconds = [(float(row["seconds"]), float(row["images_per_second"])) for row in history if row["size"] == size]
    return sum(time * images for time, images in seconds) / sum(time for time, _ in seconds)
