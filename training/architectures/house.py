"""The house network: a small residual net with squeeze-and-excitation for gray 48x48 faces.

He et al., arXiv 1512.03385 (residual blocks); Hu et al., arXiv 1709.01507 (squeeze-and-excitation); He et al., arXiv
1812.01187 (ResNet-D: average pooling before the 1x1 projection, which also avoids the strided 1x1 convolution that
corrupts the heap of TensorFlow 2.20 and 2.21).

The first stage stays at full resolution but is narrow and short; most of the arithmetic happens at 12x12 and 6x6,
where two cores reach twice the multiply-adds a second.
"""

from collections.abc import Mapping, Sequence

import keras
from keras import layers

from training.architectures import parts
from training.architectures.architecture import Architecture


def build(
    classes: Mapping[str, int],
    *,
    input_size: int | None = 48,
    channels: int = 1,
    widths: Sequence[int] = (24, 64, 128, 256),
    depths: Sequence[int] = (1, 2, 3, 3),
    reduction: int = 16,
    dropout: float = 0.3,
) -> keras.Model:
    """uint8 (n, s, s, channels) to {head: softmax (n, classes), "features": (n, widths[-1])}.

    Args:
        classes: number of classes of each head, by name.
        input_size: side of the crop, or None for any size from 16.
        channels: 1 or 3.
        widths: filters of each stage; each stage after the first halves the resolution.
        depths: residual blocks of each stage.
        reduction: of the squeeze-and-excitation bottleneck.
        dropout: before the heads.

    Raises:
        ValueError: the arguments do not describe a network.
    """
    parts.check_lengths(widths=len(widths), depths=len(depths))
    parts.check(classes, input_size=input_size, channels=channels, grows=True)
    crops = parts.crops_input(input_size, channels)
    x = layers.Rescaling(1 / 127.5, offset=-1, name="rescale")(crops)
    x = conv_norm(x, widths[0], name="stem")
    for stage, (num_filters, depth) in enumerate(zip(widths, depths, strict=True), start=1):
        for block in range(1, depth + 1):
            halve = stage > 1 and block == 1
            x = residual_block(x, num_filters, halve=halve, reduction=reduction, name=f"stage{stage}_block{block}")
    features = layers.GlobalAveragePooling2D(name="features", dtype="float32")(x)
    x = layers.Dropout(dropout, name="dropout")(features)
    outputs = {
        head: layers.Dense(count, activation="softmax", dtype="float32", name=head)(x)
        for head, count in classes.items()
    }
    return keras.Model(crops, outputs | {"features": features}, name="house")


def conv_norm(
    x: keras.KerasTensor, num_filters: int, *, name: str, kernel: int = 3, activate: bool = True
) -> keras.KerasTensor:
    """Convolution, batch norm and, when asked, ReLU."""
    x = layers.Conv2D(num_filters, kernel, padding="same", use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(momentum=0.95, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x) if activate else x


def squeeze_excite(x: keras.KerasTensor, reduction: int, *, name: str) -> keras.KerasTensor:
    """Each channel weighted by a number that the whole image decides."""
    num_filters = x.shape[-1]
    weights = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_squeeze")(x)
    weights = layers.Conv2D(max(num_filters // reduction, 8), 1, activation="relu", name=f"{name}_reduce")(weights)
    weights = layers.Conv2D(num_filters, 1, activation="sigmoid", name=f"{name}_excite")(weights)
    return layers.Multiply(name=f"{name}_scale")([x, weights])


def residual_block(
    x: keras.KerasTensor, num_filters: int, *, halve: bool, reduction: int, name: str
) -> keras.KerasTensor:
    """Two 3x3 convolutions with squeeze-and-excitation beside a shortcut; `halve` halves the resolution."""
    shortcut = x
    if halve:
        shortcut = layers.AveragePooling2D(2, name=f"{name}_shortcut_pool")(shortcut)
    if shortcut.shape[-1] != num_filters:
        shortcut = conv_norm(shortcut, num_filters, kernel=1, activate=False, name=f"{name}_shortcut")
    x = layers.Conv2D(num_filters, 3, strides=2 if halve else 1, padding="same", use_bias=False, name=f"{name}_conv1")(
        x
    )
    x = layers.BatchNormalization(momentum=0.95, name=f"{name}_norm1")(x)
    x = layers.ReLU(name=f"{name}_relu1")(x)
    x = conv_norm(x, num_filters, activate=False, name=f"{name}_second")
    x = squeeze_excite(x, reduction, name=name)
    return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([shortcut, x]))


ARCHITECTURE = Architecture(
    "house",
    build,
    "arXiv 1512.03385, 1709.01507, 1812.01187",
    grows=True,
    above_pretrained=("features",),
)
