"""VGG16 pretrained on ImageNet under a classifier for expressions.

Simonyan and Zisserman, arXiv 1409.1556. Two student projects: flatten, dense 256, dropout .5 at 224x224 (21,139,014
parameters at six classes, 6,424,326 trainable while frozen), and global pooling, dropout .2 (14,718,279 at seven).
"""

from collections.abc import Mapping
from typing import Literal

import keras
from keras import layers

from training.architectures import parts, pretrained
from training.architectures.architecture import Architecture, Published

PUBLISHED = "vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"


def build(
    classes: Mapping[str, int],
    *,
    input_size: int = 224,
    channels: int = 3,
    top: Literal["pooling", "flatten"] = "pooling",
    units: int = 256,
    dropout: float | None = None,
    weights: str = "imagenet",
    widths: tuple[int, ...] = (64, 128, 256, 512, 512),
    depths: tuple[int, ...] = (2, 2, 3, 3, 3),
) -> keras.Model:
    """uint8 (n, s, s, channels) to {head: softmax (n, classes), "features": vector before the classifier}.

    Args:
        classes: number of classes of each head, by name.
        input_size: side of the crop.
        channels: 1 (repeated to three) or 3 (RGB).
        top: 'pooling' (global average) or 'flatten' (and one dense layer).
        units: of that dense layer.
        dropout: before the heads; None is .2 after 'pooling' and .5 after 'flatten', as the projects had it.
        weights: 'imagenet' (the file in Keras' cache), 'none', or a path to the file.
        widths: filters of each block; pooling halves the resolution after each.
        depths: 3x3 convolutions of each block.

    Raises:
        ValueError: the arguments do not describe a network.
        RecipeError: the weights are not there; says which file to put where.
    """
    parts.check_lengths(widths=len(widths), depths=len(depths))
    parts.check(classes, input_size=input_size, channels=channels, smallest=2 ** len(widths))
    if top not in ("pooling", "flatten"):
        raise ValueError(f"top is 'pooling' or 'flatten'; came '{top}'")
    file = pretrained.imagenet_file(weights, PUBLISHED)
    crops = parts.crops_input(input_size, channels)
    x = convolutions(parts.caffe_input(crops), widths, depths)
    if top == "flatten":
        x = layers.Dense(units, activation="relu", name="dense")(layers.Flatten(name="flatten")(x))
    else:
        x = layers.GlobalAveragePooling2D(name="pooling")(x)
    chosen = {"pooling": 0.2, "flatten": 0.5}[top] if dropout is None else dropout
    model = keras.Model(crops, parts.heads(x, classes, dropout=chosen), name="vgg16")
    if file:
        pretrained.load_h5(model, file)
    return model


def convolutions(x: keras.KerasTensor, widths: tuple[int, ...], depths: tuple[int, ...]) -> keras.KerasTensor:
    """Blocks of 3x3 convolutions and a pooling, under the names of Keras' weight file."""
    for block, (num_filters, depth) in enumerate(zip(widths, depths, strict=True), start=1):
        for row in range(1, depth + 1):
            name = f"block{block}_conv{row}"
            x = layers.Conv2D(num_filters, 3, padding="same", activation="relu", name=name)(x)
        x = layers.MaxPooling2D(2, name=f"block{block}_pool")(x)
    return x


SCRATCH = {"weights": "none"}
COUNTS = (
    Published(14_718_279, options=SCRATCH),
    Published(21_139_014, 6, SCRATCH | {"top": "flatten"}, trainable=6_424_326, released=0),
)
ARCHITECTURE = Architecture(
    "vgg16",
    build,
    "arXiv 1409.1556",
    False,
    input_size=224,
    channels=3,
    published=COUNTS,
    weights_option="weights",
    above_pretrained=("pooling", "flatten"),
)
