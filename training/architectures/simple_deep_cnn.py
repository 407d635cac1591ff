"""SimpleDeepCNN of a student project (course, autumn 2024): five convolutions and two dense layers for gray 48x48.

No paper; described in the project's own run (65.4 % validation on FER2013 after 45 epochs of Adam 1e-3, batch 64).
"""

from collections.abc import Mapping

import keras
from keras import layers

from training.architectures import parts
from training.architectures.architecture import NO_PAPER, Architecture


def build(
    classes: Mapping[str, int],
    *,
    input_size: int = 48,
    channels: int = 1,
    stem: int = 32,
    widths: tuple[int, ...] = (64, 128, 512, 512),
    kernels: tuple[int, ...] = (3, 5, 3, 3),
    units: tuple[int, ...] = (256, 512),
    dropout: float = 0.25,
) -> keras.Model:
    """uint8 (n, s, s, channels) to {head: softmax (n, classes), "features": (n, units[-1])}.

    Args:
        classes: number of classes of each head, by name.
        input_size: side of the crop.
        channels: 1 or 3.
        stem: filters of the first convolution, which has no pooling.
        widths: filters of each convolution that is followed by pooling.
        kernels: sides of these convolutions.
        units: of each dense layer.
        dropout: after each pooling and each dense layer.

    Raises:
        ValueError: the arguments do not describe a network.
    """
    parts.check_lengths(widths=len(widths), kernels=len(kernels))
    parts.check(classes, input_size=input_size, channels=channels, smallest=2 ** len(widths))
    crops = parts.crops_input(input_size, channels)
    x = layers.Rescaling(1 / 255, name="rescale")(crops)
    x = parts.conv_norm_relu(x, stem, name="stem")
    for row, (num_filters, kernel) in enumerate(zip(widths, kernels, strict=True), start=1):
        x = parts.conv_norm_pool(x, num_filters, kernel=kernel, dropout=dropout, name=f"block{row}")
    x = parts.dense_stack(layers.Flatten(name="flatten")(x), units, dropout=dropout)
    return keras.Model(crops, parts.heads(x, classes, dropout=dropout), name="simple_deep_cnn")


ARCHITECTURE = Architecture("simple_deep_cnn", build, NO_PAPER, grows=False)
