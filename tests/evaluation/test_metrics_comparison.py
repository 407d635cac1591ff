"""The numbers that comparisons need, each held against a second way of computing it."""

import numpy as np
import pytest
import sklearn.metrics

from fer_core.evaluation import metrics


@pytest.fixture
def made():
    random = np.random.default_rng(5)
    truth = random.dirichlet(np.full(4, 0.5), 500)
    return truth, np.array([random.choice(4, p=row) for row in truth])


def test_images_without_an_answer_cost_recall_and_are_no_class():
    targets, answers = [0, 0, 1, 1, 2], [0, 3, 1, 0, 3]
    counts = metrics.confusion_matrix(answers, targets, 4)[:3]
    assert counts.shape == (3, 4)
    assert metrics.accuracy(counts) == 0.4
    assert metrics.recall(counts).tolist() == [0.5, 0.5, 0.0]
    expected = sklearn.metrics.f1_score(targets, answers, labels=[0, 1, 2], average="macro", zero_division=0)
    assert metrics.macro_f1(counts) == pytest.approx(expected)
    assert metrics.intervals(counts)["accuracy"][1] <= 1


def test_recall_intervals_agree_with_resampling_the_images(made):
    probabilities, targets = made
    predicted = probabilities.argmax(axis=1)
    random = np.random.default_rng(2)
    draws = [random.integers(len(targets), size=len(targets)) for _ in range(1500)]
    drawn = [
        sklearn.metrics.recall_score(targets[draw], predicted[draw], labels=range(5), average=None, zero_division=0)
        for draw in draws
    ]
    found = metrics.recall_intervals(metrics.confusion_matrix(predicted, targets, 5))
    assert found[4] is None
    assert np.array(found[:4]) == pytest.approx(np.quantile(drawn, [0.025, 0.975], axis=0).T[:4], abs=0.02)


@pytest.mark.parametrize(("right", "count"), [(0, 5), (3, 14), (14, 14), (690, 1000)])
def test_share_interval_is_wilsons(right, count):
    z, share = 1.959963984540054, right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    assert metrics.share_interval(right, count) == pytest.approx((middle - half, middle + half), abs=1e-12)


def test_coverage_curve_agrees_with_a_plain_loop(made):
    probabilities, targets = np.round(made[0], 2), made[1]  # rounded, so that there are ties
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    curve = metrics.coverage_curve(probabilities, targets)
    assert [point.threshold for point in curve] == sorted(set(confidence.tolist()), reverse=True)
    for point in curve:
        inside = confidence >= point.threshold
        assert point.answered == pytest.approx(inside.mean())
        assert point.accuracy == pytest.approx(right[inside].mean())


def test_coverage_curve_of_nothing_is_empty():
    assert metrics.coverage_curve(np.empty((0, 7)), []) == []


def test_coverage_meets_the_threshold_fit(made):
    threshold, coverage = metrics.fit_threshold(*made, wanted=0.8)
    point = next(one for one in metrics.coverage_curve(*made) if one.threshold == threshold)
    assert point.answered == coverage
    assert point.accuracy >= 0.8
