"""`fer calibrate`: what shares and lifts do on the splits that select."""

import numpy as np
import pytest

from fer_core.cli.main import main
from training.commands import calibrate

pytestmark = pytest.mark.tensorflow
CLASSES = ("angry", "happy", "neutral")


def test_a_lift_changes_the_answers_and_their_figures():
    probabilities = np.array([[0.4, 0.1, 0.5], [0.2, 0.7, 0.1], [0.1, 0.1, 0.8]], np.float32)
    read = {"photos": (probabilities, np.array([0, 1, 2]))}
    plain, lifted, too_far = (calibrate.lift_row(one, read, CLASSES) for one in ({}, {"angry": 1.4}, {"angry": 9}))
    assert (plain["lift"], lifted["lift"]) == ("none", "angry=1.4")
    assert plain["photos_accuracy"] == pytest.approx(2 / 3)
    assert (lifted["photos_accuracy"], lifted["photos_mean_recall"], lifted["photos_neutral"]) == (1, 1, 1)
    assert too_far["photos_neutral"] == 0
    assert too_far["photos_mean_recall"] == pytest.approx(1 / 3)


def test_the_command_prints_shares_and_says_why_there_are_no_lifts(trained, capsys):
    assert main(["calibrate", str(trained), "--lift", "angry=1.4"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("crowd_share") or "one head" in printed
    assert "selects on one dataset" in printed


def test_a_lift_that_is_no_number_is_a_sentence(trained, capsys):
    assert main(["calibrate", str(trained), "--lift", "angry"]) == 2
    assert "expected words such as surprise=1.2" in capsys.readouterr().err
