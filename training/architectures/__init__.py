"""One network a file; the registry names them. A `build` takes {head: classes} and gives a Keras model whose outputs
are {head: softmax, "features": vector}.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import keras

from fer_core.errors import RecipeError
from training.architectures import house


@dataclass(frozen=True)
class Architecture:
    """What a network is, apart from its weights."""

    name: str
    build: Callable[..., keras.Model]
    paper: str
    grows: bool
    """Accepts any image size, so that training may grow the resolution."""


ARCHITECTURES: Mapping[str, Architecture] = {
    row.name: row
    for row in (Architecture("house", house.build, "arXiv 1512.03385, 1709.01507, 1812.01187", grows=True),)
}


def get(name: str) -> Architecture:
    """The architecture of that name.

    Raises:
        RecipeError: there is none.
    """
    if name not in ARCHITECTURES:
        raise RecipeError(f"There is no architecture '{name}'; here are {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[name]
