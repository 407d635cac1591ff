"""ResNet18 under a classifier for expressions, written here because Keras has none.

He et al., arXiv 1512.03385; layout, padding and epsilon of torchvision's, so that its ImageNet weights fit. How these
come: where PyTorch is installed, once,

    state = torch.hub.load_state_dict_from_url("https://download.pytorch.org/models/resnet18-f37072fd.pth")
    numpy.savez("resnet18_imagenet.npz", **{name: value.numpy() for name, value in state.items()})

and the file's path as `weights`. The strided 1x1 convolution of the shortcuts, which corrupts the heap of TensorFlow
2.20 and 2.21 in training, is written as skipping and a plain 1x1 convolution: the same function of the same weights.
"""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
from keras import layers

from fer_core.errors import RecipeError
from training.architectures import parts, pretrained
from training.architectures.architecture import Architecture, Published

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
NORM = ("weight", "bias", "running_mean", "running_var")


def build(
    classes: Mapping[str, int],
    *,
    input_size: int | None = 224,
    channels: int = 3,
    dropout: float = 0.0,
    weights: str = "none",
    widths: tuple[int, ...] = (64, 128, 256, 512),
    depths: tuple[int, ...] = (2, 2, 2, 2),
) -> keras.Model:
    """uint8 (n, s, s, channels) to {head: softmax (n, classes), "features": (n, widths[-1])}.

    Args:
        classes: number of classes of each head, by name.
        input_size: side of the crop, or None for any from 16.
        channels: 1 (repeated to three) or 3 (RGB).
        dropout: before the heads.
        weights: 'none', or the path of an .npz with torchvision's state (see above).
        widths: filters of each stage; each stage after the first halves the resolution.
        depths: residual blocks of each stage.

    Raises:
        ValueError: the arguments do not describe a network.
        RecipeError: the weights are not there, or do not fit; says which file to put where.
    """
    parts.check_lengths(widths=len(widths), depths=len(depths))
    parts.check(classes, input_size=input_size, channels=channels, grows=True)
    file = weights_file(weights)
    crops = parts.crops_input(input_size, channels)
    scale = [1 / (255 * deviation) for deviation in DEVIATION]
    offset = [-mean / deviation for mean, deviation in zip(MEAN, DEVIATION, strict=True)]
    x = layers.Rescaling(scale, offset=offset, name="standardize")(parts.three_channels(crops))
    x = conv_norm(x, widths[0], kernel=7, stride=2, conv="conv1", norm="bn1")
    x = layers.ReLU(name="relu")(x)
    x = layers.MaxPooling2D(3, strides=2, name="maxpool")(layers.ZeroPadding2D(1, name="maxpool_pad")(x))
    for stage, (num_filters, depth) in enumerate(zip(widths, depths, strict=True), start=1):
        for row in range(depth):
            x = residual(x, num_filters, halve=stage > 1 and row == 0, name=f"layer{stage}_{row}")
    x = layers.GlobalAveragePooling2D(name="avgpool")(x)
    model = keras.Model(crops, parts.heads(x, classes, dropout=dropout), name="resnet18")
    if file:
        pretrained.put(model, from_torchvision(file), file)
    return model


def residual(x: keras.KerasTensor, num_filters: int, *, halve: bool, name: str) -> keras.KerasTensor:
    """Two 3x3 convolutions beside a shortcut; `halve` halves the resolution."""
    shortcut = parts.halve_by_skipping(x, name=f"{name}_skip") if halve else x
    if shortcut.shape[-1] != num_filters:
        names = {"conv": f"{name}_downsample_0", "norm": f"{name}_downsample_1"}
        shortcut = conv_norm(shortcut, num_filters, kernel=1, stride=1, **names)
    x = conv_norm(x, num_filters, stride=2 if halve else 1, conv=f"{name}_conv1", norm=f"{name}_bn1")
    x = layers.ReLU(name=f"{name}_relu1")(x)
    x = conv_norm(x, num_filters, stride=1, conv=f"{name}_conv2", norm=f"{name}_bn2")
    return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([shortcut, x]))


def conv_norm(
    x: keras.KerasTensor, num_filters: int, *, stride: int, conv: str, norm: str, kernel: int = 3
) -> keras.KerasTensor:
    """Convolution, padded alike on all sides as PyTorch does, and batch norm."""
    if kernel > 1:
        x = layers.ZeroPadding2D(kernel // 2, name=f"{conv}_pad")(x)
    x = layers.Conv2D(num_filters, kernel, strides=stride, use_bias=False, name=conv)(x)
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=norm)(x)


def weights_file(weights: str) -> Path | None:
    """The file of weights, or None for 'none'.

    Raises:
        RecipeError: there is no such file.
    """
    if weights == "none":
        return None
    if not Path(weights).is_file():
        raise RecipeError(
            f"The ImageNet weights of ResNet18 are not at {weights}. Put resnet18_imagenet.npz there: torchvision's "
            "resnet18-f37072fd.pth (https://download.pytorch.org/models/) saved as arrays, by the two lines at the top "
            "of training/architectures/resnet18.py; or train from scratch with --options.weights none."
        )
    return Path(weights)


def from_torchvision(file: Path) -> pretrained.Weights:
    """Layer names and arrays of Keras from torchvision's; its classifier (fc) stays behind.

    Raises:
        RecipeError: the file does not hold them.
    """
    try:
        with np.load(file, allow_pickle=False) as state:
            kernels = [name.removesuffix(".weight") for name in state.files if state[name].ndim == 4]
            norms = [name.removesuffix(".running_var") for name in state.files if name.endswith(".running_var")]
            found = {name: [state[f"{name}.weight"].transpose(2, 3, 1, 0)] for name in kernels}
            found |= {name: [state[f"{name}.{part}"] for part in NORM] for name in norms}
    except (OSError, KeyError, ValueError) as error:
        raise RecipeError(f"{file} does not hold torchvision's ResNet18 as arrays: {error}.") from error
    return {name.replace(".", "_"): arrays for name, arrays in found.items()}


ARCHITECTURE = Architecture(
    "resnet18",
    build,
    "arXiv 1512.03385",
    grows=True,
    input_size=224,
    channels=3,
    # torchvision's count leaves the 9,600 numbers of batch-norm statistics out.
    published=(Published(11_689_512 + 9_600, classes=1000, trainable=11_689_512),),
    weights_option="weights",
    above_pretrained=("avgpool",),
)
