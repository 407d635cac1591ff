"""What a training says of its pace, by a clock that the test turns."""

import pytest

from training import progress

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def batches(told, clock, seconds):
    for batch, took in enumerate(seconds):
        clock[0] += took
        told.on_train_batch_end(batch, {"loss": 1.25})


def test_the_rate_and_the_time_left_leave_out_the_batch_that_compiles(clock, capsys):
    told = progress.Progress([24, 48], every=0)
    told.begin(0, steps=11, batch=10)
    batches(told, clock, [60, 2, 2, 2, 2, 2])
    *_, last = capsys.readouterr().out.splitlines()
    assert "epoch 1/2 24 px 6/11  loss 1.250  5 images/s" in last
    assert told.left(6) == pytest.approx(5 * 2 + 11 * 2 * 4)
    assert last.endswith("2 min left")


def test_the_pace_of_finished_epochs_counts(clock):
    told = progress.Progress([24, 24, 24])
    told.begin(0, steps=5, batch=10)
    batches(told, clock, [30, 1, 1, 1, 1])
    assert told.finish() == pytest.approx(34)
    told.begin(1, steps=5, batch=10)
    batches(told, clock, [3, 3, 3])
    assert told.rate == pytest.approx(10 / 3)
    assert told.left(3) == pytest.approx((2 + 5) * (4 + 6) / (4 + 2))


def test_an_epoch_of_one_batch_has_a_rate(clock):
    told = progress.Progress([24, 24])
    told.begin(0, steps=1, batch=10)
    batches(told, clock, [5])
    assert told.rate == pytest.approx(2)
    told.finish()
    told.begin(1, steps=1, batch=10)
    assert told.left(0) == pytest.approx(5)
