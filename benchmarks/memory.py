"""Whether a long-lived process stays small: `python -m benchmarks.memory [--predictions N] [--model NAME]`.

Predicts N times (1,000 by default) in one process with 1 to 8 faces at a time, and prints by how many megabytes the
resident memory has grown since the first hundred. Exit code 1 when that is 20 MB or more.
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np

from fer_core import predictors
from fer_core.predictors import Predictor

WARM_UP = 100
LIMIT = 20.0


def resident_megabytes() -> float:
    """Memory of this process that is in RAM now, in MB of 10^6 bytes (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def growth(predictor: Predictor, predictions: int = 1000, most_faces: int = 8) -> float:
    """Megabytes gained between the hundredth prediction and the last."""
    random = np.random.default_rng(0)
    shape = (most_faces, predictor.input_size, predictor.input_size, predictor.info.channels)
    crops = random.integers(0, 256, shape, np.uint8)
    before = 0.0
    for turn in range(predictions):
        if turn == WARM_UP:
            before = resident_megabytes()
        predictor.predict(crops[: random.integers(1, most_faces + 1)])
    return resident_megabytes() - before


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--predictions", type=int, default=1000)
    parser.add_argument("--model", default="house")
    arguments = parser.parse_args()
    gained = growth(predictors.load(arguments.model), arguments.predictions)
    print(f"{arguments.model}: {gained:+.1f} MB between prediction {WARM_UP} and {arguments.predictions}")
    return int(gained >= LIMIT)


if __name__ == "__main__":
    sys.exit(main())
