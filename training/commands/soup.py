"""One network from several of one course of training: the mean of their weights (model soups, arXiv 2203.05482).

    fer soup RUN RUN [RUN ...] --run DIR [--shares S S ...]

For runs that began with each other's weights: far apart, the mean of two networks answers worse than either. Writes
DIR, a run folder like those of `fer train`, with the mean weights, the configuration and history of the last run,
and in config.json the key `soup`; `fer release` takes it like any other. Prints each run and the mean on the
selecting split.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from fer_core.errors import RecipeError
from fer_core.recipes.schema import Recipe
from training import checkpoints, lineage, serving
from training.commands.export import write_json
from training.data import batches, targets
from training.trainer import evaluate


def make(runs: Sequence[Path], folder: Path, shares: Sequence[float]) -> None:
    """Write the run folder of the mean.

    Args:
        runs: run or model folders of networks of one shape, the last one last.
        folder: where the mean goes; must not be a run already.
        shares: of each run's weights; brought to a sum of 1.

    Raises:
        RecipeError: the networks differ in shape, the shares do not fit, or the folder is a run.
        RunError: one is no run, or has no weights yet.
    """
    if len(runs) != len(shares) or min(shares) < 0 or not sum(shares):
        raise RecipeError(f"{len(runs)} runs need as many shares, none below 0; came {', '.join(map(str, shares))}.")
    if (folder / "config.json").exists():
        raise RecipeError(f"{folder} is a run already; name another folder with --run.")
    configs = [serving.read_config(run) for run in runs]
    for run, config in zip(runs, configs, strict=True):
        if shape(config["recipe"]) != shape(configs[-1]["recipe"]):
            raise RecipeError(f"{run} has another network, other heads or another image size than {runs[-1]}.")
    parts = [share / sum(shares) for share in shares]
    layers = zip(*(serving.heads_model(run).get_weights() for run in runs), strict=True)
    weights = [sum(array * part for array, part in zip(layer, parts, strict=True)) for layer in layers]
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(runs[-1] / "history.csv", folder / "history.csv")
    checkpoints.save_weights(folder / "best.npz", weights)
    config = configs[-1] | {"soup": {lineage.run_name(run): part for run, part in zip(runs, parts, strict=True)}}
    write_json(folder / "config.json", config)


def shape(resolved: dict[str, object]) -> tuple[object, ...]:
    """What networks must agree in for their weights to have a mean."""
    recipe = Recipe.model_validate(resolved)
    heads = targets.classes(recipe.data)
    return recipe.architecture, recipe.options, recipe.channels, heads, serving.final_size(recipe)


def table(runs: Sequence[Path]) -> list[tuple[str, dict[str, float]]]:
    """Each run with its loss and accuracy on the last one's selecting split."""
    recipe = Recipe.model_validate(serving.read_config(runs[-1])["recipe"])
    part, size = batches.load(recipe.data, recipe.channels).select, serving.final_size(recipe)
    return [(str(run), evaluate(serving.heads_model(run), part, size)) for run in runs]
