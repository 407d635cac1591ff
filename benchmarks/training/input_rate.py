"""Images per second in training: our input pipeline against the student projects' ImageDataGenerator, in one run.

    python -m benchmarks.training.input_rate [--data PATH] [--images 8192] [--rounds 3]

Both feed the same network (CNN 48, small enough for the input to matter) with the same images, batch, precision, random
shifts of a tenth and mirrored images; the generator as the projects' notebooks had it: rescale, width and height shift,
flip, its flow into `fit`. The two take turns; the best round of each counts. The first row is the input alone. Where
FER2013 is not at the path, noise of its shape stands in: the work is the same.
"""

import argparse
import os
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the trainer has it

import keras
import numpy as np
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from numpy.typing import NDArray

from fer_core.datasets import open_dataset
from fer_core.recipes.augmentation import Augmentation
from fer_core.recipes.schema import Recipe, Training
from training import architectures
from training.data import batches as data
from training.data.sources import ArrayPool, Part
from training.data.targets import one_hot

BATCH = 64
TINY = {"widths": (2, 2, 2, 2), "units": (8, 8)}
NETWORKS: dict[str, tuple[int, dict[str, Any]]] = {
    "tiny, batch 512": (512, TINY),
    "tiny network": (BATCH, TINY),
    "CNN 48": (BATCH, {}),
}
"""Batch, and options of CNN 48: networks small enough to wait for their input, and the project's own. A batch costs
Keras some milliseconds whatever the network, which large batches share among more images."""
Images = NDArray[np.uint8]
Labels = NDArray[np.int64]
Count = Callable[[], int]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training.input_rate", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("datasets/fer2013"))
    parser.add_argument("--images", type=int, default=8192)
    parser.add_argument("--rounds", type=int, default=3)
    known = parser.parse_args()
    warnings.simplefilter("ignore")
    images, labels = given(known.data, known.images)
    contests = {
        "input alone": (lambda: drain(ours(images, labels)), lambda: drain(theirs(images, labels))),
        **{
            name: (trainer(ours, images, labels, *network), trainer(theirs, images, labels, *network))
            for name, network in NETWORKS.items()
        },
    }
    print(f"{'':16} {'ours':>9} {'theirs':>9} {'ratio':>6}   images/s, {len(images)} images, batch {BATCH} unless said")
    for name, contestants in contests.items():
        first, second = best(contestants, known.rounds)
        print(f"{name:16} {first:9.0f} {second:9.0f} {first / second:6.2f}", flush=True)


def given(path: Path, count: int) -> tuple[Images, Labels]:
    """uint8 (n, 48, 48, 1) and classes (n,)."""
    if path.exists():
        stored = open_dataset(path)
        return stored.images(range(min(count, len(stored))), 48), stored.labels[:count]
    generator = np.random.default_rng(0)
    return generator.integers(0, 256, (count, 48, 48, 1), np.uint8), generator.integers(0, 7, count)


def ours(images: Images, labels: Labels, batch: int = BATCH) -> keras.utils.PyDataset:
    recipe = Recipe(
        name="rate",
        title="rate",
        architecture="cnn_48",
        augmentation=Augmentation(shift=0.1, flip=0.5),
        training=Training(batch=batch),
    )
    return data.Batches(Part(ArrayPool(images), {"fer2013": one_hot(labels, 7)}), recipe, epoch=0, size=48)


def theirs(images: Images, labels: Labels, batch: int = BATCH) -> keras.utils.PyDataset:
    generator = ImageDataGenerator(rescale=1 / 255, width_shift_range=0.1, height_shift_range=0.1, horizontal_flip=True)
    flow: keras.utils.PyDataset = generator.flow(images, np.eye(7, dtype=np.float32)[labels], batch_size=batch, seed=0)
    return flow


def drain(batches: keras.utils.PyDataset) -> int:
    """Make every batch once; gives the number of images."""
    return sum(len(batches[row][0]) for row in range(len(batches)))


def trainer(
    source: Callable[[Images, Labels, int], keras.utils.PyDataset],
    images: Images,
    labels: Labels,
    batch: int,
    options: dict[str, Any],
) -> Count:
    """One epoch of one network under `fit` a call; the first epoch, which compiles, is done already."""
    network = architectures.build("cnn_48", {"fer2013": 7}, 48, 1, options)
    inputs = network.input
    if source is theirs:  # its images are 0..1 already
        inputs = keras.Input((48, 48, 1))
        answer = keras.Model(network.get_layer("rescale").output, network.output["fer2013"])(inputs)
        model = keras.Model(inputs, answer)
    else:
        model = keras.Model(inputs, {"fer2013": network.output["fer2013"]})
    model.compile(keras.optimizers.Adam(1e-3), "categorical_crossentropy", metrics=["accuracy"])

    def epoch() -> int:
        batches = source(images, labels, batch)
        model.fit(batches, epochs=1, verbose=0, shuffle=False)
        return len(batches) * batch

    epoch()
    return epoch


def best(contestants: tuple[Count, Count], rounds: int) -> Iterator[float]:
    """The highest images per second of each, taking turns."""
    rates: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for contestant, kept in zip(contestants, rates, strict=True):
            start = time.perf_counter()
            kept.append(contestant() / (time.perf_counter() - start))
    return map(max, rates)


if __name__ == "__main__":
    main()
