"""One network per file. A new file is found by itself: it has a `build` and ends with an `Architecture`.

A `build` takes {head: classes} and gives a Keras model whose outputs are {head: softmax, "features": vector}.
"""

import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

import keras

from fer_core.errors import RecipeError
from training.architectures.architecture import Architecture, Published

__all__ = ["ARCHITECTURES", "Architecture", "Published", "build", "get", "release"]


def _found() -> Iterator[Architecture]:
    for module in pkgutil.iter_modules(__path__):
        members = vars(import_module(f"{__name__}.{module.name}")).values()
        yield from (one for one in members if isinstance(one, Architecture))


def _by_name(found: Iterable[Architecture]) -> dict[str, Architecture]:
    rows: dict[str, Architecture] = {}
    for row in found:
        if row.name in rows:
            raise RecipeError(f"Two files of training/architectures have a network '{row.name}'. Rename one of them.")
        rows[row.name] = row
    return rows


ARCHITECTURES: Mapping[str, Architecture] = _by_name(_found())


def get(name: str) -> Architecture:
    """The architecture of that name.

    Raises:
        RecipeError: there is none.
    """
    if name not in ARCHITECTURES:
        raise RecipeError(f"There is no architecture '{name}'; here are {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[name]


def build(
    name: str, heads: Mapping[str, int], input_size: int | None, channels: int, options: Mapping[str, Any]
) -> keras.Model:
    """The network of that name: uint8 crops to {head: softmax, "features": vector}.

    Raises:
        RecipeError: there is none, or it cannot be built so; says why.
    """
    architecture = get(name)
    try:
        return architecture.build(dict(heads), input_size=input_size, channels=channels, **options)
    except (ValueError, TypeError) as error:
        came = f"input_size {input_size} and options {dict(options)}"
        raise RecipeError(f"'{name}' cannot be built with {came}: {error}.") from error


def release(model: keras.Model, name: str, released: int | str) -> None:
    """Let the top so many layers with weights of the pretrained part train, and all above it; the rest is held fixed.

    Batch norms that are held fixed keep their statistics too.

    Raises:
        RecipeError: the network has no pretrained part.
    """
    if released == "all":
        for layer in model.layers:
            layer.trainable = True
        return
    above = [row for row, layer in enumerate(model.layers) if layer.name in get(name).above_pretrained]
    if not above:
        raise RecipeError(f"'{name}' has no pretrained part; its stages cannot say how much of it is released.")
    inner = [layer for layer in model.layers[: above[0]] if layer.weights]
    for number, layer in enumerate(reversed(inner)):
        layer.trainable = number < int(released)
