"""From a network's softmax to calibrated probabilities (temperature scaling, arXiv 1706.04599).

Temperature and threshold are fitted by `fer release` (training/releasing/measuring.py: fit) with evaluation/metrics.py
(fit_confidence, fit_threshold). They are applied to a photo in photos/analysis.py (decide).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def apply_temperature(probabilities: ArrayLike, temperature: float) -> NDArray[np.float64]:
    """p^(1/T), renormalised: softmax(log p / T). A T above 1 makes the network less sure of itself.

    Args:
        probabilities: (n, classes), 0 to 1; zeros are allowed.
        temperature: T, above 0.
    """
    logits = np.log(np.maximum(np.asarray(probabilities, np.float64), np.finfo(np.float64).tiny)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
