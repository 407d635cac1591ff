"""Which face of a frame is which face of the frames before."""

import numpy as np
import pytest

from fer_core.photos.faces import Face
from fer_core.photos.images import Photo
from fer_core.video.tracking import ALIKE, LONGEST_GAP, Tracker, look, shared

SIDE = 60


def face(x, y=100, side=SIDE):
    return Face((x, y, side, side), 0.9)


def person(seed):
    """The look of somebody: unlike that of all others."""
    vector = np.random.default_rng(seed).standard_normal(192).astype(np.float32)
    return vector / np.linalg.norm(vector)


def numbers(tracker, people, time):
    """The numbers given to people, each a place and a seed."""
    tracks = tracker.update([face(*place) for place, _ in people], [person(seed) for _, seed in people], time)
    return [track.number for track in tracks]


def test_faces_that_move_keep_their_numbers():
    tracker = Tracker()
    for step in range(10):
        assert numbers(tracker, [((10 * step,), 1), ((400 - 10 * step,), 2)], step / 5) == [1, 2]


def test_the_order_in_which_faces_are_found_does_not_matter():
    tracker = Tracker()
    assert numbers(tracker, [((0,), 1), ((300,), 2)], 0) == [1, 2]
    assert numbers(tracker, [((300,), 2), ((0,), 1)], 0.2) == [2, 1]


def test_a_face_that_comes_back_soon_has_its_number():
    tracker = Tracker()
    numbers(tracker, [((100,), 1), ((400,), 2)], 0)
    for step in range(1, 6):
        assert numbers(tracker, [((400,), 2)], step / 5) == [2]
    assert numbers(tracker, [((130,), 1), ((400,), 2)], 1.2) == [1, 2]


def test_somebody_else_in_its_place_has_a_new_number():
    tracker = Tracker()
    assert person(1) @ person(3) < ALIKE
    numbers(tracker, [((100,), 1)], 0)
    numbers(tracker, [], 0.2)
    assert numbers(tracker, [((100,), 3)], 0.4) == [2]


def test_after_a_long_gap_the_number_is_new():
    tracker = Tracker()
    numbers(tracker, [((100,), 1)], 0)
    numbers(tracker, [], 0.2)
    assert numbers(tracker, [((100,), 1)], LONGEST_GAP + 0.3) == [2]


def test_a_frame_that_stands_for_long_is_no_gap():
    tracker = Tracker()
    numbers(tracker, [((100,), 1)], 0)
    assert numbers(tracker, [((100,), 1)], 60) == [1]


def test_two_that_pass_each_other_keep_their_numbers():
    """At one moment only the one in front is seen."""
    tracker = Tracker()
    for step in range(21):
        people = [((100 + 10 * step,), 1), ((300 - 10 * step,), 2)]
        seen = people[:1] if 8 <= step <= 12 else people
        assert numbers(tracker, seen, step / 10) == [1, 2][: len(seen)]


def test_a_face_of_another_size_is_another_face():
    tracker = Tracker()
    numbers(tracker, [((100,), 1)], 0)
    assert numbers(tracker, [((100, 100, 3 * SIDE), 1)], 0.2) == [2]


def test_the_overlap_of_boxes():
    assert shared(face(0), face(0)) == 1
    assert shared(face(0), face(SIDE)) == 0
    assert shared(face(0), face(SIDE // 2)) == pytest.approx(1 / 3)


def test_looks_tell_people_apart_and_know_them_again(astronaut, hopper):
    """In other light and a few pixels off, too."""
    own = look(Photo(astronaut), Face((181, 65, 89, 112), 0.9))
    again = look(Photo((astronaut * 0.7 + 20).astype(np.uint8)), Face((185, 69, 86, 108), 0.9))
    other = look(Photo(hopper), Face((183, 120, 170, 212), 0.9))
    assert own @ again > 0.95
    assert own @ other < 0.8
    assert np.linalg.norm(own) == pytest.approx(1)
