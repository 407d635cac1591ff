"""The network as it is served: best weights, float32, one image size, and the answer made from its heads."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fer_core.errors import RunError
from fer_core.recipes.schema import Recipe
from training import architectures, checkpoints
from training.data import targets

CROWD = "ferplus"


def read_config(run: Path) -> dict[str, Any]:
    """The config.json of a run, or of a network that was made from one; its recipe is known to be whole.

    Raises:
        RunError: the folder is no run, or the file is damaged.
    """
    path = run / "config.json"
    if not path.is_file():
        raise RunError(f"{run} is no run folder: it has no config.json. Runs are made by fer train.")
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        Recipe.model_validate(config["recipe"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        reason = "it has no recipe" if isinstance(error, KeyError) else str(error).splitlines()[0]
        raise RunError(f"{path} is damaged ({reason}). Put it back from a copy, or take another --run.") from None
    return config


def serving_model(run: Path, crowd_share: float = 0.0, factors: Mapping[str, float] | None = None) -> keras.Model:
    """uint8 `crops` (n, s, s, c) to `probabilities`, `features` and, with a FER+ head, `crowd`.

    Args:
        run: a run folder with best.npz, or a model folder with model.keras.
        crowd_share: weight of the FER+ head (its seven shared classes, renormalised) in the probabilities; the rest
            is the first head's.
        factors: what the first head's probability of an expression is multiplied by before all are renormalised, by
            name; the logarithm goes into the head's bias.

    Raises:
        RunError: no run, no finished epoch at the final size, or no FER+ head to take a share of.
    """
    recipe = Recipe.model_validate(read_config(run)["recipe"])
    if crowd_share and CROWD not in recipe.data.targets:
        raise RunError(f"{run} has no FER+ head, so crowd_share must be 0; came {crowd_share}.")
    network = trained(run, recipe)
    lift(network, recipe, factors or {})
    outputs = {"probabilities": answer(network.output, recipe.data.targets[0], crowd_share)}
    outputs["features"] = network.output["features"]
    if CROWD in recipe.data.targets:
        outputs["crowd"] = network.output[CROWD]
    return keras.Model(network.input, outputs, name=recipe.name)


def lift(network: keras.Model, recipe: Recipe, factors: Mapping[str, float]) -> None:
    """Multiply the first head's probabilities by factors, by way of its bias.

    Raises:
        RunError: an expression that the head does not know, or a factor that is not above 0.
    """
    first = recipe.data.targets[0]
    classes = targets.classes(recipe.data)[first]
    if wrong := [name for name, factor in factors.items() if name not in classes or factor <= 0]:
        raise RunError(f"No factor for {', '.join(wrong)}: expected a number above 0 for some of {', '.join(classes)}.")
    bias = network.get_layer(first).bias
    bias.assign(bias + np.log([factors.get(name, 1.0) for name in classes]).astype(np.float32))


def heads_model(run: Path) -> keras.Model:
    """uint8 (n, s, s, c) to {head: softmax (n, classes)}, as the run trained it.

    Raises:
        RunError: no run, or no finished epoch at the final size.
    """
    recipe = Recipe.model_validate(read_config(run)["recipe"])
    network = trained(run, recipe)
    return keras.Model(network.input, {head: network.output[head] for head in recipe.data.targets})


def trained(run: Path, recipe: Recipe) -> keras.Model:
    """The run's whole network with its best weights; sets the precision to float32 for what is built from now on."""
    keras.mixed_precision.set_global_policy("float32")
    heads = {target: len(classes) for target, classes in targets.classes(recipe.data).items()}
    option = architectures.get(recipe.architecture).weights_option
    options = recipe.options | ({option: "none"} if option else {})  # the run's own weights follow
    network = architectures.build(recipe.architecture, heads, final_size(recipe), recipe.channels, options)
    checkpoints.begin_with(keras.Model(network.input, {head: network.output[head] for head in heads}), run)
    return network


def answer(heads: dict[str, keras.KerasTensor], first: str, crowd_share: float) -> keras.KerasTensor:
    """The first head, or its mean with the crowd's seven shared classes."""
    if not crowd_share:
        return heads[first]
    seven = heads[CROWD][:, : heads[first].shape[-1]]
    seven = seven / keras.ops.sum(seven, axis=-1, keepdims=True)
    return heads[first] * (1 - crowd_share) + seven * crowd_share


def final_size(recipe: Recipe) -> int:
    """Side of the crops that the trained network takes."""
    return recipe.training.stages[-1].size
