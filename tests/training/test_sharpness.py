"""Confidence by face: two kinds of pictures, of which one deserves more of it."""

import keras
import numpy as np
import pytest

from fer_core.evaluation import metrics
from training import sharpness

pytestmark = pytest.mark.tensorflow


def two_kinds(count=4000):
    """Features, answers and labels: the answers say 70 %; of the first kind 55 % are right, of the second 95 %."""
    generator = np.random.default_rng(0)
    kind = generator.integers(0, 2, count)
    features = np.column_stack([kind + generator.normal(0, 0.1, count), generator.normal(0, 1, count)])
    right = generator.random(count) < np.where(kind, 0.95, 0.55)
    probabilities = np.tile([0.7, 0.2, 0.1], (count, 1))
    return features, probabilities, np.where(right, 0, 1), kind


def test_it_learns_how_sure_each_kind_may_be_and_changes_no_answer():
    features, probabilities, labels, kind = two_kinds()
    weights, bias = sharpness.fit(features, probabilities, labels)
    sharp = sharpness.sharpened(np.log(probabilities), np.exp(features @ weights + bias))
    assert (sharp.argmax(1) == 0).all()
    for number in (0, 1):
        rows = kind == number
        assert metrics.ece(sharp[rows], labels[rows]) < metrics.ece(probabilities[rows], labels[rows]) * 0.7


def test_the_network_answers_with_it():
    features, probabilities, labels, _ = two_kinds()
    weights, bias = sharpness.fit(features, probabilities, labels)
    given = keras.Input((2,))
    answer = keras.layers.Dense(3, activation="softmax", name="answer")(given)
    model = keras.Model(given, {"probabilities": answer, "features": given})
    sharp = sharpness.sharpen(model, weights, bias)
    rows = features[:50].astype(np.float32)
    plain, changed = (one.predict(rows, verbose=0)["probabilities"] for one in (model, sharp))
    expected = sharpness.sharpened(np.log(plain.astype(np.float64)), np.exp(rows @ weights + bias))
    np.testing.assert_allclose(changed, expected, atol=1e-5)
