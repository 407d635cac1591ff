"""Whatever bytes come, each reader gives an answer or a sentence; and what was written comes back as it was.

A new reader is one row in READERS.
"""

import contextlib
import csv
import gzip
import io
import json
import math
import string
import tarfile
import zipfile

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as some
from PIL import Image

from fer_core import tables, text
from fer_core.compare import testsets
from fer_core.datasets import archives, headers
from fer_core.errors import FerError, PhotoError
from fer_core.labels import SEVEN
from fer_core.photos import formats, images
from fer_core.runs import logs
from fer_core.tables import FILE, LABEL, numbers

quick = settings(
    max_examples=50,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

STARTS = (
    *(b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\x00\x10JFIF\0", b"BM", b"GIF89a"),
    *(b"II*\0", b"MM\0*", b"RIFF\x10\0\0\0WEBPVP8 ", b"\0\0\0\x18ftypheic", b"\0\0\0\x18ftypavif", b"\xef\xbb\xbf"),
    *(
        b"\xff\xfe",
        b"\xfe\xff",
        b"{",
        b"[{",
        b'{"loss": [',
        b"epoch,loss\n",
        b"file,label\n",
        b"Epoch 1/3\n",
        b"P5 9 9 255\n",
    ),
)
"""What files begin with, so that bytes get past the first look."""
any_bytes = some.builds(lambda start, rest: start + rest, some.sampled_from(STARTS), some.binary(max_size=400))
any_lines = some.text(alphabet="0123456789.,;:|\t\n\r\"'{}[]epochlsvaEP %-+/=\ufeffäя笑\0", max_size=300).map(
    lambda line: line.encode("utf-8")
)
LOG_NAMES = ("log.csv", "history.json", "events.out.tfevents.1", "train.log", "x")


def a_table(data):
    table = tables.read("x.csv", data)
    assert all(len(row.cells) == len(table.heading) for row in table.rows())


def a_log(data):
    for name in LOG_NAMES:
        with contextlib.suppress(FerError):
            for history in logs.parse_all(name, data):
                assert all(len(values) == len(history.epochs) for values in history.columns.values())
    logs.parse("log.csv", data)


def an_archive(data):
    names = [name for name, _ in archives.entries(data, archives.Limits(entries=50, total_bytes=1_000_000), "x.zip")]
    assert not [name for name in names if name.startswith("/") or ".." in name.split("/")]


def a_photo(data):
    pixels = images.decode(data)
    assert pixels.dtype == np.uint8
    assert pixels.shape[2:] == (3,)


def a_header(data):
    assert isinstance(formats.what_is(data), str | None)
    assert min(images.size(data)) >= 1


def labels(data):
    testsets.with_csv(testsets.from_files([("anna.jpg", b"x"), ("bob.jpg", b"y")]), data)


READERS = (a_table, a_log, an_archive, a_photo, a_header, labels)


@pytest.mark.parametrize("read", READERS)
@given(data=any_bytes | any_lines)
@quick
def test_an_answer_or_a_sentence(read, data):
    try:
        read(data)
    except FerError as error:
        assert str(error).strip()  # noqa: PT017  both ways are right


@given(data=any_bytes)
@quick
def test_sizes_of_any_files(data, tmp_path):
    for name in ("x.jpg", "x.heic"):
        (tmp_path / name).write_bytes(data)
    assert headers.sizes(tmp_path, ["x.jpg", "x.heic"]).shape == (2, 2)


letters = some.text(alphabet=string.ascii_letters + "äöüßéñç", min_size=1, max_size=12)


@given(
    names=some.lists(letters, min_size=2, max_size=8, unique_by=str.casefold),
    label=some.lists(some.sampled_from(SEVEN), min_size=8, max_size=8),
    separator=some.sampled_from(",;\t|"),
    encoding=some.sampled_from(("utf-8", "utf-8-sig", "utf-16")),
    ends=some.sampled_from(("\n", "\r\n", "\r")),
)
@quick
def test_a_table_comes_back_however_it_was_saved(names, label, separator, encoding, ends):
    stream = io.StringIO()
    rows = [[f"{name}.jpg", one] for name, one in zip(names, label, strict=False)]
    csv.writer(stream, delimiter=separator, lineterminator=ends).writerows([["file", "label"], *rows])
    table = tables.read("x.csv", stream.getvalue().encode(encoding))
    assert [cells for _, cells in table.select(FILE, LABEL)] == rows


values = some.floats(0, 1).map(lambda value: round(value, 5))


@given(losses=some.lists(values, min_size=2, max_size=9), decimal=some.sampled_from((".", ",")))
@quick
def test_a_log_comes_back_as_csv_and_as_json(losses, decimal):
    rows = [f"{epoch};{value}".replace(".", decimal) for epoch, value in enumerate(losses)]
    files = {
        "log.csv": "\n".join(["epoch;loss", *rows]).encode(),
        "history.json": json.dumps({"loss": losses}).encode(),
    }
    for name, data in files.items():
        assert logs.parse(name, data).columns["loss"].tolist() == pytest.approx(losses)


entries = some.dictionaries(
    some.text(string.ascii_letters, min_size=1, max_size=9).map(lambda name: f"{name}.png"),
    some.binary(max_size=300),
    min_size=1,
    max_size=6,
)


@given(files=entries)
@quick
def test_an_archive_gives_what_was_packed(files):
    assume(len({name.casefold() for name in files}) == len(files))
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive, tarfile.open(fileobj=tarred, mode="w") as tar:
        for name, content in files.items():
            archive.writestr(name, content)
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    for data in (zipped.getvalue(), tarred.getvalue(), gzip.compress(tarred.getvalue())):
        assert dict(archives.entries(data)) == files


@given(
    width=some.integers(images.MIN_SIDE, 90),
    height=some.integers(images.MIN_SIDE, 90),
    kind=some.sampled_from(("PNG", "BMP", "JPEG", "WEBP", "TIFF", "GIF")),
    mode=some.sampled_from(("L", "RGB")),
)
@quick
def test_a_photo_keeps_its_shape_in_every_format(width, height, kind, mode):
    stream = io.BytesIO()
    Image.new(mode, (width, height), 120 if mode == "L" else (120, 60, 30)).save(stream, kind)
    assert images.size(stream.getvalue()) == (height, width)
    assert images.decode(stream.getvalue()).shape == (height, width, 3)


@given(
    cut=some.integers(0, 2000), flips=some.lists(some.tuples(some.integers(0, 1999), some.integers(0, 255)), max_size=4)
)
@quick
def test_a_damaged_photo_is_an_answer_or_a_sentence(cut, flips):
    ramp = np.linspace(0, 255, 48 * 48 * 3).astype(np.uint8).reshape(48, 48, 3)
    data = bytearray(cv2.imencode(".jpg", ramp)[1].tobytes()[:cut])
    for place, value in flips:
        data[place : place + 1] = bytes([value])
    try:
        a_photo(bytes(data))
    except PhotoError as error:
        assert str(error).endswith((".", "again"))  # noqa: PT017


@given(value=some.floats(-1e6, 1e6), places=some.integers(0, 6))
@quick
def test_a_number_comes_back(value, places):
    written = f"{value:.{places}f}"
    assert numbers.number(written) == pytest.approx(float(written))
    assert numbers.number(written.replace(".", ","), decimal_comma=True) == pytest.approx(float(written))


@given(cell=some.text(max_size=40))
@quick
def test_a_cell_says_a_number_nothing_or_none_at_all(cell):
    value = numbers.number(cell)
    assert value is None or isinstance(value, float)
    assert value is None or math.isnan(value) or numbers.number(f" {cell} ") == value


@given(cell=some.text(max_size=40))
@quick
def test_no_cell_is_a_formula_in_any_program(cell):
    written = text.to_csv([{"a": cell, "b": 1}])
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(written.replace("\r", "\n")), delimiter=separator):
            assert not any(one.startswith("=") for one in row)


json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.sampled_from(("path", "meta", "x")), inner),
    max_leaves=12,
)


@given(data=json_values)
@quick
def test_the_space_has_a_word_for_whatever_is_sent(data, monkeypatch):
    from space import arguments

    monkeypatch.setenv("GRADIO_TEMP_DIR", "/nowhere")
    for endpoint in arguments.EXPECTED:
        assert isinstance(arguments.problem(endpoint, data), str)
    assert isinstance(arguments.foreign_file({"data": data}), str)
