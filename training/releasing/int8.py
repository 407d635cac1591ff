"""The 8-bit file of a network, model_int8.onnx: made from training images, and compared with model.onnx.

The live page reads the frames of a film with it. What it costs stands in metrics.json under "int8" and on the card.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fer_core import protocols
from fer_core.evaluation.scored_images import short_name
from fer_core.predictors import checksums, eight_bits, networks, onnx_runtime
from fer_core.predictors.onnx_runtime import OnnxPredictor
from fer_core.recipes.schema import Recipe
from training.commands.export import write_json
from training.data import batches
from training.data.batches import Splits
from training.data.sources import Part, at_size
from training.serving import final_size

CALIBRATED = 1024
"""Training images that set the range of each layer."""

LIGHT = 0.5
"""Most bytes that the file may have, in those of model.onnx: in half precision it has as many."""

MOST_LOST = 0.005
"""Share of the selecting images that may be read wrongly in 8 bits alone; with more, the network gets no such file."""


def make(folder: Path) -> str:
    """Write model_int8.onnx, its checksum and what it costs; where it costs too much, none of them.

    Returns:
        A sentence for whoever released the network.

    Raises:
        FerError: the data of its recipe is not there.
    """
    file = folder / eight_bits.FILE
    file.unlink(missing_ok=True)
    checksum(folder)
    recipe = Recipe.model_validate(networks.read_json(folder / "config.json")["recipe"])
    splits = batches.load(recipe.data, recipe.channels)
    size = final_size(recipe)
    rows = np.sort(batches.order(splits.train, recipe, 0)[:CALIBRATED])
    whole = folder / onnx_runtime.WEIGHTS
    if not eight_bits.quantize(whole, file, at_size(splits.train.pool.take(rows, size), size)):
        return "No convolution is wide enough for 8 bits."
    if file.stat().st_size > LIGHT * whole.stat().st_size:
        file.unlink()
        return "No 8-bit file: it would not be lighter than the one in half precision."
    costs = list(compared(folder, recipe, splits))
    lost = costs[0]["accuracy"] - costs[0]["accuracy_int8"]
    told = f"{100 * lost:+.1f} points lost in 8 bits on the {costs[0]['split']}"
    if lost > MOST_LOST:
        file.unlink()
        return f"No 8-bit file: {told}, and at most {100 * MOST_LOST:g} may be. Live reads with model.onnx."
    write_json(folder / "metrics.json", networks.read_json(folder / "metrics.json") | {"int8": costs})
    checksum(folder)
    return f"{eight_bits.FILE} has {file.stat().st_size / 1e6:.1f} MB; {told}."


def checksum(folder: Path) -> None:
    """Note what the files with weights hold now."""
    checksums.write(folder, sorted(path.name for path in folder.glob("model*.*")))


def compared(folder: Path, recipe: Recipe, splits: Splits) -> Iterator[dict[str, Any]]:
    """How both files read the selecting split, the reporting split and the reporting split of joined datasets."""
    info = networks.read_info(folder, onnx_runtime.WEIGHTS, name=folder.name)
    files = [OnnxPredictor(info, folder / name) for name in (onnx_runtime.WEIGHTS, eight_bits.FILE)]
    for data, split, part in parts(recipe, splits):
        rows, images = part.pool.read(np.arange(len(part)), info.input_size)  # others stand in for damaged ones
        target, images = part.targets[recipe.data.targets[0]].take(rows), at_size(images, info.input_size)
        known = target.weights > 0
        full, light = (one.predict(images)[known] for one in files)
        right = [answers.argmax(1) == target.distributions[known].argmax(1) for answers in (full, light)]
        yield {
            "data": data,
            "split": split,
            "n": int(known.sum()),
            "accuracy": float(right[0].mean()),
            "accuracy_int8": float(right[1].mean()),
            "same_label": float((full.argmax(1) == light.argmax(1)).mean()),
            "mean_difference": float(np.abs(full - light).max(1).mean()),
        }


def parts(recipe: Recipe, splits: Splits) -> Iterator[tuple[str, str, Part]]:
    """Name of the dataset, name of the split, and its images; what selects comes first."""
    section = recipe.data
    first = batches.first_source(section, recipe.channels)
    name = short_name(first.dataset)
    selected = {"held_out": protocols.HELD_OUT, "part_of_test": section.report}.get(section.selection, section.select)
    yield name, selected, splits.select
    yield name, section.report, first.part(first.dataset.rows(section.report))
    for other in section.join:
        if other.select:
            joined = batches.joined_source(section, other, recipe.channels)
            split = joined.dataset.parts.report
            yield other.dataset, split, batches.joined_part(joined, section, split)
