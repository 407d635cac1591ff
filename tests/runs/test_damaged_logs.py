"""What is no log, or only a part of one: always a sentence, and never much memory."""

import json
import tracemalloc

import pytest
from training_logs import CSV_LOG, TRAIN_EVENTS

from fer_core.errors import RunError
from fer_core.runs import logs
from fer_core.runs import uploads as history_uploads
from fer_core.runs.dialects import json_columns, source
from fer_core.runs.uploads import File

MOST_ROWS = 20_000


@pytest.fixture
def _few_rows(monkeypatch):
    """A tenth of the usual limits, so that a file beyond them is made quickly."""
    for module in (source, json_columns):
        monkeypatch.setattr(module, "MOST_ROWS", MOST_ROWS)
    monkeypatch.setattr(source, "LIMITS", source.LIMITS._replace(rows=MOST_ROWS))


def peak(name, data):
    """Bytes that reading takes at most, and the sentence."""
    tracemalloc.start()
    try:
        with pytest.raises(RunError) as caught:
            logs.parse(name, data)
        return tracemalloc.get_traced_memory()[1], str(caught.value)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xef\xbb\xbf\n", b"\0\0\0", b",", b"[]", b"{}"]
)
@pytest.mark.parametrize("name", ["log.csv", "history.json", "events.out.tfevents.1"])
def test_nothing_is_a_sentence(name, data):
    with pytest.raises(RunError):
        logs.parse(name, data)


@pytest.mark.parametrize(
    "content",
    [
        "[" + ",".join(["{}"] * 40_000) + "]",
        json.dumps([{f"loss{number}": 1} for number in range(3000)]),
        json.dumps({"loss": [1] * 30_000}),
        json.dumps({f"loss{number}": [1] for number in range(2000)}),
        '{"columns": ["loss"], "data": ' + json.dumps([[1]] * 21_000) + "}",
    ],
    ids=["empty rows", "names", "values", "columns", "split"],
)
@pytest.mark.usefixtures("_few_rows")
def test_json_of_far_too_much_is_told_before_it_is_spread_out(content):
    taken, sentence = peak("history.json", content.encode())
    assert "far more" in sentence or "far too" in sentence or "no epoch" in sentence
    assert taken < 30_000_000


@pytest.mark.parametrize(
    "data",
    [
        b"epoch,loss\n" + b"1,2\n" * 21_000,
        b"a," * 100_000 + b"\n1\n",
        b"\n" * 300_000 + b"loss\n1\n",
        b"[" * 200_000,
    ],
    ids=["rows", "columns", "lines", "brackets"],
)
@pytest.mark.usefixtures("_few_rows")
def test_tables_of_far_too_much_are_told(data):
    taken, _ = peak("log.csv", data)
    assert taken < 30_000_000


@pytest.mark.parametrize("length", range(len(CSV_LOG.splitlines()[0]) + 1))
def test_a_csv_log_without_a_row_is_told(length):
    with pytest.raises(RunError, match=r"log\.csv"):
        logs.parse("log.csv", CSV_LOG[:length].encode())


@pytest.mark.parametrize("row", range(2, 5))
def test_a_csv_log_cut_within_a_row_keeps_the_rows_before(row):
    lines = CSV_LOG.splitlines(keepends=True)
    assert len(logs.parse("log.csv", ("".join(lines[:row]) + lines[row][:9]).encode())) == row - 1


@pytest.mark.parametrize("length", range(0, len(TRAIN_EVENTS), 11))
def test_an_event_file_cut_anywhere_is_read_or_told(length):
    found = history_uploads.read([File("events.v2", TRAIN_EVENTS[:length])])
    assert len(found.runs) + len(found.errors) == 1
    assert all(len(history) <= 3 for _, history in found.runs)
