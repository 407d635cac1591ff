"""Memory and rate of the training pipeline over many image files read from disk.

    python -m benchmarks.training.large_dataset [--images 300000] [--size 224] [--batches 60] [--folder DIR]

Makes (in a temporary folder, or once in DIR) a dataset of class folders: 500 different JPEG files, each hard-linked
until there are as many names as asked for. The disk holds 10 MB, and every name is opened, read and decoded as a file
of its own. Then opens it as a training does and makes augmented batches of 64 without a network. Prints the seconds
of opening, images per second, and the peak memory of this process beside what all images would take decoded.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import numpy as np

from fer_core.labels import SEVEN
from fer_core.recipes.augmentation import Augmentation
from fer_core.recipes.schema import Data, Recipe, Training
from training.data import batches as data

DIFFERENT = 500
BATCH = 64


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training.large_dataset", description=__doc__)
    parser.add_argument("--images", type=int, default=300_000)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--batches", type=int, default=60)
    parser.add_argument("--folder", type=Path)
    known = parser.parse_args()
    with tempfile.TemporaryDirectory() as spare:
        folder = known.folder or Path(spare) / "faces"
        if not folder.exists():
            make(folder, known.images, known.size)
        measure(folder, known.size, known.batches)


def make(folder: Path, images: int, size: int) -> None:
    """Class folders of train and val, most of them in train."""
    generator = np.random.default_rng(0)
    for number in range(images):
        split = "val" if number % 100 == 0 else "train"
        place = folder / split / SEVEN[number % 7]
        target = place / f"{number:06}.jpg"
        if number < DIFFERENT:
            place.mkdir(parents=True, exist_ok=True)
            small = generator.integers(0, 256, (size // 8, size // 8, 3), np.uint8)
            cv2.imwrite(str(target), cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC))
        else:
            first = number % DIFFERENT
            source = folder / ("val" if first % 100 == 0 else "train") / SEVEN[first % 7] / f"{first:06}.jpg"
            place.mkdir(parents=True, exist_ok=True)
            os.link(source, target)


def measure(folder: Path, size: int, batches: int) -> None:
    section = Data(
        dataset="any", path=str(folder), select="val", report="val", targets=("labels",), leave_out_copies=False
    )
    start = time.perf_counter()
    splits = data.load(section, channels=3)
    print(
        f"opened {len(splits.train) + len(splits.select):,} images in {time.perf_counter() - start:.1f} s", flush=True
    )
    recipe = Recipe(
        name="large",
        title="large",
        architecture="resnet18",
        channels=3,
        augmentation=Augmentation(rotation=10, shift=0.1, zoom=0.1, flip=0.5),
        training=Training(batch=BATCH),
    )
    epoch = data.Batches(splits.train, recipe, epoch=0, size=size)
    start = time.perf_counter()
    for row in range(min(batches, len(epoch))):
        epoch[row]
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    whole = len(splits.train) * size * size * 3 / 1e9
    print(f"{batches * BATCH / seconds:.0f} images/s decoded and augmented at {size} px, one thread")
    print(f"peak memory {peak:.2f} GB, TensorFlow included; all images decoded would be {whole:.0f} GB")


if __name__ == "__main__":
    main()
