"""Which split plays which part, told by what a dataset has."""

import pytest

from fer_core import protocols


@pytest.mark.parametrize(
    ("splits", "parts"),
    [
        (("train", "public_test", "private_test"), ("train", "public_test", "private_test")),
        (("train", "val", "test"), ("train", "val", "test")),
        (("train", "test"), ("train", None, "test")),
        (("train", "val"), ("train", None, "val")),
        (("all",), ("all", None, "all")),
        (("private_test",), ("private_test", None, "private_test")),
    ],
)
def test_no_split_selects_and_reports_at_once(splits, parts):
    assert tuple(protocols.parts(splits)) == parts


def test_a_network_that_does_not_say_was_fer2013s():
    said = protocols.of({"evaluations": []})
    assert (said.dataset, said.selected_on, said.reported_on) == ("FER2013", "public test", "private test")


def test_what_a_release_writes_is_read_back():
    made = protocols.Protocol("RAF-DB", "held-out 20 % of the training images", "same", "test", ("held_out",))
    assert protocols.of({"protocol": made.to_json()}) == made
