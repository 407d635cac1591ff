"""What the heads learn, from labels and from votes."""

import numpy as np
import pytest
from brightness import write_fer2013

from fer_core.datasets import open_dataset
from fer_core.errors import RecipeError
from fer_core.labels import EIGHT
from training.data import targets


def votes(**counts):
    columns = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
    return np.array([[counts.get(column, 0) for column in columns]])


def distribution(**counts):
    shares = targets.crowd(votes(**counts)).distributions[0]
    return {name: round(float(share), 3) for name, share in zip(EIGHT, shares, strict=True)}


def test_votes_become_shares_of_the_expressions_by_name():
    made = distribution(neutral=4, happiness=2, contempt=4)
    assert {name: share for name, share in made.items() if share} == {"neutral": 0.4, "happy": 0.2, "contempt": 0.4}


def test_a_single_vote_is_a_slip():
    assert distribution(anger=9, fear=1)["angry"] == 1


def test_faces_that_most_call_unknown_or_no_face_carry_no_weight():
    assert targets.crowd(votes(happiness=3, unknown=7)).weights.tolist() == [0]
    assert targets.crowd(votes(NF=10)).weights.tolist() == [0]
    assert targets.crowd(votes(happiness=7, unknown=3)).weights.tolist() == [1]


def test_every_distribution_sums_to_one_even_without_a_vote():
    rows = np.concatenate([votes(), votes(NF=10), votes(fear=1, anger=1), votes(fear=3, anger=7)])
    assert np.allclose(targets.crowd(rows).distributions.sum(1), 1)


def test_smoothing_keeps_the_sum_and_the_top():
    hard = targets.Target(np.eye(7, dtype=np.float32), np.ones(7, np.float32))
    soft = targets.smooth(hard, 0.1)
    assert np.allclose(soft.distributions.sum(1), 1)
    assert np.allclose(np.diag(soft.distributions), 0.9 + 0.1 / 7)


def test_balanced_weights_let_every_class_count_alike_with_a_mean_of_one():
    labels = np.array([0] * 90 + [1] * 10)
    weighted = targets.balance(targets.Target(np.eye(2, dtype=np.float32)[labels], np.ones(100, np.float32)))
    assert weighted.weights[labels == 0].sum() == pytest.approx(weighted.weights[labels == 1].sum())
    assert weighted.weights.mean() == pytest.approx(1)


def test_crowd_targets_without_votes_say_which_file_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    data = open_dataset(write_fer2013(tmp_path / "data", [(0, 1, "Training")]))
    with pytest.raises(RecipeError, match=r"fer2013new\.csv"):
        targets.make("ferplus", data)
