"""How sure a network may be of one face: a temperature that depends on what it sees.

One temperature for all cannot serve two kinds of pictures. FER2013's labels are so doubtful that a network must not
be sure of them; on photos the same network is right more often than it says. So a linear function of the features
gives each face an exponent: the answer is p ** exp(w · features + b), renormalised. It changes how sure an answer is,
never which one it is. It is fitted to the top answer being right or wrong (arXiv 2107.08353) on the images that select,
and a penalty holds w near 0, where it is one temperature for all.
"""

import keras
import numpy as np
from numpy.typing import NDArray

NAME = "sharpness"
PENALTY = 0.1
"""Of the squares of w, in spreads of the features; chosen on halves of the selecting images, fitted on the others."""

Floats = NDArray[np.float64]


def fit(features: Floats, probabilities: Floats, targets: NDArray[np.int64]) -> tuple[Floats, float]:
    """Weights (k,) and bias of the exponent's logarithm.

    Args:
        features: (n, k).
        probabilities: (n, classes), each row sums to 1.
        targets: (n,), true classes.
    """
    from scipy.optimize import minimize

    middle, spread = features.mean(0), features.std(0) + 1e-3
    standard, logits = (features - middle) / spread, np.log(np.maximum(probabilities, 1e-9))
    top = logits.argmax(1)
    right, rows = top == targets, np.arange(len(top))

    def loss(values: Floats) -> tuple[float, Floats]:
        exponents = np.exp(standard @ values[:-1] + values[-1])
        sharp = sharpened(logits, exponents)
        confidence = sharp[rows, top].clip(1e-6, 1 - 1e-6)
        forecast = np.where(right, confidence, 1 - confidence)
        slope = np.where(right, -1 / confidence, 1 / (1 - confidence)) / len(rows)
        slope *= confidence * (logits[rows, top] - (sharp * logits).sum(1)) * exponents
        gradient = np.append(standard.T @ slope + 2 * PENALTY * values[:-1], slope.sum())
        return float(-np.log(forecast).mean() + PENALTY * (values[:-1] ** 2).sum()), gradient

    found = minimize(loss, np.zeros(features.shape[1] + 1), jac=True, method="L-BFGS-B").x
    weights = found[:-1] / spread
    return weights, float(found[-1] - middle @ weights)


def sharpened(logits: Floats, exponents: Floats) -> Floats:
    """Softmax of logits (n, classes), each row times its exponent (n,)."""
    scaled = logits * exponents[:, np.newaxis]
    powers = np.exp(scaled - scaled.max(1, keepdims=True))
    shares: Floats = powers / powers.sum(1, keepdims=True)
    return shares


def sharpen(model: keras.Model, weights: Floats, bias: float) -> keras.Model:
    """A serving model whose probabilities carry the exponent of each face; its other outputs stay."""
    layer = keras.layers.Dense(1, activation="exponential", dtype="float32", name=NAME)
    exponent = layer(model.output["features"])
    layer.set_weights([weights[:, np.newaxis].astype(np.float32), np.array([bias], np.float32)])
    powers = model.output["probabilities"] ** exponent
    outputs = model.output | {"probabilities": powers / keras.ops.sum(powers, axis=-1, keepdims=True)}
    return keras.Model(model.input, outputs, name=model.name)
