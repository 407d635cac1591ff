from dataclasses import replace

import numpy as np
import pytest

from fer_core.compare import scores, verdict
from fer_core.compare.answers import ComparedModel, Comparison
from fer_core.labels import SEVEN


def comparison(targets, *answers, threshold=0.5):
    """Models that answer with 90 %; a photo per target."""
    targets = np.array([SEVEN.index(label) for label in targets])
    probabilities = np.full((len(answers), len(targets), len(SEVEN)), 0.1 / (len(SEVEN) - 1))
    for model, said in enumerate(answers):
        for row, label in enumerate(said):
            probabilities[model, row, SEVEN.index(label)] = 0.9
    count = len(targets)
    return Comparison(
        title="photos",
        names=tuple(f"{row}.jpg" for row in range(count)),
        targets=targets,
        classes=SEVEN,
        models=tuple(ComparedModel(f"model_{place}", f"Model {place}", threshold) for place in range(len(answers))),
        found=np.ones(count, bool),
        probabilities=probabilities,
        whole=None,
        conditions={},
        pictures=(np.zeros((8, 8), np.uint8),) * count,
        squeezed=(),
        marks=(None,) * count,
        milliseconds={},
        detector="none",
        notes=(),
    )


def report(*given, **options):
    return scores.report(comparison(*given, **options))


def test_few_photos_name_no_winner_and_say_what_is_hard():
    targets = ["happy"] * 15 + ["surprise"] * 5
    first, second = ["happy"] * 17 + ["surprise"] * 3, ["happy"] * 18 + ["surprise"] * 2
    told = verdict.in_words(report(targets, first, second, first))
    assert told == "Too few photos to name a winner: 18, 17 and 18 of 20 right."
    told = verdict.in_words(report(targets, second, second))
    assert told.endswith("All struggle with surprise.")


def test_a_clear_winner_is_named():
    targets = ["happy"] * 40
    told = verdict.in_words(report(targets, ["happy"] * 40, ["sad"] * 30 + ["happy"] * 10))
    assert told == "Model 0 is best on these photos: 40 of 40 right, the others 10. "[:-1]


def test_one_model_alone_has_its_range():
    told = verdict.in_words(report(["happy"] * 2, ["happy"] * 2))
    assert told == "Model 0 is right on 2 of 2 photos (34 % to 100 % on others like these)."


def test_many_photos_without_a_winner():
    targets = ["happy", "sad"] * 100
    told = verdict.in_words(report(targets, targets, targets))
    assert told == "No single winner: 200 and 200 of 200 right."


def test_the_warning_is_for_few_photos_only():
    assert "Only 2 photos" in verdict.warning(report(["happy"] * 2, ["happy"] * 2))
    assert verdict.warning(report(["happy"] * 100, ["happy"] * 100)) == ""


def test_two_of_two_right_is_never_certain():
    (one,) = report(["happy"] * 2, ["happy"] * 2).scores
    low, high = one.intervals["accuracy"]
    assert (one.accuracy, high) == (1.0, pytest.approx(1.0))
    assert low == pytest.approx(0.342, abs=0.001)
    assert one.recall_intervals["happy"] == pytest.approx((low, high))


def test_the_calibration_error_lies_in_its_own_interval():
    for count in (1, 2, 3, 7):
        (one,) = report(["happy"] * count, ["happy"] * (count - 1) + ["sad"]).scores
        low, high = one.intervals["ece"]
        assert low <= one.ece <= high


def test_mistakes_are_found_by_cell_the_surest_first():
    given = comparison(["happy", "happy", "sad", "happy"], ["sad", "sad", "fear", "happy"])
    given.probabilities[0, 0, SEVEN.index("sad")] = 0.7
    assert scores.taken_for(given, 0) == {("happy", "sad"): [1, 0], ("sad", "fear"): [2]}


def test_a_label_looks_wrong_only_where_all_models_are_sure_of_one_other():
    given = comparison(["happy", "happy", "happy"], ["sad", "sad", "happy"], ["sad", "fear", "happy"])
    assert [scores.label_looks_wrong(given, row) for row in range(3)] == [True, False, False]
    unsure = replace(given, models=tuple(replace(model, threshold=0.95) for model in given.models))
    assert not scores.label_looks_wrong(unsure, 0)
