"""Four convolutions and two dense layers for gray 48x48 faces, known from many FER2013 notebooks.

No paper; the notebook of March 2024 whose log we have prints 4,478,727 parameters and 65.75 % validation at best
(Adam 1e-3, batch 128, no augmentation).
"""

from collections.abc import Mapping

import keras
from keras import layers

from training.architectures import parts
from training.architectures.architecture import NO_PAPER, Architecture, Published


def build(
    classes: Mapping[str, int],
    *,
    input_size: int = 48,
    channels: int = 1,
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
        widths: filters of each convolution; pooling halves the resolution after each.
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
    for row, (num_filters, kernel) in enumerate(zip(widths, kernels, strict=True), start=1):
        x = parts.conv_norm_pool(x, num_filters, kernel=kernel, dropout=dropout, name=f"block{row}")
    x = parts.dense_stack(layers.Flatten(name="flatten")(x), units, dropout=dropout)
    return keras.Model(crops, parts.heads(x, classes, dropout=dropout), name="four_conv_cnn")


# grows: takes any image size. published: leave it out where nobody printed a number of parameters.
ARCHITECTURE = Architecture("four_conv_cnn", build, NO_PAPER, grows=False, published=(Published(4_478_727),))
