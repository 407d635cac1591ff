"""How long a network takes for one face, here and now."""

import time

import numpy as np

from fer_core.predictors.base import Predictor

ROUNDS = 15
MOST_SECONDS = 2.0


def milliseconds(predictor: Predictor) -> float:
    """Median of one face a call, the network alone: no search for faces, no crop, no loading.

    Other programs count too; compare what was measured together.
    """
    side, channels = predictor.input_size, predictor.info.channels
    crop = np.random.default_rng(0).integers(0, 256, (1, side, side, channels), np.uint8)
    predictor.predict(crop)
    begun = time.perf_counter()
    taken: list[float] = []
    while len(taken) < ROUNDS and time.perf_counter() - begun < MOST_SECONDS:
        start = time.perf_counter()
        predictor.predict(crop)
        taken.append(time.perf_counter() - start)
    return float(np.median(taken)) * 1000
