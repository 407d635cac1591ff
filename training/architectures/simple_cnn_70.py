"""SimpleCNN 32-64-128 of a student project on RAF-DB: gray 70x70, growing dropout.

No paper. Convolutions are unpadded, Keras' default, as the project's description names no padding.
"""

from collections.abc import Mapping

import keras
from keras import layers

from training.architectures import parts
from training.architectures.architecture import NO_PAPER, Architecture


def build(
    classes: Mapping[str, int],
    *,
    input_size: int = 70,
    channels: int = 1,
    widths: tuple[int, int, int] = (32, 64, 128),
    units: int = 128,
    dropouts: tuple[float, float, float] = (0.2, 0.3, 0.4),
) -> keras.Model:
    """uint8 (n, s, s, channels) to {head: softmax (n, classes), "features": (n, units)}.

    Args:
        classes: number of classes of each head, by name.
        input_size: side of the crop.
        channels: 1 or 3.
        widths: filters of the three convolutions; the last one has no pooling.
        units: of the dense layer.
        dropouts: after each pooling and after the dense layer.

    Raises:
        ValueError: the arguments do not describe a network.
    """
    parts.check_lengths(widths=len(widths), dropouts=len(dropouts))
    *pooled, last = widths
    parts.check(classes, input_size=input_size, channels=channels, smallest=5 * 2 ** len(pooled) - 2)
    crops = parts.crops_input(input_size, channels)
    x = layers.Rescaling(1 / 255, name="rescale")(crops)
    for row, (num_filters, dropout) in enumerate(zip(pooled, dropouts[:-1], strict=True), start=1):
        x = layers.Conv2D(num_filters, 3, activation="relu", name=f"block{row}_conv")(x)
        x = layers.MaxPooling2D(2, name=f"block{row}_pool")(x)
        x = layers.Dropout(dropout, name=f"block{row}_dropout")(x)
    x = layers.Conv2D(last, 3, activation="relu", name="last_conv")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(units, activation="relu", name="dense")(x)
    return keras.Model(crops, parts.heads(x, classes, dropout=dropouts[-1]), name="simple_cnn_70")


ARCHITECTURE = Architecture("simple_cnn_70", build, NO_PAPER, grows=False, input_size=70)
