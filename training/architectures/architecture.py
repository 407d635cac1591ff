"""What is known of a network apart from its weights. Each file of this folder ends with one of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

NO_PAPER = "none; a student project's network"


@dataclass(frozen=True)
class Published:
    """A parameter count that somebody printed; tests hold the network to it.

    Attributes:
        parameters: all of them, batch-norm statistics included.
        classes: of the one head.
        options: further arguments of `build`.
        trainable: those that training changes, where that was printed too.
        released: layers of the pretrained part that trained then.
    """

    parameters: int
    classes: int = 7
    options: Mapping[str, Any] = field(default_factory=dict)
    trainable: int | None = None
    released: int | str = "all"


@dataclass(frozen=True)
class Architecture:
    """What a network is, apart from its weights."""

    name: str
    build: Callable[..., keras.Model]
    paper: str
    grows: bool
    """Accepts any image size, so that training may grow the resolution."""
    input_size: int = 48
    channels: int = 1
    """Size and channels of the original; `build` takes others."""
    published: tuple[Published, ...] = ()
    weights_option: str | None = None
    """The argument of `build` that names a file of pretrained weights; 'none' leaves them out."""
    above_pretrained: tuple[str, ...] = ()
    """Names that the first layer above the pretrained ones may have: what a stage releases ends before it."""
