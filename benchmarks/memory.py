"""Whether a long-lived process stays small: `python -m benchmarks.memory [--predictions N] [--model NAME]`.

Predicts N times (1,000 by default) in one process, first crops of 1 to 8 faces, then whole photos of 1, 2 or no face,
and prints by how many megabytes the resident memory has grown since the first hundred. Exit code 1 when either is
20 MB or more. Linux only.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fer_core import predictors
from fer_core.photos import images
from fer_core.photos.analysis import analyse
from fer_core.predictors import Predictor

WARM_UP = 100
LIMIT = 20.0
SAMPLES = Path(__file__).resolve().parents[1] / "samples"


def resident_megabytes() -> float:
    """Memory of this process that is in RAM now, in MB of 10^6 bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def growth(step: Callable[[], Any], times: int = 1000) -> float:
    """Megabytes gained between the hundredth call and the last."""
    for _ in range(WARM_UP):
        step()
    before = resident_megabytes()
    for _ in range(times - WARM_UP):
        step()
    return resident_megabytes() - before


def on_crops(predictor: Predictor, most_faces: int = 8) -> Callable[[], Any]:
    """The network alone, on a varying number of faces."""
    random = np.random.default_rng(0)
    shape = (most_faces, predictor.input_size, predictor.input_size, predictor.info.channels)
    crops = random.integers(0, 256, shape, np.uint8)
    return lambda: predictor.predict(crops[: random.integers(1, most_faces + 1)])


def on_photos(predictor: Predictor) -> Callable[[], Any]:
    """The whole way of a photo."""
    one, other = (images.decode((SAMPLES / name).read_bytes()) for name in ("astronaut.jpg", "grace_hopper.jpg"))
    photos = [one, other, np.hstack([one, other[: len(one)]]), np.zeros_like(one)]
    random = np.random.default_rng(0)
    return lambda: analyse(photos[random.integers(len(photos))], [predictor])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--predictions", type=int, default=1000)
    parser.add_argument("--model", default="house")
    arguments = parser.parse_args()
    predictor = predictors.load(arguments.model)
    gains = {
        "crops": growth(on_crops(predictor), arguments.predictions),
        "photos": growth(on_photos(predictor), arguments.predictions),
    }
    for what, gained in gains.items():
        print(f"{arguments.model}, {what}: {gained:+.1f} MB between prediction {WARM_UP} and {arguments.predictions}")
    return int(max(gains.values()) >= LIMIT)


if __name__ == "__main__":
    sys.exit(main())
