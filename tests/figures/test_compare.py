"""Figures of comparisons hold the numbers of the report."""

import numpy as np
import pytest

from fer_core.compare import scores
from fer_core.compare.answers import ComparedModel, Comparison
from fer_core.compare.corruptions import CORRUPTIONS
from fer_core.compare.robustness import Curves
from fer_core.figures import compare
from fer_core.labels import SEVEN


@pytest.fixture
def report():
    random = np.random.default_rng(1)
    n = 60
    targets = random.integers(0, 5, n)  # nobody is surprised or neutral
    found = random.random(n) > 0.1
    probabilities = random.dirichlet(np.ones(7), (2, n))
    probabilities[:, ~found] = np.nan
    conditions = {"size": np.where(found, random.uniform(30, 300, n), np.nan)}
    pictures = tuple(np.zeros((8, 8), np.uint8) for _ in range(n))
    models = (ComparedModel("one", "Network", 0.3), ComparedModel("two", "Network", 0.5))
    given = Comparison(
        title="Made",
        names=tuple(map(str, range(n))),
        targets=targets,
        classes=SEVEN,
        models=models,
        found=found,
        probabilities=probabilities,
        whole=random.dirichlet(np.ones(7), (2, n)),
        conditions=conditions,
        pictures=pictures,
        squeezed=pictures,
        marks=(None,) * n,
        milliseconds={},
        detector="haar",
        notes=(),
    )
    return scores.report(given)


def test_models_of_one_title_are_told_apart(report):
    assert list(report.titles.values()) == ["Network (one)", "Network (two)"]


def test_confusion_shows_shares_and_counts_with_no_face_last(report):
    first = report.scores[0]
    (drawn,) = compare.confusion(first, SEVEN).data
    assert list(drawn.x) == [*SEVEN, compare.NO_FACE]
    assert list(drawn.y) == list(SEVEN)
    assert np.nansum(drawn.z, axis=1) == pytest.approx([1, 1, 1, 1, 1, 0, 0])
    assert sum(int(cell or 0) for row in drawn.text for cell in row) == 60


def test_difference_is_in_points_of_the_row(report):
    one, two = report.scores
    (drawn,) = compare.confusion_difference(one, two, SEVEN).data
    expected = 100 * (one.confusion[0] - two.confusion[0]) / one.confusion[0].sum()
    assert drawn.z[0] == pytest.approx(expected)
    (same,) = compare.confusion_difference(one, one, SEVEN).data
    assert np.nanmax(np.abs(same.z)) == 0


def test_recalls_carry_their_intervals(report):
    drawn = compare.recalls(report).data
    assert [bar.name for bar in drawn] == ["Network (one)", "Network (two)"]
    assert list(drawn[0].x) == list(SEVEN[:5])
    low, high = report.scores[0].recall_intervals["fear"]
    assert drawn[0].y[2] - drawn[0].error_y.arrayminus[2] == pytest.approx(low)
    assert drawn[0].y[2] + drawn[0].error_y.array[2] == pytest.approx(high)


def test_reliability_and_coverage_are_the_reports(report):
    perfect, first, _ = compare.reliability(report).data
    assert list(perfect.x) == list(perfect.y)
    assert sum(first.customdata) == report.scores[0].found
    line, ring, *_ = compare.coverage(report).data
    assert line.x[-1] == pytest.approx(report.scores[0].found / 60)
    assert (ring.x[0], ring.y[0]) == (report.scores[0].answered, report.scores[0].answered_accuracy)


def test_groups_and_whole_photos(report):
    drawn = compare.by_condition(report, "size").data
    assert sum(group.count for group in report.groups) == report.scores[0].found
    assert len(drawn[0].x) == 4
    cropped, whole = compare.whole_photo(report).data
    assert list(cropped.y) == [one.whole.cropped for one in report.scores]
    assert list(whole.y) == [one.whole.whole for one in report.scores]
    assert report.scores[0].whole.cropped == pytest.approx(report.scores[0].accuracy)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_robustness_has_a_line_a_model_in_every_picture(theme):
    right = {"one": np.full((2, 6), 40), "two": np.full((2, 6), 30)}
    right["two"][1, 3:] = -1
    curves = Curves("Made", 50, ("blur", "noise"), {"one": "One", "two": "<b>Two"}, right)
    drawn = compare.robustness(curves, theme).data
    assert len(drawn) == 4
    assert drawn[0].x[1] == f"{CORRUPTIONS['blur'].strengths[0]:g}"
    assert list(drawn[0].y) == [0.8] * 6
    assert list(drawn[3].y) == [0.6] * 3
    assert drawn[2].name == "&lt;b&gt;Two"
