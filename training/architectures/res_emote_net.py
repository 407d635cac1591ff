"""ResEmoteNet as a student project modified it (course, autumn 2024): fewer filters, two residual blocks, dense layers.

Roy et al., arXiv 2409.10545 (ResEmoteNet); Hu et al., arXiv 1709.01507 (squeeze-and-excitation). The shortcut of the
halving block pools by averaging and then projects, as ResNet-D does: a strided 1x1 convolution corrupts the heap of
TensorFlow 2.20 and 2.21 in training.
"""

from collections.abc import Mapping

import keras
from keras import layers

from training.architectures import parts
from training.architectures.architecture import Architecture


def build(
    classes: Mapping[str, int],
    *,
    input_size: int = 48,
    channels: int = 1,
    stem: tuple[int, int, int] = (32, 64, 128),
    width: int = 512,
    units: tuple[int, ...] = (256, 512),
    reduction: int = 16,
    dropout: float = 0.25,
) -> keras.Model:
    """uint8 (n, s, s, channels) to {head: softmax (n, classes), "features": (n, units[-1])}.

    Args:
        classes: number of classes of each head, by name.
        input_size: side of the crop.
        channels: 1 or 3.
        stem: filters of the first three convolutions; pooling follows the second and the third.
        width: filters of the fourth convolution and of both residual blocks.
        units: of each dense layer.
        reduction: of the squeeze-and-excitation bottleneck.
        dropout: after each pooling and each dense layer.

    Raises:
        ValueError: the arguments do not describe a network.
    """
    if len(stem) != 3 or not 1 <= reduction <= width:
        raise ValueError(f"stem has 3 widths and reduction lies in 1 to width; came {stem}, {reduction} of {width}")
    parts.check(classes, input_size=input_size, channels=channels)
    crops = parts.crops_input(input_size, channels)
    x = layers.Rescaling(1 / 255, name="rescale")(crops)
    x = parts.conv_norm_relu(x, stem[0], name="stem")
    x = parts.conv_norm_pool(x, stem[1], dropout=dropout, name="block1")
    x = parts.conv_norm_pool(x, stem[2], kernel=5, dropout=dropout, name="block2")
    x = parts.conv_norm_pool(x, width, dropout=dropout, name="block3")
    x = squeeze_excite(x, reduction, name="attention")
    x = residual(x, halve=False, name="residual1")
    x = residual(x, halve=True, name="residual2")
    x = parts.dense_stack(layers.Flatten(name="flatten")(x), units, dropout=dropout)
    return keras.Model(crops, parts.heads(x, classes, dropout=dropout), name="res_emote_net")


def squeeze_excite(x: keras.KerasTensor, reduction: int, *, name: str) -> keras.KerasTensor:
    """Each channel weighted by a number that the whole image decides; no biases, as in ResEmoteNet."""
    num_filters = x.shape[-1]
    weights = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_squeeze")(x)
    for suffix, units, activation in (("reduce", num_filters // reduction, "relu"), ("excite", num_filters, "sigmoid")):
        weights = layers.Dense(units, activation=activation, use_bias=False, name=f"{name}_{suffix}")(weights)
    return layers.Multiply(name=f"{name}_scale")([x, weights])


def residual(x: keras.KerasTensor, *, halve: bool, name: str) -> keras.KerasTensor:
    """Two 3x3 convolutions beside a shortcut of as many filters; `halve` halves the resolution."""
    num_filters, shortcut = x.shape[-1], x
    if halve:
        shortcut = layers.AveragePooling2D(2, padding="same", name=f"{name}_shortcut_pool")(x)
        shortcut = layers.Conv2D(num_filters, 1, name=f"{name}_shortcut_conv")(shortcut)
        shortcut = layers.BatchNormalization(name=f"{name}_shortcut_norm")(shortcut)
    x = layers.Conv2D(num_filters, 3, strides=2 if halve else 1, padding="same", name=f"{name}_conv1")(x)
    x = layers.BatchNormalization(name=f"{name}_norm1")(x)
    x = layers.ReLU(name=f"{name}_relu1")(x)
    x = layers.Conv2D(num_filters, 3, padding="same", name=f"{name}_conv2")(x)
    x = layers.BatchNormalization(name=f"{name}_norm2")(x)
    return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([shortcut, x]))


ARCHITECTURE = Architecture("res_emote_net", build, "arXiv 2409.10545, 1709.01507", grows=False)
