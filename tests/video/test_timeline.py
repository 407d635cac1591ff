"""Answers over time: smoothed, summed up, and between the frames that were read."""

import numpy as np
import pytest

from fer_core.labels import SEVEN
from fer_core.predictors.base import PredictorInfo
from fer_core.video.timeline import REACH, UNSURE, Sighting, face_timeline, smoothed, spans_of

INFO = PredictorInfo("house", "House", SEVEN, 48, 1, "a test", "MIT", "none", threshold=0.5)


def row(label, share=0.94):
    values = np.full(len(SEVEN), (1 - share) / 6, np.float32)
    values[SEVEN.index(label)] = share
    return values


def timeline(labels, rate=5.0, times=None, **options):
    times = times or [number / rate for number in range(len(labels))]
    seen = [
        Sighting(time, (10 * place, 0, 50, 60), 0.0, 0.9, row(label), **options)
        for place, (time, label) in enumerate(zip(times, labels, strict=True))
    ]
    return face_timeline(1, seen, (), spans_of(times, times[-1] + 1 / rate), INFO)


def test_a_change_stays_at_its_moment():
    face = timeline(["neutral"] * 25 + ["happy"] * 25)
    changed = next(moment.time for moment in face.moments if moment.answer.label == "happy")
    assert changed == pytest.approx(5.0)


def test_one_odd_frame_is_smoothed_away():
    face = timeline(["happy"] * 10 + ["sad"] + ["happy"] * 10)
    assert {moment.answer.label for moment in face.moments} == {"happy"}
    assert len(face.segments) == 1
    assert SEVEN[int(face.moments[10].sighting.row.argmax())] == "sad"  # the frame's own answer is kept


def test_smoothed_rows_are_probabilities():
    random = np.random.default_rng(0)
    rows = random.dirichlet(np.ones(7), 40).astype(np.float32)
    times = np.cumsum(random.uniform(0.01, 0.6, 40))
    found = smoothed(times, rows, np.diff(times, append=times[-1] + 0.2))
    assert found.sum(axis=1) == pytest.approx(np.ones(40))
    assert found.std() < rows.std()


def test_what_is_far_away_in_time_counts_nothing():
    times = np.array([0.0, 10 * REACH])
    rows = np.stack([row("happy"), row("sad")])
    assert smoothed(times, rows, np.array([0.2, 0.2])) == pytest.approx(rows, abs=1e-6)


def test_shares_count_time_and_not_frames():
    face = timeline(["happy", "sad"], times=[0.0, 9.0], rate=1.0)
    assert face.shares == pytest.approx({"happy": 0.9, "sad": 0.1})
    assert face.seconds == 10


def test_too_little_to_see_is_unsure_whatever_the_network_says():
    face = timeline(["happy"] * 5, hidden=True, reason="the face is turned away")
    assert face.shares == {UNSURE: pytest.approx(1)}
    assert face.moments[0].answer.reason == "the face is turned away"


def test_segments_end_where_the_face_goes_out_of_sight():
    seen = [Sighting(time, (0, 0, 50, 60), 0.0, 0.9, row("happy")) for time in (0.0, 0.2, 3.0, 3.2)]
    face = face_timeline(1, seen, (), [0.2, 0.2, 0.2, 0.2], INFO)
    assert [(segment.start, segment.end) for segment in face.segments] == [
        pytest.approx((0.0, 0.4)),
        pytest.approx((3.0, 3.4)),
    ]
    assert face.seconds == pytest.approx(0.8)
    assert face.at(1.5) is None


def test_between_two_frames_the_box_moves_evenly():
    face = timeline(["happy"] * 3, rate=1.0)
    assert face.at(0.5).sighting.box == (5, 0, 50, 60)
    assert face.at(2.9).sighting.box == (20, 0, 50, 60)
    assert face.at(3.5) is None
    assert face.at(-0.1) is None
