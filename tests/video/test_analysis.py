"""From a file to a timeline: with quick squares, and with real faces and the house network."""

import gc
import weakref

import numpy as np
import pytest
from bright_square import SIDE
from clips import encoded, sample_face, scene

from fer_core import predictors
from fer_core.errors import PredictorError, VideoError
from fer_core.photos.analysis import analyse
from fer_core.video import analysis
from fer_core.video.analysis import VideoReading, read

CHANGE, SECONDS, RATE = 2.0, 4.0, 10


def film(square, places, label="happy"):
    """Squares at these places in each frame; None for a frame without one."""
    labels = label if isinstance(label, list) else [label] * len(places)
    return encoded(
        [
            scene([] if place is None else [(*place, square(name))], background=0)
            for place, name in zip(places, labels, strict=True)
        ],
        rate=RATE,
    )


def test_the_answer_changes_when_the_face_does(squares, square):
    data = film(square, [(80, 144)] * 40, ["neutral"] * 20 + ["happy"] * 20)
    timeline = read(data, squares)
    (face,) = timeline.faces
    assert [segment.label for segment in face.segments] == ["neutral", "happy"]
    assert face.segments[1].start == pytest.approx(2.0, abs=0.2)
    assert face.shares == pytest.approx({"neutral": 0.5, "happy": 0.5}, abs=0.06)
    assert (timeline.frames, timeline.seconds, timeline.size) == (20, pytest.approx(4.0), (640, 480))
    assert not timeline.stopped


def test_real_faces_from_neutral_to_happy(no_yunet):  # noqa: ARG001
    """The house network and the built-in detector; the change is known to a frame."""
    pictures = [sample_face("neutral.jpg", (51, 157, 924, 1030)), sample_face("astronaut.jpg", (141, 37, 309, 205))]
    frames = [scene([(150 + number, 100, pictures[number >= CHANGE * RATE])]) for number in range(int(SECONDS * RATE))]
    (face,) = read(encoded(frames, rate=RATE), predictors.load("house"), rate=5).faces
    happy = [moment.time for moment in face.moments if moment.answer.label == "happy"]
    neutral = [moment.time for moment in face.moments if moment.answer.label == "neutral"]
    assert happy[0] == pytest.approx(CHANGE, abs=0.5)
    assert neutral[-1] == pytest.approx(CHANGE, abs=0.5)
    assert [thumbnail.label for thumbnail in face.thumbnails][::2][0] == "neutral"
    assert {"neutral", "happy"} <= {thumbnail.label for thumbnail in face.thumbnails}


def test_a_frame_is_answered_as_a_photo_is(squares, square, monkeypatch):
    """Same crop, same calibrated answer, same doubt, by the same function."""
    asked = []

    def watched(pixels, networks, **options):
        found = analyse(pixels, networks, **options)
        asked.append(found.faces[0].predictions[0])
        return found

    monkeypatch.setattr(analysis, "analyse", watched)
    (face,) = read(film(square, [(80, 144)] * 6), squares).faces
    for moment, answer in zip(face.moments, asked, strict=True):
        assert moment.sighting.row == pytest.approx(list(answer.probabilities.values()), abs=1e-6)


def test_a_number_outlives_a_gap(squares, square):
    places = [(80, 144)] * 10 + [None] * 8 + [(112, 144)] * 10
    (face,) = read(film(square, places), squares).faces
    assert face.end == pytest.approx(2.8, abs=0.01)
    assert face.seconds == pytest.approx(2.0, abs=0.2)


def test_two_faces_have_two_lines(squares, square):
    frames = [
        scene([(48, 144, square("happy"))] + ([(400, 144, square("neutral"))] if number >= 12 else []), background=0)
        for number in range(30)
    ]
    one, other = read(encoded(frames, rate=RATE), squares).faces
    assert (one.number, other.number) == (1, 2)
    assert [next(iter(face.shares)) for face in (one, other)] == ["happy", "neutral"]
    assert 1.2 <= other.start <= 2.01  # the whole frame is searched once per second


def test_boxes_are_in_pixels_of_the_upright_video(squares, square):
    """A video of 1920 x 1440 is read at two thirds of its sides."""
    large = scene([(192, 384, square("happy").repeat(3, 0).repeat(3, 1)[: 3 * SIDE, : 3 * SIDE])], (1920, 1440), 0)
    timeline = read(encoded([large] * 2), squares)
    assert timeline.size == (1920, 1440)
    for face in timeline.faces:
        x, y, width, height = face.moments[0].sighting.box
        assert 150 <= x < 1920
        assert y < 1440
        assert width == pytest.approx(height, abs=3)


def test_reading_can_be_stopped_and_what_was_found_stays(squares, square):
    reading = VideoReading(film(square, [(80, 144)] * 40), squares)
    for seconds in reading:
        if seconds > 1.5:
            break
    timeline = reading.timeline()
    assert timeline.stopped
    assert 1.5 < timeline.seconds < 2.0
    assert len(timeline.faces) == 1


def test_no_face_is_an_answer(squares):
    timeline = read(encoded([scene([], background=0)] * 10), squares)
    assert timeline.faces == ()
    assert timeline.frames == 5


def test_memory_holds_one_frame_and_numbers(squares, square, monkeypatch):
    alive = []

    def watched(pixels, networks, **options):
        gc.collect()
        alive.append(weakref.ref(pixels))
        assert sum(one() is not None for one in alive) <= 2  # this one, and at most the one before
        return analyse(pixels, networks, **options)

    monkeypatch.setattr(analysis, "analyse", watched)
    reading = VideoReading(film(square, [(80, 144)] * 40), squares, rate=RATE)
    for _ in reading:
        pass
    assert len(alive) == 40
    gc.collect()
    assert not [one for one in alive if one() is not None]
    (kept,) = reading._kept.values()
    assert len(kept.thumbnails) <= len(squares.classes)
    assert all(one.row.nbytes < 100 for one in kept.sightings)


def test_a_broken_network_is_not_the_video_s_fault(squares, square, monkeypatch):
    monkeypatch.setattr(type(squares), "predict", lambda *_: np.full((1, 7), np.nan, np.float32))
    with pytest.raises(PredictorError, match="house"):
        read(film(square, [(80, 144)] * 2), squares)


def test_what_nobody_foresaw_is_a_sentence(squares, square, monkeypatch):
    monkeypatch.setattr(analysis, "look", lambda *_: 1 / 0)
    with pytest.raises(VideoError, match="nobody foresaw"):
        read(film(square, [(80, 144)] * 2), squares)
