"""CNN 100 and CNN 48 of a student project (2022-23): four unpadded convolutions and two small dense layers.

No paper. One network, two image sizes: `cnn_100` on RAF-DB's 100x100, `cnn_48` at 48x48, where a single position is
left before the dense layers.
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
    channels: int = 1,
    widths: tuple[int, ...] = (32, 64, 64, 64),
    units: tuple[int, ...] = (64, 64),
) -> keras.Model:
    """uint8 (n, s, s, channels) to {head: softmax (n, classes), "features": (n, units[-1])}.

    Args:
        classes: number of classes of each head, by name.
        input_size: side of the crop.
        channels: 1 or 3.
        widths: filters of each unpadded 3x3 convolution; pooling halves the resolution after each.
        units: of each dense layer.

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
    for row, count in enumerate(units, start=1):
        x = layers.Dense(count, activation="relu", name=f"dense{row}")(x)
    return keras.Model(crops, parts.heads(x, classes), name="cnn_100")


CNN_48 = Architecture("cnn_48", build, NO_PAPER, grows=False)
CNN_100 = Architecture("cnn_100", build, NO_PAPER, grows=False, input_size=100)
