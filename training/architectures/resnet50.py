"""ResNet50 pretrained on ImageNet under a classifier for expressions.

He et al., arXiv 1512.03385; the layout and the names of Keras' weight file. With global pooling and dropout .2 it has
the 23,602,055 parameters of a student project (seven classes).

`keras.applications.ResNet50` halves the resolution by strided 1x1 convolutions, which corrupt the heap of TensorFlow
2.20 and 2.21 in training. Here every second row and column is taken first and a plain 1x1 convolution follows: the
same function of the same weights (a test compares the two).
"""

from collections.abc import Mapping

import keras
from keras import layers

from training.architectures import parts, pretrained
from training.architectures.architecture import Architecture, Published

PUBLISHED = "resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"


def build(
    classes: Mapping[str, int],
    *,
    input_size: int | None = 224,
    channels: int = 3,
    dropout: float = 0.2,
    weights: str = "imagenet",
    widths: tuple[int, ...] = (64, 128, 256, 512),
    depths: tuple[int, ...] = (3, 4, 6, 3),
) -> keras.Model:
    """uint8 (n, s, s, channels) to {head: softmax (n, classes), "features": (n, 4 * widths[-1])}.

    Args:
        classes: number of classes of each head, by name.
        input_size: side of the crop, or None for any from 16.
        channels: 1 (repeated to three) or 3 (RGB).
        dropout: before the heads.
        weights: 'imagenet' (the file in Keras' cache), 'none', or a path to the file.
        widths: filters of the 3x3 convolutions of each stage; four times as many come out.
        depths: blocks of each stage.

    Raises:
        ValueError: the arguments do not describe a network.
        RecipeError: the weights are not there; says which file to put where.
    """
    parts.check_lengths(widths=len(widths), depths=len(depths))
    parts.check(classes, input_size=input_size, channels=channels, grows=True)
    file = pretrained.imagenet_file(weights, PUBLISHED)
    crops = parts.crops_input(input_size, channels)
    x = stem(parts.caffe_input(crops), widths[0])
    for stage, (num_filters, depth) in enumerate(zip(widths, depths, strict=True), start=2):
        for row in range(1, depth + 1):
            halve = stage > 2 and row == 1
            x = bottleneck(x, num_filters, project=row == 1, halve=halve, name=f"conv{stage}_block{row}")
    x = layers.GlobalAveragePooling2D(name="pooling")(x)
    model = keras.Model(crops, parts.heads(x, classes, dropout=dropout), name="resnet50")
    if file:
        pretrained.load_h5(model, file)
    return model


def stem(x: keras.KerasTensor, num_filters: int) -> keras.KerasTensor:
    """7x7 convolution and pooling: a quarter of the resolution."""
    x = layers.ZeroPadding2D(3, name="conv1_pad")(x)
    x = layers.Conv2D(num_filters, 7, strides=2, name="conv1_conv")(x)
    x = norm(x, "conv1_bn")
    x = layers.ReLU(name="conv1_relu")(x)
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    return layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)


def bottleneck(x: keras.KerasTensor, num_filters: int, *, project: bool, halve: bool, name: str) -> keras.KerasTensor:
    """1x1, 3x3 and 1x1 convolution beside a shortcut, which the first block of a stage projects."""
    if halve:
        x = parts.halve_by_skipping(x, name=f"{name}_skip")
    shortcut = x
    if project:
        shortcut = norm(layers.Conv2D(4 * num_filters, 1, name=f"{name}_0_conv")(x), f"{name}_0_bn")
    for row, (count, kernel) in enumerate(((num_filters, 1), (num_filters, 3), (4 * num_filters, 1)), start=1):
        x = layers.Conv2D(count, kernel, padding="same", name=f"{name}_{row}_conv")(x)
        x = norm(x, f"{name}_{row}_bn")
        x = layers.ReLU(name=f"{name}_{row}_relu")(x) if row < 3 else x
    return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([shortcut, x]))


def norm(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.BatchNormalization(epsilon=1.001e-5, name=name)(x)


ARCHITECTURE = Architecture(
    "resnet50",
    build,
    "arXiv 1512.03385",
    grows=True,
    input_size=224,
    channels=3,
    published=(Published(23_602_055, options={"weights": "none"}),),
    weights_option="weights",
    above_pretrained=("pooling",),
)
