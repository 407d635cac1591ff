"""Numbers about a model: accuracy, calibration, intervals, and the fits behind temperature and threshold.

Everywhere: `probabilities` is float (n, classes) with rows that sum to 1, `targets` is int (n,), indices into the same
classes. SciPy and scikit-learn are imported where they are needed: predicting starts without them.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def calibrate(probabilities: ArrayLike, temperature: float) -> Floats:
    """p^(1/T), renormalised: softmax(log p / T). A T above 1 makes the network less sure of itself.

    Args:
        probabilities: (n, classes), 0 to 1; zeros are allowed.
        temperature: T, above 0.
    """
    logits = np.log(np.maximum(np.asarray(probabilities, np.float64), np.finfo(np.float64).tiny)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
