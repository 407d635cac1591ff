"""Numbers are held against second implementations: scikit-learn, SciPy, or a plain loop over made data."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest
import sklearn.metrics

from fer_core.evaluation import metrics
from fer_core.labels import SEVEN
from fer_core.predictors.calibration import apply_temperature


@pytest.fixture
def made():
    """Probabilities of a network that is too sure of itself, and targets drawn from their square roots."""
    random = np.random.default_rng(3)
    truth = random.dirichlet(np.full(7, 0.4), 3000)
    targets = np.array([random.choice(7, p=row) for row in truth])
    return apply_temperature(truth, 0.5), targets


@pytest.fixture
def confusion(made):
    probabilities, targets = made
    return metrics.confusion_matrix(probabilities.argmax(axis=1), targets, 7)


def test_calibrate_raises_to_one_over_temperature_and_renormalises():
    calibrated = apply_temperature([[0.64, 0.32, 0.04]], 2)

    roots = np.sqrt([0.64, 0.32, 0.04])
    assert calibrated[0] == pytest.approx(roots / roots.sum())


@pytest.mark.parametrize("temperature", [0.05, 0.5, 1, 3, 20])
def test_calibrate_survives_certainty(temperature):
    certain = np.array([[1, 0, 0], [1e-45, 1, 1e-45], [0.5, 0.5, 0]], np.float32)

    calibrated = apply_temperature(certain, temperature)

    assert np.isfinite(calibrated).all()
    assert calibrated.sum(axis=1) == pytest.approx(1)
    assert (calibrated.argmax(axis=1) == [0, 1, 0]).all()


def test_temperature_one_changes_nothing(made):
    assert apply_temperature(made[0], 1) == pytest.approx(made[0], abs=1e-12)


def test_confusion_rows_are_true_classes():
    counts = metrics.confusion_matrix(predicted=[1, 1, 2, 0], targets=[0, 1, 1, 0], classes=4)

    assert counts.tolist() == [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_scores_agree_with_scikit_learn(made, confusion):
    predicted, targets = made[0].argmax(axis=1), made[1]

    assert metrics.accuracy(confusion) == pytest.approx(sklearn.metrics.accuracy_score(targets, predicted))
    assert metrics.balanced_accuracy(confusion) == pytest.approx(
        sklearn.metrics.balanced_accuracy_score(targets, predicted)
    )
    assert metrics.macro_f1(confusion) == pytest.approx(sklearn.metrics.f1_score(targets, predicted, average="macro"))
    assert metrics.recall(confusion) == pytest.approx(sklearn.metrics.recall_score(targets, predicted, average=None))


def test_absent_classes_have_no_recall_and_do_not_count():
    targets, predicted = [0, 0, 1, 1], [0, 1, 1, 1]
    counts = metrics.confusion_matrix(predicted, targets, 4)

    assert metrics.recall(counts).tolist()[:2] == [0.5, 1.0]
    assert np.isnan(metrics.recall(counts)[2:]).all()
    assert metrics.balanced_accuracy(counts) == 0.75
    assert metrics.macro_f1(counts) == pytest.approx(sklearn.metrics.f1_score(targets, predicted, average="macro"))


def test_an_answer_that_never_occurs_costs_f1_as_in_scikit_learn():
    targets, predicted = [0, 0, 1, 1], [0, 2, 1, 1]
    counts = metrics.confusion_matrix(predicted, targets, 4)

    expected = sklearn.metrics.f1_score(targets, predicted, average="macro", zero_division=0)
    assert metrics.macro_f1(counts) == pytest.approx(expected)
    assert metrics.balanced_accuracy(counts) == 0.75


def loop_ece(probabilities, targets, bins):
    total = 0.0
    for index in range(bins):
        lower, upper = index / bins, (index + 1) / bins
        inside = [
            (max(row), int(np.argmax(row)) == target)
            for row, target in zip(probabilities.tolist(), targets.tolist(), strict=True)
            if lower < max(row) <= upper
        ]
        if inside:
            confidences, rights = zip(*inside, strict=True)
            total += abs(sum(confidences) - sum(rights))
    return total / len(targets)


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_ece_agrees_with_a_plain_loop(made, bins):
    assert metrics.ece(*made, bins=bins) == pytest.approx(loop_ece(*made, bins), abs=1e-12)


def test_ece_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.4, 0.6]])

    # Bin (0.867, 0.933]: confidence 0.9, half right. Bin (0.533, 0.6]: confidence 0.6, all right.
    assert metrics.ece(probabilities, [0, 1, 0, 1]) == pytest.approx((0.4 + 0.4) / 2)


def test_certain_answers_fall_into_the_last_bin():
    table = metrics.reliability(np.eye(2), [0, 0])

    assert [row.count for row in table] == [0] * 14 + [2]
    assert (table[-1].confidence, table[-1].accuracy) == (1.0, 0.5)
    assert table[0].confidence is None


def test_an_edge_belongs_to_the_bin_below():
    assert [row.count for row in metrics.reliability([[0.5, 0.5], [0.75, 0.25]], [0, 0], bins=4)] == [0, 1, 1, 0]


def test_reliability_bins_hold_every_answer(made):
    table = metrics.reliability(*made)

    assert sum(row.count for row in table) == len(made[1])
    assert all(row.lower < row.confidence <= row.upper for row in table if row.count)


def test_temperature_finds_back_what_was_done(made):
    temperature = metrics.fit_confidence(*made)

    assert temperature == pytest.approx(2, rel=0.05)
    assert metrics.ece(apply_temperature(made[0], temperature), made[1]) < metrics.ece(*made) / 3


def test_temperature_of_a_faultless_network_stays_in_range():
    low, high = metrics.TEMPERATURES

    assert low <= metrics.fit_confidence(np.full((4, 2), [0.7, 0.3]), [0, 0, 0, 0]) < 0.06
    assert 19 < metrics.fit_confidence(np.full((4, 2), [0.7, 0.3]), [1, 1, 1, 0]) <= high


def two_classes(confidences):
    return np.array([[confidence, 1 - confidence] for confidence in confidences])


def test_threshold_is_the_lowest_that_is_right_often_enough():
    probabilities = two_classes([0.95, 0.9, 0.85, 0.8, 0.75, 0.7])
    targets = [0, 1, 0, 0, 0, 1]  # right: 1/1, 1/2, 2/3, 3/4, 4/5, 4/6

    assert metrics.fit_threshold(probabilities, targets, wanted=0.8) == (0.75, 5 / 6)


def test_threshold_is_zero_when_all_may_be_answered():
    assert metrics.fit_threshold(two_classes([0.9, 0.8, 0.7, 0.6, 0.55]), [0, 0, 0, 0, 1]) == (0.0, 1.0)


def test_equal_confidences_are_answered_together():
    probabilities = two_classes([0.9, 0.8, 0.8, 0.8, 0.6, 0.6])

    # Taken one by one, four of five would be right in the middle of the tie at 0.6.
    assert metrics.fit_threshold(probabilities, [0, 0, 0, 1, 0, 1]) == (0.9, 1 / 6)


def test_threshold_that_nothing_reaches():
    threshold, coverage = metrics.fit_threshold(two_classes([0.9, 0.8]), [1, 1])

    assert coverage == 0
    assert 0.9 < threshold < 0.9001


def test_threshold_holds_on_the_images_it_was_fitted_on(made):
    calibrated = apply_temperature(made[0], 2)
    threshold, coverage = metrics.fit_threshold(calibrated, made[1])
    confidence, right = calibrated.max(axis=1), calibrated.argmax(axis=1) == made[1]

    assert right[confidence >= threshold].mean() >= 0.8
    assert (confidence >= threshold).mean() == coverage
    lower = np.unique(confidence[confidence < threshold])
    assert len(lower) > 100
    assert all(right[confidence >= candidate].mean() < 0.8 for candidate in lower)


def test_intervals_agree_with_resampling_the_images(made):
    predicted, targets = made[0].argmax(axis=1)[:600], made[1][:600]
    random = np.random.default_rng(11)
    draws = [random.integers(600, size=600) for _ in range(1500)]
    scores = {
        "accuracy": [sklearn.metrics.accuracy_score(targets[draw], predicted[draw]) for draw in draws],
        "balanced_accuracy": [
            sklearn.metrics.balanced_accuracy_score(targets[draw], predicted[draw]) for draw in draws
        ],
        "macro_f1": [sklearn.metrics.f1_score(targets[draw], predicted[draw], average="macro") for draw in draws],
    }

    found = metrics.intervals(metrics.confusion_matrix(predicted, targets, 7))

    assert found.keys() == scores.keys()
    for name, drawn in scores.items():
        assert found[name] == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.006), name


def test_interval_of_accuracy_is_about_the_normal_one(confusion):
    share = float(metrics.accuracy(confusion))
    low, high = metrics.intervals(confusion)["accuracy"]

    width = 2 * 1.96 * math.sqrt(share * (1 - share) / confusion.sum())
    assert low < share < high
    assert high - low == pytest.approx(width, rel=0.05)


def test_intervals_repeat_with_the_seed(confusion):
    assert metrics.intervals(confusion) == metrics.intervals(confusion)
    assert metrics.intervals(confusion) != metrics.intervals(confusion, seed=1)


def exact_mcnemar(first, second):
    """Counting coin tosses in whole numbers."""
    fewer, tosses = min(first, second), first + second
    ways = [Fraction(math.comb(tosses, heads), 2**tosses) for heads in range(tosses + 1)]
    both_tails = 2 * sum(ways[: fewer + 1])
    return float(min(1, both_tails)), float(both_tails - ways[fewer])


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 0), (5, 5), (2, 9), (9, 2), (40, 22), (300, 341)])
def test_mcnemar_agrees_with_counting(first, second):
    first_right = np.array([1] * first + [0] * second + [1] * 7 + [0] * 3, bool)
    second_right = np.array([0] * first + [1] * second + [1] * 7 + [0] * 3, bool)

    found = metrics.mcnemar(first_right, second_right)

    assert (found.only_first, found.only_second) == (first, second)
    assert (found.exact, found.mid_p) == pytest.approx(exact_mcnemar(first, second), rel=1e-9)


def test_evaluation_json_has_the_agreed_keys():
    recall = dict.fromkeys(SEVEN, 0.5) | {"disgust": None}
    result = metrics.Evaluation(
        "house",
        "fer2013.csv",
        "private_test",
        "fer2013",
        10,
        0.6,
        0.5,
        0.4,
        recall,
        0.02,
        intervals={"accuracy": (0.5, 0.7)},
    )

    plain = json.loads(json.dumps(result.to_json()))

    assert list(plain)[:11] == [
        "model", "data", "split", "labels", "n", "accuracy", "balanced_accuracy", "macro_f1", "recall", "ece", "tta",
    ]  # fmt: skip
    assert set(plain) - set(list(plain)[:11]) == {"head", "intervals"}
    assert plain["recall"]["disgust"] is None
    assert plain["intervals"] == {"accuracy": [0.5, 0.7]}


def test_the_interval_of_the_calibration_error_holds_its_value_and_narrows_with_more_images():
    generator = np.random.default_rng(4)
    top = generator.uniform(0.5, 1.0, 4000)
    probabilities = np.column_stack([top, 1 - top])
    targets = (generator.random(4000) > top - 0.1).astype(int)
    few, many = (metrics.ece_interval(probabilities[:n], targets[:n], rounds=200) for n in (250, 4000))
    assert many[0] <= metrics.ece(probabilities, targets) <= many[1]
    assert many[1] - many[0] < (few[1] - few[0]) / 2


def test_the_confidence_is_fitted_to_how_often_the_top_answer_is_right():
    """Rows of one confidence, of which a known share is right: the fitted confidence is that share."""
    probabilities = np.full((100, 3), [0.9, 0.06, 0.04])
    targets = np.array([0] * 70 + [1] * 10 + [2] * 20)
    temperature = metrics.fit_confidence(probabilities, targets)
    assert apply_temperature(probabilities, temperature)[0, 0] == pytest.approx(0.7, abs=1e-4)
