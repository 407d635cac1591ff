"""CSV files with one face per row: emotion, pixels, Usage. FER2013 came so first, others were cast into its form.

`pixels` holds 48 x 48 gray values with spaces between; `Usage` is Training, PublicTest or PrivateTest. People rename,
open and save these files: headings in any case and order, other separators and encodings, words or '3.0' for numbers,
splits by other names, or none. What is read is streamed: the file has 300 MB.
"""

import csv
import gzip
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from fer_core import tables
from fer_core.datasets import label_names
from fer_core.datasets.base import ImageTable, Problem, Problems, Progress
from fer_core.datasets.files import OUTSIDE_SCHEME, SPLIT_ORDER, split_of
from fer_core.datasets.schemes import Codes
from fer_core.datasets.store import cache
from fer_core.errors import DatasetError
from fer_core.labels import EIGHT
from fer_core.protocols import ALL
from fer_core.tables import LABEL, PIXELS, SPLIT, Field

SIDE = 48
COLUMNS = ("emotion", "pixels")
SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
OFFICIAL = ("train", "public_test", "private_test")
"""Splits that FER2013 has; all of them are named, also where one has no image."""

NOT_PIXELS = f"expected {SIDE * SIDE} pixels of 0 to 255"
NOT_A_CLASS = "expected the number or the name of an expression"
NOT_A_USAGE = "expected a usage that names a split: Training, PublicTest or PrivateTest"

WORDS = 100
"""Codes from here on stand for words: WORDS + the place in EIGHT."""

HEAD = 1 << 19
"""Characters from which encoding, separator and columns are told; FER2013's rows have 8,000."""
LONGEST = 1 << 20
STEP = 500
"""Rows between two calls of progress."""


@dataclass(frozen=True, eq=False)
class Table:
    """The rows that can be read.

    Attributes:
        images: uint8 (n, 48, 48), gray.
        codes: int64 (n,), class numbers as the file has them; WORDS and above for words.
        splits: int8 (n,), indices into files.SPLIT_ORDER.
        file_rows: int64 (n,), from 0 after the heading.
        count: rows in the file.
        notes: how the table was read.
        problems: the rows that cannot be read.
    """

    images: NDArray[np.uint8]
    codes: NDArray[np.int64]
    splits: NDArray[np.int8]
    file_rows: NDArray[np.int64]
    count: int
    notes: tuple[str, ...]
    problems: Problems


@dataclass(frozen=True)
class Layout:
    """How a file is to be streamed.

    Attributes:
        encoding: for Python.
        separator: between cells.
        quoted: whether quotation marks hold cells together.
        places: columns of label, pixels and split; None for a split that the file does not tell.
        heading: as the rows have it.
        assumed: one sentence.
    """

    encoding: str
    separator: str
    quoted: bool
    places: tuple[int, int, int | None]
    heading: tuple[str, ...]
    assumed: str


def holds_pixels(path: Path) -> bool:
    """Whether a file is a table with pixels and labels, told by its heading."""
    if not path.name.lower().endswith(SUFFIXES) or not path.is_file():
        return False
    try:
        layout(path)
    except DatasetError:
        return False
    return True


def layout(path: Path) -> Layout:
    """How a file is to be read.

    Raises:
        DatasetError: it cannot be read, or lacks its columns.
    """
    with _opened(path) as raw, _unpacked(raw, path) as stream:
        try:
            head = stream.read(HEAD)
        except (OSError, EOFError, zlib.error) as error:
            raise DatasetError(f"{path.name} is damaged ({error}). Get the file again.") from error
    whole = head if len(head) < HEAD else head[: head.rindex(b"\n") + 1] if b"\n" in head else head
    table = tables.read(path.name, whole, tables.LARGE)
    places = [table.place(field) for field in (LABEL, PIXELS, SPLIT)]
    if missing := [name for name, place in zip(COLUMNS, places, strict=False) if place is None]:
        raise DatasetError(
            f"{path.name} lacks the columns {', '.join(missing)}; expected {', '.join(COLUMNS)} and Usage. "
            "Is it another dataset's file?"
        )
    label, pixels, split = places
    return Layout(
        encoding=table.encoding,
        separator=table.separation.separator,
        quoted=table.separation.quoted,
        places=(label or 0, pixels or 0, split),
        heading=table.heading,
        assumed=table.assumed(*FIELDS),
    )


FIELDS: tuple[Field, ...] = (LABEL, PIXELS, SPLIT)


def read(path: Path, progress: Progress | None = None) -> Table:
    """The rows of a file, from the cache when it was read before.

    Args:
        path: .csv, .tsv, or one of these packed by gzip.
        progress: called with bytes of the file.

    Raises:
        DatasetError: it is no such table, or not one row can be read.
    """
    name = f"pixels2-{cache.key(path)}"
    stored, images = cache.read(name), cache.read_array(name)
    if stored is not None and images is not None and len(images) == len(stored.get("codes", ())):
        return _restored(stored, images)
    table = _parse(path, progress)
    if not len(table.codes):
        first = table.problems.listed
        what = f": {first[0].place}: {first[0].reason}" if first else " and no images"
        raise DatasetError(f"{path.name} has a heading{what}. Expected one face per row: {', '.join(COLUMNS)}, Usage.")
    cache.write_array(name, table.images)
    cache.write(name, _storable(table))
    return table


def dataset(kind: str, path: Path, table: Table, codes: Codes, classes: tuple[str, ...]) -> ImageTable:
    """A table as a dataset.

    Args:
        kind: of fer_core.datasets.adapters.
        path: what the user named.
        table: its rows.
        codes: the expression of each class number of the file, from 0 on.
        classes: those of the dataset.

    Raises:
        DatasetError: no row has a label.
    """
    labels = _labels(table.codes, codes, classes)
    good = labels >= 0
    for row in np.flatnonzero(~good).tolist():
        table.problems.add(f"row {table.file_rows[row]} ({_code_in_words(table.codes[row])})", OUTSIDE_SCHEME)
    if not good.any():
        raise DatasetError(f"No row of {path.name} has a class of 0 to {len(codes) - 1}. Is it another dataset's file?")
    names = _split_names(table.splits[good])
    places = np.array([names.index(name) if name in names else -1 for name in SPLIT_ORDER], np.int8)
    return ImageTable(
        kind=kind,
        path=path,
        classes=classes,
        split_names=names,
        pixels=table.images if good.all() else table.images[good],
        labels=labels[good],
        splits=places[table.splits[good]],
        sizes=np.full((int(good.sum()), 2), SIDE, np.int32),
        file_rows=table.file_rows[good],
        notes=table.notes,
        problems=tuple(table.problems.listed),
        problem_counts=dict(table.problems.counts),
    )


def _split_names(splits: NDArray[np.int8]) -> tuple[str, ...]:
    present = [SPLIT_ORDER[place] for place in sorted(set(splits.tolist()))]
    return OFFICIAL if set(present) <= set(OFFICIAL) else tuple(present)


def _labels(given: NDArray[np.int64], codes: Codes, classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Class numbers of a file as indices into classes; -1 where they are none."""
    found = np.full(len(given), -1, np.int64)
    meant = {**codes, **{WORDS + place: label for place, label in enumerate(EIGHT)}}
    for code, label in meant.items():
        if label in classes:
            found[given == code] = classes.index(label)
    return found


def _code_in_words(code: int) -> str:
    return EIGHT[code - WORDS] if code >= WORDS else f"class {code}"


def _parse(path: Path, progress: Progress | None) -> Table:
    images, codes, splits, rows = [], [], [], []
    problems, count, way = Problems(), 0, layout(path)
    own = _own_split(path)
    for count, (emotion, pixels, usage) in enumerate(_rows(path, way, progress), start=1):
        code, split = _code(emotion), own if way.places[2] is None else _split_place(usage)
        if code is None:
            problems.add(f"row {count - 1} (emotion '{emotion[:40]}')", NOT_A_CLASS)
            continue
        try:
            image = _pixels(pixels)
        except ValueError as error:
            problems.add(f"row {count - 1} ({error})", NOT_PIXELS)
            continue
        if split is None:
            problems.add(f"row {count - 1} (usage '{usage[:40]}')", NOT_A_USAGE)
            continue
        images.append(image)
        codes.append(code)
        splits.append(split)
        rows.append(count - 1)
    return Table(
        images=np.stack(images).reshape(-1, SIDE, SIDE) if images else np.empty((0, SIDE, SIDE), np.uint8),
        codes=np.array(codes, np.int64),
        splits=np.array(splits, np.int8),
        file_rows=np.array(rows, np.int64),
        count=count,
        notes=_notes(way, own),
        problems=problems,
    )


def _notes(way: Layout, own: int) -> tuple[str, ...]:
    if way.places[2] is not None:
        return (way.assumed,)
    split = SPLIT_ORDER[own]
    told = f"every image is taken for the split '{split}'" if split != ALL else "the images are of one split, 'all'"
    return way.assumed, f"The file has no column Usage: {told}."


def _own_split(path: Path) -> int:
    """The split that the file's own name means: train.csv."""
    return SPLIT_ORDER.index(split_of(path.name.partition(".")[0]) or ALL)


@lru_cache(maxsize=4096)
def _code(text: str) -> int | None:
    """A class number, or WORDS + the expression that a word means."""
    number = tables.code(text)
    if number is not None:
        return number if 0 <= number < WORDS else None
    label = label_names.of_cell(text)
    return WORDS + EIGHT.index(label) if label else None


@lru_cache(maxsize=4096)
def _split_place(usage: str) -> int | None:
    split = split_of(usage)
    return SPLIT_ORDER.index(split) if split else None


def _pixels(text: str) -> NDArray[np.uint8]:
    try:
        values = np.fromstring(text, np.int32, sep=" ")  # four times faster than split and int
    except ValueError:
        values = _spaced(text)
    if values.size != SIDE * SIDE:
        raise ValueError(f"{values.size} pixels")
    image = values.astype(np.uint8)
    if not np.array_equal(image, values):
        raise ValueError(f"pixels from {values.min()} to {values.max()}")
    return image


def _spaced(text: str) -> NDArray[np.int32]:
    """Pixels in brackets, or with commas between."""
    try:
        return np.asarray(np.fromstring(re.sub(r"[\[\](),;|]+", " ", text), np.int32, sep=" "), np.int32)
    except ValueError as error:
        raise ValueError(f"pixels '{text[:20]}'") from error


def _rows(path: Path, way: Layout, progress: Progress | None) -> Iterator[tuple[str, str, str]]:
    csv.field_size_limit(LONGEST)
    total = path.stat().st_size
    places = [-1 if place is None else place for place in way.places]
    try:
        with _opened(path) as raw, _unpacked(raw, path) as stream, _text(stream, way) as text:
            reader = _cells(text, way)
            for number, row in enumerate(_below_the_heading(reader, way)):
                if progress and number % STEP == 0:
                    progress(raw.tell(), total)
                emotion, pixels, usage = (row[place] if 0 <= place < len(row) else "" for place in places)
                yield emotion, pixels, usage
    except (csv.Error, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DatasetError(f"{path.name} is damaged ({error}). Get the file again.") from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}). Check its rights.") from error
    if progress:
        progress(total, total)


def _cells(text: TextIOWrapper, way: Layout) -> Iterator[list[str]]:
    if way.quoted:
        return csv.reader(text, delimiter=way.separator, skipinitialspace=True)
    return csv.reader(text, delimiter=way.separator, skipinitialspace=True, quoting=csv.QUOTE_NONE)


def _below_the_heading(reader: Iterator[list[str]], way: Layout) -> Iterator[list[str]]:
    """Rows that are not empty and not the heading, which may stand in a file more than once."""
    first, length = way.heading[0].casefold(), len(way.heading)
    begun = False
    for row in reader:
        if not row:
            continue
        if row[0].strip("\ufeff# ").casefold() == first and len(row) >= length and _is_heading(row, way):
            begun = True
        elif begun:
            yield row


def _is_heading(row: Sequence[str], way: Layout) -> bool:
    return all(
        cell.strip("\ufeff# ").casefold() == name.casefold()
        for cell, name in islice(zip(row, way.heading, strict=False), len(way.heading))
    )


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}). Check its rights.") from error


def _unpacked(raw: IO[bytes], path: Path) -> IO[bytes]:
    return gzip.GzipFile(fileobj=raw) if path.suffix.lower() == ".gz" else raw  # type: ignore[return-value]


def _text(stream: IO[bytes], way: Layout) -> TextIOWrapper:
    encoding = "utf-8-sig" if way.encoding.lower().startswith("utf-8") else way.encoding
    return TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")


def _storable(table: Table) -> cache.Arrays:
    listed, counts = table.problems.listed, table.problems.counts
    return {
        "codes": table.codes,
        "splits": table.splits,
        "file_rows": table.file_rows,
        "count": np.array(table.count),
        "notes": np.array(table.notes, np.str_),
        "problems": np.array([[problem.place, problem.reason] for problem in listed], np.str_).reshape(-1, 2),
        "reasons": np.array(list(counts), np.str_),
        "times": np.array(list(counts.values()), np.int64),
    }


def _restored(stored: Mapping[str, NDArray[np.generic]], images: NDArray[np.generic]) -> Table:
    problems = Problems()
    problems.listed = [Problem(place, reason) for place, reason in stored["problems"].tolist()]
    problems.counts.update(dict(zip(stored["reasons"].tolist(), stored["times"].tolist(), strict=True)))
    return Table(
        images=images.astype(np.uint8, copy=False),
        codes=stored["codes"].astype(np.int64, copy=False),
        splits=stored["splits"].astype(np.int8, copy=False),
        file_rows=stored["file_rows"].astype(np.int64, copy=False),
        count=int(stored["count"]),
        notes=tuple(stored["notes"].tolist()),
        problems=problems,
    )
