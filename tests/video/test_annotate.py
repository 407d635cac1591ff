"""The video with boxes and answers: whole, upright, in time, and never half a file."""

import io
from itertools import pairwise

import numpy as np
import pytest
from clips import encoded, scene

from fer_core.errors import VideoError
from fer_core.photos.drawing import BOX
from fer_core.video import annotate, frames
from fer_core.video.analysis import VideoReading, read

RATE = 10


def film(square, count=10, **options):
    return encoded([scene([(80, 144, square("happy"))], background=0)] * count, rate=RATE, **options)


def annotated(data, timeline):
    target = io.BytesIO()
    seconds = list(annotate.to_stream(data, timeline, target))
    assert all(one < other for one, other in pairwise(seconds))
    with frames.opened(target.getvalue()) as video:
        return list(video.all())


def yellow(pixels):
    """Share of pixels in the colour of boxes."""
    return float((np.abs(pixels.astype(int) - BOX).max(axis=2) < 60).mean())


def test_every_frame_is_there_with_a_box_around_the_face(squares, square):
    data = film(square)
    found = annotated(data, read(data, squares))
    assert [frame.time for frame in found] == pytest.approx([number / RATE for number in range(10)], abs=0.02)
    for frame in found:
        assert frame.pixels.shape == (480, 640, 3)
        assert yellow(frame.pixels[:, 64:96]) > 0.05
        assert yellow(frame.pixels[:, 400:]) == 0


def test_a_turned_video_stays_upright_and_its_times_stay(squares, square):
    times = [0.0, 0.1, 0.9, 1.0]
    frame = np.rot90(scene([(80, 144, square("happy"))], background=0), -1)
    data = encoded([frame] * 4, rotation=90, times=times)
    found = annotated(data, read(data, squares))
    assert [frame.time for frame in found] == pytest.approx(times, abs=0.02)
    assert found[0].pixels.shape == (480, 640, 3)
    assert yellow(found[0].pixels[:, 64:96]) > 0.05


def test_what_was_stopped_ends_where_it_was_stopped(squares, square):
    data = film(square, 40)
    reading = VideoReading(data, squares)
    for seconds in reading:
        if seconds > 1:
            break
    assert len(annotated(data, reading.timeline())) in range(9, 15)


def test_a_file_is_there_when_all_is_done_and_not_before(squares, square, tmp_path):
    source = tmp_path / "in.mp4"
    source.write_bytes(film(square))
    timeline = read(source, squares)
    steps = annotate.to_file(source, timeline, tmp_path / "out.mp4")
    next(steps)
    assert not (tmp_path / "out.mp4").exists()
    steps.close()
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["in.mp4"]
    list(annotate.to_file(source, timeline, tmp_path / "out.mp4"))
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["in.mp4", "out.mp4"]


def test_it_does_not_write_over_the_video_itself(squares, square, tmp_path):
    source = tmp_path / "in.mp4"
    source.write_bytes(film(square))
    before = source.read_bytes()
    with pytest.raises(VideoError, match="is the video itself"):
        list(annotate.to_file(source, read(source, squares), source))
    assert source.read_bytes() == before


def test_a_folder_that_is_not_there_has_its_sentence(squares, square, tmp_path):
    data = film(square, 2)
    with pytest.raises(VideoError, match="cannot be written"):
        list(annotate.to_file(data, read(data, squares), tmp_path / "nowhere" / "out.mp4"))
