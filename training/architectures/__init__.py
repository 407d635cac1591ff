"""One network per file; the registry names them. A `build` takes {head: classes} and gives a Keras model whose outputs
are {head: softmax, "features": vector}.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from fer_core.errors import RecipeError
from training.architectures import (
    cnn_100,
    deepface_architecture,
    faceres_finetune,
    four_conv_cnn,
    house,
    mobilenet_v2,
    res_emote_net,
    resnet18,
    resnet50,
    simple_cnn_64,
    simple_cnn_70,
    simple_deep_cnn,
    vgg16,
)


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


NO_PAPER = "none; a student project's network"
SCRATCH = {"weights": "none"}
VGG16 = (
    Published(14_718_279, options=SCRATCH),
    Published(21_139_014, 6, SCRATCH | {"top": "flatten"}, trainable=6_424_326, released=0),
)
DEEPFACE = "doi 10.1109/ASYU50717.2020.9259802"

ARCHITECTURES: Mapping[str, Architecture] = {
    row.name: row
    for row in (
        Architecture(
            "house",
            house.build,
            "arXiv 1512.03385, 1709.01507, 1812.01187",
            grows=True,
            above_pretrained=("features",),
        ),
        Architecture("simple_deep_cnn", simple_deep_cnn.build, NO_PAPER, grows=False),
        Architecture("simple_cnn_64", simple_cnn_64.build, NO_PAPER, grows=False, input_size=100, channels=3),
        Architecture("simple_cnn_70", simple_cnn_70.build, NO_PAPER, grows=False, input_size=70),
        Architecture("four_conv_cnn", four_conv_cnn.build, NO_PAPER, grows=False, published=(Published(4_478_727),)),
        Architecture("res_emote_net", res_emote_net.build, "arXiv 2409.10545, 1709.01507", grows=False),
        Architecture("cnn_48", cnn_100.build, NO_PAPER, grows=False),
        Architecture("cnn_100", cnn_100.build, NO_PAPER, grows=False, input_size=100),
        Architecture(
            "vgg16",
            vgg16.build,
            "arXiv 1409.1556",
            False,
            input_size=224,
            channels=3,
            published=VGG16,
            weights_option="weights",
            above_pretrained=("pooling", "flatten"),
        ),
        Architecture(
            "resnet50",
            resnet50.build,
            "arXiv 1512.03385",
            grows=True,
            input_size=224,
            channels=3,
            published=(Published(23_602_055, options=SCRATCH),),
            weights_option="weights",
            above_pretrained=("pooling",),
        ),
        Architecture(
            "mobilenet_v2",
            mobilenet_v2.build,
            "arXiv 1801.04381",
            grows=False,
            input_size=224,
            channels=3,
            weights_option="weights",
            above_pretrained=("pooling",),
        ),
        Architecture(
            "resnet18",
            resnet18.build,
            "arXiv 1512.03385",
            grows=True,
            input_size=224,
            channels=3,
            # torchvision's count leaves the 9,600 numbers of batch-norm statistics out.
            published=(Published(11_689_512 + 9_600, classes=1000, trainable=11_689_512),),
            weights_option="weights",
            above_pretrained=("avgpool",),
        ),
        Architecture(
            "deepface_architecture",
            deepface_architecture.build,
            DEEPFACE,
            grows=False,
            published=(Published(1_485_831),),
        ),
        Architecture(
            "faceres_finetune",
            faceres_finetune.build,
            "arXiv 1704.04861",
            grows=True,
            input_size=96,
            channels=3,
            weights_option="backbone",
            above_pretrained=("pooling",),
        ),
    )
}


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
