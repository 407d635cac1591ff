"""MobileNetV2 of keras.applications, pretrained on ImageNet, under a classifier for expressions.

Sandler et al., arXiv 1801.04381. It halves the resolution by strided depthwise 3x3 convolutions only; a test holds that
no 1x1 convolution of it has a stride.
"""

from collections.abc import Mapping

import keras
from keras import layers

from training.architectures import parts, pretrained
from training.architectures.architecture import Architecture

PUBLISHED = "mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{width}_224_no_top.h5"


def build(
    classes: Mapping[str, int],
    *,
    input_size: int = 224,
    channels: int = 3,
    width: float = 1.0,
    dropout: float = 0.2,
    weights: str = "imagenet",
) -> keras.Model:
    """uint8 (n, s, s, channels) to {head: softmax (n, classes), "features": (n, 1280)}.

    Args:
        classes: number of classes of each head, by name.
        input_size: side of the crop.
        channels: 1 (repeated to three) or 3 (RGB).
        width: factor on all numbers of filters; ImageNet weights exist for .35, .5, .75, 1, 1.3 and 1.4.
        dropout: before the heads.
        weights: 'imagenet' (the file in Keras' cache), 'none', or a path to the file.

    Raises:
        ValueError: the arguments do not describe a network.
        RecipeError: the weights are not there; says which file to put where.
    """
    parts.check(classes, input_size=input_size, channels=channels, smallest=32)
    if width <= 0:
        raise ValueError(f"width is a factor above 0; came {width}")
    file = pretrained.imagenet_file(weights, PUBLISHED.format(width=width))
    crops = parts.crops_input(input_size, channels)
    x = layers.Rescaling(1 / 127.5, offset=-1, name="rescale")(parts.three_channels(crops))
    x = keras.applications.MobileNetV2(input_tensor=x, alpha=width, include_top=False, weights=None).output
    x = layers.GlobalAveragePooling2D(name="pooling")(x)
    model = keras.Model(crops, parts.heads(x, classes, dropout=dropout), name="mobilenet_v2")
    if file:
        pretrained.load_h5(model, file)
    return model


ARCHITECTURE = Architecture(
    "mobilenet_v2",
    build,
    "arXiv 1801.04381",
    grows=False,
    input_size=224,
    channels=3,
    weights_option="weights",
    above_pretrained=("pooling",),
)
