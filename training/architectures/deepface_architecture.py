"""The layers of DeepFace's emotion network, for training by us. Not DeepFace's weights: none of theirs are in it.

Serengil and Ozpinar, LightFace, doi 10.1109/ASYU50717.2020.9259802; 1,485,831 parameters at seven classes.
"""

from collections.abc import Mapping

import keras
from keras import layers

from training.architectures import parts
from training.architectures.architecture import Architecture, Published


def build(
    classes: Mapping[str, int],
    *,
    input_size: int = 48,
    channels: int = 1,
    widths: tuple[int, int, int] = (64, 64, 128),
    units: tuple[int, ...] = (1024, 1024),
    dropout: float = 0.2,
) -> keras.Model:
    """uint8 (n, s, s, channels) to {head: softmax (n, classes), "features": (n, units[-1])}.

    Args:
        classes: number of classes of each head, by name.
        input_size: side of the crop.
        channels: 1 or 3.
        widths: filters of the 5x5 convolution, of the second pair of convolutions and of the third.
        units: of each dense layer.
        dropout: after each dense layer.

    Raises:
        ValueError: the arguments do not describe a network.
    """
    if len(widths) != 3:
        raise ValueError(f"widths are three numbers; came {widths}")
    parts.check(classes, input_size=input_size, channels=channels, smallest=45)
    crops = parts.crops_input(input_size, channels)
    x = layers.Rescaling(1 / 255, name="rescale")(crops)
    x = layers.Conv2D(widths[0], 5, activation="relu", name="block1_conv")(x)
    x = layers.MaxPooling2D(5, strides=2, name="block1_pool")(x)
    for row, num_filters in enumerate(widths[1:], start=2):
        x = layers.Conv2D(num_filters, 3, activation="relu", name=f"block{row}_conv1")(x)
        x = layers.Conv2D(num_filters, 3, activation="relu", name=f"block{row}_conv2")(x)
        x = layers.AveragePooling2D(3, strides=2, name=f"block{row}_pool")(x)
    x = layers.Flatten(name="flatten")(x)
    for row, count in enumerate(units, start=1):
        x = layers.Dropout(dropout, name=f"dense{row}_dropout")(x) if row > 1 else x
        x = layers.Dense(count, activation="relu", name=f"dense{row}")(x)
    return keras.Model(crops, parts.heads(x, classes, dropout=dropout), name="deepface_architecture")


ARCHITECTURE = Architecture(
    "deepface_architecture",
    build,
    "doi 10.1109/ASYU50717.2020.9259802",
    grows=False,
    published=(Published(1_485_831),),
)
