"""The figure of one face of a video holds the numbers of its timeline."""

import numpy as np
import pytest

from fer_core.figures.palette import COLOURS
from fer_core.figures.video import MOST_POINTS, face_figure, in_words
from fer_core.labels import SEVEN
from fer_core.predictors.base import PredictorInfo
from fer_core.video.timeline import Sighting, face_timeline, spans_of

INFO = PredictorInfo("house", "House", SEVEN, 48, 1, "a test", "MIT", "none", threshold=0.5)


def face(labels, times, threshold_row=0.94):
    def row(label):
        values = np.full(len(SEVEN), (1 - threshold_row) / 6, np.float32)
        values[SEVEN.index(label)] = threshold_row
        return values

    seen = [Sighting(time, (0, 0, 50, 60), 0.0, 0.9, row(label)) for time, label in zip(times, labels, strict=True)]
    spans = [min(span, 0.2) for span in spans_of(times, times[-1] + 0.2)]
    return face_timeline(3, seen, (), spans, INFO)


def test_areas_and_answers_are_those_of_the_timeline():
    found = face(["neutral"] * 10 + ["happy"] * 10, [number / 5 for number in range(20)])
    figure = face_figure(found, SEVEN, 4.0)
    areas = {trace.name: trace for trace in figure.data if trace.type == "scatter"}
    assert list(areas) == list(SEVEN)
    assert np.sum([trace.y for trace in areas.values()], axis=0) == pytest.approx(np.ones(21), abs=1e-3)
    assert areas["happy"].y[-1] == pytest.approx(found.moments[-1].answer.probabilities["happy"], abs=1e-3)
    (strip,) = [trace for trace in figure.data if trace.type == "bar"]
    assert list(strip.text) == ["neutral", "happy"]
    assert list(strip.customdata) == pytest.approx([0.0, 2.0])
    assert sum(strip.x) == pytest.approx(4.0)
    assert strip.marker.color == (COLOURS["neutral"], COLOURS["happy"])


def test_nothing_is_drawn_where_the_face_was_out_of_sight():
    found = face(["happy"] * 4, [0.0, 0.2, 3.0, 3.2])
    figure = face_figure(found, SEVEN, 4.0)
    happy = next(trace for trace in figure.data if trace.name == "happy")
    inside = [share for time, share in zip(happy.x, happy.y, strict=True) if 0.4 <= time <= 3.0]
    assert inside[:2] == [0, 0]


def test_unsure_is_hatched():
    found = face(["happy"] * 4, [0.0, 0.2, 0.4, 0.6], threshold_row=0.4)
    (strip,) = [trace for trace in face_figure(found, SEVEN, 1.0).data if trace.type == "bar"]
    assert strip.marker.pattern.shape == ("/",)
    assert list(strip.text) == ["unsure"]


def test_an_hour_is_drawn_in_few_points():
    count = 5 * 3600
    figure = face_figure(face(["happy"] * count, [number / 5 for number in range(count)]), SEVEN, 3600)
    assert all(len(trace.x) <= MOST_POINTS + 2 for trace in figure.data)


def test_it_is_said_in_words_too():
    assert in_words(face(["happy"] * 5, [0, 0.2, 0.4, 0.6, 0.8])) == (
        "Face 3, seen from 0:00.0 to 0:01.0. Share of its time: happy 100 %."
    )
