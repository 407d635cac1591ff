"""SimpleCNN 64-64-32 of a student project on RAF-DB: three unpadded convolutions, no dropout, no hidden dense layer.

No paper. The project fed the images 'as loaded'; RAF-DB's aligned faces are 100x100 in colour, hence the defaults.
"""

from collections.abc import Mapping

import keras
from keras import layers

from training.architectures import parts
from training.architectures.architecture import NO_PAPER, Architecture


def build(
    classes: Mapping[str, int],
    *,
    input_size: int = 100,
    channels: int = 3,
    widths: tuple[int, ...] = (64, 64, 32),
) -> keras.Model:
    """uint8 (n, s, s, channels) to {head: softmax (n, classes), "features": the flattened last pooling}.

    Args:
        classes: number of classes of each head, by name.
        input_size: side of the crop.
        channels: 1 or 3.
        widths: filters of each unpadded 3x3 convolution; pooling halves the resolution after each.

    Raises:
        ValueError: the arguments do not describe a network.
    """
    parts.check(classes, input_size=input_size, channels=channels, smallest=3 * 2 ** len(widths) - 2)
    crops = parts.crops_input(input_size, channels)
    x = layers.Rescaling(1 / 255, name="rescale")(crops)
    for row, num_filters in enumerate(widths, start=1):
        x = layers.Conv2D(num_filters, 3, activation="relu", name=f"block{row}_conv")(x)
        x = layers.MaxPooling2D(2, name=f"block{row}_pool")(x)
    x = layers.Flatten(name="flatten")(x)
    return keras.Model(crops, parts.heads(x, classes), name="simple_cnn_64")


ARCHITECTURE = Architecture("simple_cnn_64", build, NO_PAPER, grows=False, input_size=100, channels=3)
