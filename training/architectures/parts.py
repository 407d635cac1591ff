"""What every network here shares: checks before the graph is built, the first and the last layers, named blocks."""

from collections.abc import Mapping, Sequence

import keras
from keras import layers

Outputs = dict[str, keras.KerasTensor]
SMALLEST = 16


def check(
    classes: Mapping[str, int], *, input_size: int | None, channels: int, smallest: int = 0, grows: bool = False
) -> None:
    """Refuse what no network of ours can be.

    Raises:
        ValueError: no head, a head of fewer than two classes, other channels than 1 or 3, or too small an image.
    """
    if not classes:
        raise ValueError("a network needs at least one head; none came")
    if small := {head: count for head, count in classes.items() if count < 2}:
        raise ValueError(f"a head needs at least 2 classes; came {small}")
    if channels not in (1, 3):
        raise ValueError(f"channels are 1 (gray) or 3 (RGB); came {channels}")
    if input_size is None and not grows:
        raise ValueError("this network has one image size; input_size came as None, expected a number of pixels")
    least = max(smallest, SMALLEST)
    if input_size is not None and input_size < least:
        raise ValueError(f"this network needs an input_size of at least {least}; came {input_size}")


def check_lengths(**stages: int) -> None:
    """Refuse arguments that should name the same stages and do not.

    Raises:
        ValueError: the lengths differ.
    """
    if len(set(stages.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in stages.items())
        raise ValueError(f"these name the same stages and must be of one length; came {told}")


def crops_input(input_size: int | None, channels: int) -> keras.KerasTensor:
    return keras.Input((input_size, input_size, channels), dtype="uint8", name="crops")


def three_channels(crops: keras.KerasTensor, *, reverse: bool = False) -> keras.KerasTensor:
    """RGB from gray or RGB crops, for networks pretrained in colour; `reverse` gives BGR."""
    if crops.shape[-1] == 1:
        return layers.Concatenate(name="gray_to_rgb")([crops, crops, crops])
    if not reverse:
        return crops
    return layers.Concatenate(name="rgb_to_bgr")([crops[..., 2:3], crops[..., 1:2], crops[..., 0:1]])


def caffe_input(crops: keras.KerasTensor) -> keras.KerasTensor:
    """BGR minus ImageNet's mean, as the Keras weights of VGG16 and ResNet50 expect it."""
    means = [103.939, 116.779, 123.68]
    return layers.Rescaling(1.0, offset=[-mean for mean in means], name="subtract_mean")(
        three_channels(crops, reverse=True)
    )


def conv_norm_pool(
    x: keras.KerasTensor, num_filters: int, *, name: str, kernel: int = 3, dropout: float = 0.25
) -> keras.KerasTensor:
    """Padded convolution, batch norm, ReLU, 2x2 max pooling and dropout."""
    x = conv_norm_relu(x, num_filters, kernel=kernel, name=name)
    x = layers.MaxPooling2D(2, name=f"{name}_pool")(x)
    return layers.Dropout(dropout, name=f"{name}_dropout")(x)


def conv_norm_relu(x: keras.KerasTensor, num_filters: int, *, name: str, kernel: int = 3) -> keras.KerasTensor:
    """Padded convolution with a bias, batch norm, ReLU."""
    x = layers.Conv2D(num_filters, kernel, padding="same", name=f"{name}_conv")(x)
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def dense_norm_relu(x: keras.KerasTensor, units: int, *, name: str) -> keras.KerasTensor:
    """Dense layer, batch norm, ReLU."""
    x = layers.Dense(units, name=f"{name}_dense")(x)
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def dense_stack(x: keras.KerasTensor, units: Sequence[int], *, dropout: float) -> keras.KerasTensor:
    """dense_norm_relu layers with dropout between them."""
    for row, count in enumerate(units, start=1):
        x = layers.Dropout(dropout, name=f"dense{row}_dropout")(x) if row > 1 else x
        x = dense_norm_relu(x, count, name=f"dense{row}")
    return x


def halve_by_skipping(x: keras.KerasTensor, *, name: str) -> keras.KerasTensor:
    """Every second row and column.

    With a plain 1x1 convolution after it this is, number for number, the strided 1x1 convolution that corrupts the
    heap of TensorFlow 2.20 and 2.21 in training.
    """
    return layers.MaxPooling2D(1, strides=2, name=name)(x)


def heads(x: keras.KerasTensor, classes: Mapping[str, int], *, dropout: float = 0.0) -> Outputs:
    """{head: softmax, "features": x}, all float32 under any precision policy; the dropout stands between the two."""
    features = layers.Activation("linear", dtype="float32", name="features")(x)
    y = layers.Dropout(dropout, name="dropout")(features) if dropout else features
    outputs = {
        head: layers.Dense(count, activation="softmax", dtype="float32", name=head)(y)
        for head, count in classes.items()
    }
    return outputs | {"features": features}
