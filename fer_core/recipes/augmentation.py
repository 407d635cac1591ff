"""Random changes of face crops. Training and the preview of the dataset explorer call the same functions.

Geometry (rotation, shift, zoom, shear, flip, resize) is one affine warp an image, so that it is interpolated once.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]


@dataclass(frozen=True)
class Augmentation:
    """Strengths; zero switches a change off.

    Attributes:
        rotation: largest turn in degrees, either way.
        shift: largest shift as a fraction of the side, either way, in x and y.
        zoom: largest relative change of scale, either way; 0.1 is 0.9 to 1.1.
        shear: largest shear in degrees, either way.
        flip: probability of a mirror image.
        brightness: largest change in fractions of 255, either way.
        contrast: largest relative change of contrast around the mean, either way.
        gamma: largest natural logarithm of the gamma exponent, either way.
        blur: probability of a Gaussian blur of sigma up to 1 pixel.
        light: largest natural logarithm of how much brighter a side of the image becomes, in any direction; the other
            side darkens as much.
        shrink: probability that the image is made smaller, down to 0.4 of its side, and enlarged again.
        noise: largest standard deviation of Gaussian noise in fractions of 255.
        cutout: probability of one erased rectangle (arXiv 1708.04552).
        cutout_area: largest share of the image that it covers.
    """

    rotation: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    shear: float = 0.0
    flip: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    gamma: float = 0.0
    light: float = 0.0
    shrink: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    cutout: float = 0.0
    cutout_area: float = 0.2

    @property
    def moves(self) -> bool:
        """Some geometric change is on."""
        return any((self.rotation, self.shift, self.zoom, self.shear, self.flip))


def augment(images: Images, size: int, settings: Augmentation, generator: np.random.Generator) -> Images:
    """One random version of each image.

    Args:
        images: uint8 (n, h, w, c), c of 1 or 3.
        size: side of the square result.
        settings: which changes, how strong.
        generator: the only source of chance.

    Returns:
        uint8 (n, size, size, c).
    """
    result = np.empty((len(images), size, size, images.shape[-1]), np.uint8)
    for row, image in enumerate(images):
        changed = warp(image, size, settings, generator) if settings.moves else resize(image, size)
        changed = photometric(changed, settings, generator)
        result[row] = cutout(changed, settings, generator)
    return result


def resize(image: Images, size: int) -> Images:
    """The image (h, w, c) at (size, size, c): area averaging downwards, bilinear upwards, as in serving."""
    if image.shape[:2] == (size, size):
        return image
    method = cv2.INTER_AREA if image.shape[0] > size else cv2.INTER_LINEAR
    return _channels(cv2.resize(image, (size, size), interpolation=method))


def warp(image: Images, size: int, settings: Augmentation, generator: np.random.Generator) -> Images:
    """The image (h, w, c) turned, moved, zoomed, sheared and mirrored at random, at (size, size, c)."""
    height, width = image.shape[:2]
    matrix = _centred(random_affine(settings, generator), width, height, size)
    method = cv2.INTER_LINEAR
    warped = cv2.warpAffine(image, matrix, (size, size), flags=method, borderMode=cv2.BORDER_REPLICATE)
    return _channels(warped)


def random_affine(settings: Augmentation, generator: np.random.Generator) -> NDArray[np.float64]:
    """A 2x3 matrix about the origin; its shift is in fractions of the side."""
    draw = generator.uniform(-1, 1, 6)
    angle, shear = np.deg2rad([settings.rotation * draw[0], settings.shear * draw[1]])
    scale = 1 + settings.zoom * draw[2]
    mirror = -1.0 if generator.random() < settings.flip else 1.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = scale * turn @ np.array([[1.0, np.tan(shear)], [0.0, 1.0]]) @ np.diag([mirror, 1.0])
    return np.column_stack([linear, settings.shift * draw[3:5]])


def photometric(image: Images, settings: Augmentation, generator: np.random.Generator) -> Images:
    """Gamma, contrast and brightness by one look-up table, then light, shrink, blur and noise, each at random."""
    draw = generator.uniform(-1, 1, 3)
    if settings.brightness or settings.contrast or settings.gamma:
        levels = np.linspace(0, 1, 256) ** np.exp(settings.gamma * draw[0])
        middle = float(image.mean()) / 255
        levels = (levels - middle) * (1 + settings.contrast * draw[1]) + middle + settings.brightness * draw[2]
        image = _channels(cv2.LUT(image, (levels.clip(0, 1) * 255 + 0.5).astype(np.uint8)))
    if settings.light:
        image = lit_from_a_side(image, settings.light, generator)
    if settings.shrink and generator.random() < settings.shrink:
        image = shrunk(image, float(generator.uniform(0.4, 0.9)))
    if settings.blur and generator.random() < settings.blur:
        image = _channels(cv2.GaussianBlur(image, (5, 5), float(generator.uniform(0.3, 1.0))))
    if settings.noise:
        noise = generator.normal(0, 255 * settings.noise * generator.random(), image.shape)
        image = (image + noise).clip(0, 255).astype(np.uint8)
    return image


def lit_from_a_side(image: Images, strength: float, generator: np.random.Generator) -> Images:
    """Light that grows from one side of the image (h, w, c) to the other, from a random direction."""
    height, width = image.shape[:2]
    angle, amount = generator.uniform(0, 2 * np.pi), strength * generator.random()
    across = np.linspace(-np.cos(angle), np.cos(angle), width, dtype=np.float32)
    down = np.linspace(-np.sin(angle), np.sin(angle), height, dtype=np.float32)
    factor = np.exp(amount * (across[np.newaxis, :, np.newaxis] + down[:, np.newaxis, np.newaxis]))
    return np.asarray((image * factor + 0.5).clip(0, 255), np.uint8)


def shrunk(image: Images, factor: float) -> Images:
    """The image (h, w, c) after it was `factor` times as large: fine detail is gone, the size is the same."""
    height, width = image.shape[:2]
    small = cv2.resize(image, (round(width * factor), round(height * factor)), interpolation=cv2.INTER_AREA)
    return _channels(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def cutout(image: Images, settings: Augmentation, generator: np.random.Generator) -> Images:
    """Perhaps one rectangle of the image painted in a random gray."""
    if not settings.cutout or generator.random() >= settings.cutout:
        return image
    height, width = image.shape[:2]
    area = generator.uniform(0.02, settings.cutout_area) * height * width
    ratio = np.exp(generator.uniform(-1, 1))
    tall, wide = min(height, int(np.sqrt(area * ratio)) + 1), min(width, int(np.sqrt(area / ratio)) + 1)
    top, left = generator.integers(0, height - tall + 1), generator.integers(0, width - wide + 1)
    image = image.copy()
    image[top : top + tall, left : left + wide] = generator.integers(0, 256)
    return image


def _centred(affine: NDArray[np.float64], width: int, height: int, size: int) -> NDArray[np.float64]:
    """An affine map about the origin as one from the source's pixels to the result's, about both centres."""
    matrix = affine.copy()
    matrix[:, :2] = affine[:, :2] @ np.diag([size / width, size / height])
    source = np.array([(width - 1) / 2, (height - 1) / 2])
    matrix[:, 2] = affine[:, 2] * size + (size - 1) / 2 - matrix[:, :2] @ source
    return matrix


def _channels(image: NDArray[np.generic]) -> Images:
    """OpenCV drops a single channel; this gives it back."""
    array = np.asarray(image, np.uint8)
    return array[..., np.newaxis] if array.ndim == 2 else array
