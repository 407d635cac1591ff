"""Figures of a batch hold the numbers that they are given."""

from datetime import datetime

import pytest

from fer_core.figures import batch

SHARES = [{"label": "happy", "share": 0.8, "unsure": 0.25}, {"label": "sad", "share": 0.2, "unsure": 0.5}]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_sure_and_unsure_parts_make_the_share(theme):
    sure, unsure = batch.shares(SHARES, theme).data
    assert list(sure.x) == ["happy", "sad"]
    assert list(sure.y) == pytest.approx([0.6, 0.1])
    assert list(unsure.y) == pytest.approx([0.2, 0.1])
    assert list(unsure.text) == ["80 %", "20 %"]


def test_months():
    [bars] = batch.months([{"group": datetime(2024, 5, 1), "faces": 7}]).data
    assert (bars.x[0], list(bars.y)) == (datetime(2024, 5, 1), [7])
