"""How many images per second a shape of the house network trains at, in one run against the shape of the first trial.

    python -m benchmarks.training.network_rate [--size 48] [--batch 128] [--precision mixed_bfloat16] [--steps 12]

One row per shape: widths, blocks, parameters, images per second (median of the steps after the first three), and the
ratio to the trial's. Augmentation is not part of it: one batch of noise is learnt again and again.
"""

import argparse
import os
import time
from statistics import median

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the trainer has it

import keras
import numpy as np

from training.architectures import house

SHAPES = (
    ((32, 64, 128, 256), (2, 2, 2, 2)),
    ((32, 64, 128, 256), (1, 2, 3, 2)),
    ((48, 96, 192, 320), (1, 2, 2, 2)),
    ((24, 64, 128, 256), (1, 2, 3, 3)),
)
WARM_UP = 3


def rate(widths: tuple[int, ...], depths: tuple[int, ...], size: int, batch: int, steps: int) -> tuple[int, float]:
    """Parameters and images per second of one shape."""
    network = house.build({"fer2013": 7}, input_size=None, widths=widths, depths=depths)
    return network.count_params(), images_per_second(network, size, batch, steps)


def images_per_second(network: keras.Model, size: int, batch: int, steps: int) -> float:
    """What a network with the head "fer2013" trains at: AdamW, the median of the steps after the first three."""
    model = keras.Model(network.inputs, network.output["fer2013"])
    model.compile(keras.optimizers.AdamW(1e-3), "categorical_crossentropy")
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (batch, size, size, 1), np.uint8)
    labels = np.eye(7, dtype=np.float32)[generator.integers(0, 7, batch)]
    seconds = []
    for _ in range(steps + WARM_UP):
        start = time.perf_counter()
        model.train_on_batch(images, labels)
        seconds.append(time.perf_counter() - start)
    return batch / median(seconds[WARM_UP:])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training.network_rate", description=__doc__)
    parser.add_argument("--size", type=int, default=48)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--precision", default="mixed_bfloat16")
    parser.add_argument("--steps", type=int, default=12)
    known = parser.parse_args()
    keras.mixed_precision.set_global_policy(known.precision)
    first = 0.0
    for widths, depths in SHAPES:
        parameters, images = rate(widths, depths, known.size, known.batch, known.steps)
        first = first or images
        shape = f"{'-'.join(map(str, widths))}  {'-'.join(map(str, depths))}"
        print(f"{shape}  {parameters / 1e6:.1f} M  {images:.0f} images/s  {images / first:.2f}", flush=True)


if __name__ == "__main__":
    main()
