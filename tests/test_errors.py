"""What nobody foresaw costs one item, tells its owner, and gives no name away."""

import gc
import logging

import pytest

from fer_core.errors import DatasetError, FerError, PhotoError, let_go, unforeseen

SENTENCE = "This photo could not be read."


@pytest.mark.parametrize("error", [ValueError("anna.jpg"), MemoryError(), RecursionError(), KeyError("anna.jpg")])
def test_anything_becomes_a_sentence_and_the_log_has_no_name(error, caplog):
    with caplog.at_level(logging.WARNING), pytest.raises(PhotoError, match=SENTENCE), unforeseen(PhotoError, SENTENCE):
        raise error
    assert type(error).__name__ in caplog.text
    assert "test_errors.py" in caplog.text
    assert "anna" not in caplog.text


def test_our_own_errors_pass_as_they_are():
    with pytest.raises(DatasetError, match="told already"), unforeseen(PhotoError, SENTENCE):
        raise DatasetError("told already")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_who_wants_to_stop_may(stop):
    with pytest.raises(stop), unforeseen(FerError, SENTENCE):
        raise stop


def test_it_stands_before_a_function_too():
    @unforeseen(PhotoError, SENTENCE)
    def divide(by):
        return 1 / by

    assert divide(1) == 1
    with pytest.raises(PhotoError):
        divide(0)
    assert divide(1) == 1


def test_an_error_that_has_ended_holds_no_photo():
    class Photo(bytes):
        pass

    def read(photo):
        try:
            return int(photo)
        except ValueError as error:
            raise PhotoError(f"{len(photo)} bytes") from error

    kept = []
    try:
        read(Photo(b"x" * 100))
    except PhotoError as error:
        let_go(error)
        kept.append(error)
    assert str(kept[0]) == "100 bytes"
    assert not [one for one in gc.get_objects() if isinstance(one, Photo)]
