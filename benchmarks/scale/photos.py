"""Folders of photos of mixed size, as many as wanted: the samples at several sizes, each under many names.

The names are hard links to a few files, so that a hundred thousand photos take no room. No program here remembers a
photo that it has seen, so the same content counts as often as it comes.
"""

import os
from pathlib import Path

import cv2
import numpy as np

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
NAMES = ("astronaut", "grace_hopper", "angry", "sad_baby", "happy_baby", "neutral", "surprised", "selfie", "group")
MIXED = {0.35e6: 1, 3e6: 1, 12e6: 1}
"""Pixels of a photo, and its share: the sizes of `benchmarks.latency`, of each as many."""
SMALL = {0.1e6: 1}
"""For measurements of memory over many photos: about 320 pixels a side."""


def make(folder: Path, count: int, sizes: dict[float, int] | None = None) -> Path:
    """A folder with so many photos, the sizes and faces in an order of chance that is always the same."""
    originals = folder.parent / f"{folder.name}-originals"
    originals.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    shares = sizes or MIXED
    kinds = [size for size, parts in shares.items() for _ in range(parts)]
    random = np.random.default_rng(0)
    for number in range(count):
        name = NAMES[random.integers(len(NAMES))]
        size = kinds[random.integers(len(kinds))]
        place = folder / f"{number // 1000:04d}" / f"{number:07d}.jpg"
        place.parent.mkdir(exist_ok=True)
        os.link(_original(originals, name, size), place)
    return folder


def _original(folder: Path, name: str, size: float) -> Path:
    path = folder / f"{name}-{size:.0f}.jpg"
    if not path.is_file():
        pixels = cv2.imread(str(SAMPLES / f"{name}.jpg"))
        assert pixels is not None, name
        scale = (size / (pixels.shape[0] * pixels.shape[1])) ** 0.5
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        cv2.imwrite(str(path), cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=way))
    return path
