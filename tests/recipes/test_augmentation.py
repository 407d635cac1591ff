"""What augmentation may change, and what it must leave alone."""

import numpy as np
import pytest

from fer_core.datasets import base
from fer_core.recipes.augmentation import Augmentation, augment, random_affine, resize


def faces(count=4, side=48, channels=1):
    return np.random.default_rng(0).integers(0, 256, (count, side, side, channels), np.uint8)


def generator():
    return np.random.default_rng(7)


@pytest.mark.parametrize("channels", [1, 3])
def test_nothing_switched_on_changes_nothing(channels):
    images = faces(channels=channels)
    assert np.array_equal(augment(images, 48, Augmentation(), generator()), images)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [32, 40, 48, 64])
def test_the_result_has_the_size_that_was_asked_for(channels, size):
    settings = Augmentation(rotation=10, flip=0.5, brightness=0.1, blur=1, noise=0.1, cutout=1)
    result = augment(faces(channels=channels), size, settings, generator())
    assert result.shape == (4, size, size, channels)
    assert result.dtype == np.uint8


def test_a_certain_flip_is_the_mirror_image():
    images = faces()
    assert np.array_equal(augment(images, 48, Augmentation(flip=1), generator()), images[:, :, ::-1])


def test_the_same_generator_gives_the_same_images():
    settings = Augmentation(rotation=15, shift=0.1, zoom=0.1, flip=0.5, gamma=0.3, noise=0.05, cutout=0.5)
    first, second = (augment(faces(), 48, settings, generator()) for _ in range(2))
    assert np.array_equal(first, second)


def test_turning_and_zooming_leave_the_middle_where_it_is():
    images = np.zeros((20, 49, 49, 1), np.uint8)
    images[:, 22:27, 22:27] = 255
    result = augment(images, 49, Augmentation(rotation=40, zoom=0.2, shear=5), generator()).astype(float)
    rows, columns = np.indices((49, 49))
    weights = result[..., 0]
    middles = [
        [(weights[row] * axis).sum() / weights[row].sum() for axis in (rows, columns)] for row in range(len(images))
    ]
    assert np.allclose(middles, 24, atol=0.2)


def test_a_shift_is_no_longer_than_asked_for():
    shifts = [random_affine(Augmentation(shift=0.1), np.random.default_rng(seed))[:, 2] for seed in range(200)]
    assert np.abs(shifts).max() <= 0.1
    assert np.abs(shifts).max() > 0.09


def test_shrinking_an_even_image_keeps_its_gray():
    images = np.full((1, 48, 48, 1), 77, np.uint8)
    assert np.unique(augment(images, 32, Augmentation(rotation=30, shift=0.2), generator())).tolist() == [77]


def test_cutout_erases_one_rectangle_of_the_allowed_area():
    images = np.full((50, 48, 48, 1), 100, np.uint8)
    changed = (augment(images, 48, Augmentation(cutout=1, cutout_area=0.2), generator()) != 100).mean((1, 2, 3))
    assert changed.max() <= 0.2 + 2 * 49 / 48**2
    assert (changed > 0).sum() >= 45


def test_brightness_moves_the_mean_both_ways():
    images = np.full((100, 16, 16, 1), 128, np.uint8)
    means = augment(images, 16, Augmentation(brightness=0.2), generator()).mean((1, 2, 3))
    assert means.min() < 100
    assert means.max() > 156
    assert np.abs(means - 128).max() <= 0.2 * 255 + 1


def test_the_input_stays_as_it_was():
    images = faces()
    before = images.copy()
    augment(images, 48, Augmentation(flip=1, cutout=1, noise=0.2, brightness=0.2), generator())
    assert np.array_equal(images, before)


@pytest.mark.parametrize(("side", "size"), [(48, 96), (96, 48), (48, 48)])
def test_a_size_is_reached_in_training_as_it_is_in_serving(side, size):
    image = np.random.default_rng(4).integers(0, 256, (side, side, 1), np.uint8)
    assert np.array_equal(resize(image, size), base.fit(image[..., 0], size, 1))
