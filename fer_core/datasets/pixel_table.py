"""CSV files with a face a row: emotion, pixels, Usage. FER2013 came so first, others were cast into its form.

`pixels` holds 48 x 48 gray values with spaces between; `Usage` is Training, PublicTest or PrivateTest.
"""

import csv
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets.base import ImageTable, Problem, Problems, Progress
from fer_core.datasets.files import OUTSIDE_SCHEME
from fer_core.datasets.schemes import Codes
from fer_core.datasets.store import cache
from fer_core.errors import DatasetError

SIDE = 48
COLUMNS = ("emotion", "pixels", "Usage")
USAGES = {"Training": "train", "PublicTest": "public_test", "PrivateTest": "private_test"}
SPLIT_NAMES = tuple(USAGES.values())

NOT_PIXELS = f"expected {SIDE * SIDE} pixels of 0 to 255"
NOT_A_CLASS = "expected a class number"
NOT_A_USAGE = f"expected a usage of {', '.join(USAGES)}"

LONGEST = 1 << 20
STEP = 500
"""Rows between two calls of progress."""


@dataclass(frozen=True, eq=False)
class Table:
    """The rows that can be read.

    Attributes:
        images: uint8 (n, 48, 48), gray.
        codes: int64 (n,), class numbers as the file has them.
        splits: int8 (n,), indices into SPLIT_NAMES.
        file_rows: int64 (n,), from 0 after the heading.
        count: rows in the file.
        problems: the rows that cannot be read.
    """

    images: NDArray[np.uint8]
    codes: NDArray[np.int64]
    splits: NDArray[np.int8]
    file_rows: NDArray[np.int64]
    count: int
    problems: Problems


def read(path: Path, progress: Progress | None = None) -> Table:
    """The rows of a file, from the cache when it was read before.

    Args:
        path: .csv or .csv.gz.
        progress: called with bytes of the file.

    Raises:
        DatasetError: it is no such table, or not one row can be read.
    """
    name = f"pixels-{cache.key(path)}"
    stored, images = cache.read(name), cache.read_array(name)
    if stored is not None and images is not None:
        return _restored(stored, images)
    table = _parse(path, progress)
    if not len(table.codes):
        first = table.problems.listed
        what = f": {first[0].place}: {first[0].reason}" if first else " and no images"
        raise DatasetError(f"{path.name} has a heading{what}. Expected a face a row: {', '.join(COLUMNS)}.")
    cache.write_array(name, table.images)
    cache.write(name, _storable(table))
    return table


def dataset(kind: str, path: Path, table: Table, codes: Codes, classes: tuple[str, ...]) -> ImageTable:
    """A table as a dataset.

    Args:
        kind: key of the catalogue.
        path: what the user named.
        table: its rows.
        codes: the expression of each class number of the file, from 0 on.
        classes: those of the dataset.

    Raises:
        DatasetError: no row has a label.
    """
    good = (table.codes >= 0) & (table.codes < len(codes))
    for row in np.flatnonzero(~good).tolist():
        table.problems.add(f"row {table.file_rows[row]} (class {table.codes[row]})", OUTSIDE_SCHEME)
    if not good.any():
        raise DatasetError(f"No row of {path.name} has a class of 0 to {len(codes) - 1}. Is it another dataset's file?")
    order = np.array([classes.index(codes[code]) for code in sorted(codes)], np.int64)
    return ImageTable(
        kind=kind,
        path=path,
        classes=classes,
        split_names=SPLIT_NAMES,
        pixels=table.images if good.all() else table.images[good],
        labels=order[table.codes[good]],
        splits=table.splits[good],
        sizes=np.full((int(good.sum()), 2), SIDE, np.int32),
        file_rows=table.file_rows[good],
        problems=tuple(table.problems.listed),
        problem_counts=dict(table.problems.counts),
    )


def _parse(path: Path, progress: Progress | None) -> Table:
    images, codes, splits, rows = [], [], [], []
    problems, count, places = Problems(), 0, {usage: place for place, usage in enumerate(USAGES)}
    for count, (emotion, pixels, usage) in enumerate(_rows(path, progress), start=1):
        try:
            code, image = int(emotion), _pixels(pixels)
        except ValueError as error:
            problems.add(f"row {count - 1} ({error})", NOT_PIXELS if "pixels" in str(error) else NOT_A_CLASS)
            continue
        if usage not in places:
            problems.add(f"row {count - 1} (usage '{usage[:40]}')", NOT_A_USAGE)
            continue
        images.append(image)
        codes.append(code)
        splits.append(places[usage])
        rows.append(count - 1)
    return Table(
        images=np.stack(images).reshape(-1, SIDE, SIDE) if images else np.empty((0, SIDE, SIDE), np.uint8),
        codes=np.array(codes, np.int64),
        splits=np.array(splits, np.int8),
        file_rows=np.array(rows, np.int64),
        count=count,
        problems=problems,
    )


def _pixels(text: str) -> NDArray[np.uint8]:
    try:
        values = np.fromstring(text, np.int32, sep=" ")  # four times faster than split and int
    except ValueError as error:
        raise ValueError(f"pixels '{text[:20]}'") from error
    if values.size != SIDE * SIDE:
        raise ValueError(f"{values.size} pixels")
    image = values.astype(np.uint8)
    if not np.array_equal(image, values):
        raise ValueError(f"pixels from {values.min()} to {values.max()}")
    return image


def _rows(path: Path, progress: Progress | None) -> Iterator[tuple[str, str, str]]:
    csv.field_size_limit(LONGEST)
    total = path.stat().st_size
    try:
        with path.open("rb") as raw, _text(raw, path) as text:
            reader = csv.reader(text, skipinitialspace=True)
            places = _places(next(reader, []), path)
            for number, row in enumerate(reader):
                if progress and number % STEP == 0:
                    progress(raw.tell(), total)
                if row:
                    emotion, pixels, usage = (row[place] if place < len(row) else "" for place in places)
                    yield emotion, pixels, usage
    except (csv.Error, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DatasetError(f"{path.name} is damaged ({error}). Get the file again.") from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}). Check its rights.") from error
    if progress:
        progress(total, total)


def _text(raw: IO[bytes], path: Path) -> TextIOWrapper:
    stream = gzip.GzipFile(fileobj=raw) if path.suffix.lower() == ".gz" else raw
    return TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")


def _places(heading: list[str], path: Path) -> list[int]:
    names = [name.strip() for name in heading]
    if missing := [column for column in COLUMNS if column not in names]:
        raise DatasetError(
            f"{path.name} lacks the columns {', '.join(missing)}; expected {', '.join(COLUMNS)}. "
            "Is it another dataset's file?"
        )
    return [names.index(column) for column in COLUMNS]


def _storable(table: Table) -> cache.Arrays:
    listed, counts = table.problems.listed, table.problems.counts
    return {
        "codes": table.codes,
        "splits": table.splits,
        "file_rows": table.file_rows,
        "count": np.array(table.count),
        "problems": np.array([[problem.place, problem.reason] for problem in listed], np.str_).reshape(-1, 2),
        "reasons": np.array(list(counts), np.str_),
        "times": np.array(list(counts.values()), np.int64),
    }


def _restored(stored: cache.Arrays, images: NDArray[np.generic]) -> Table:
    problems = Problems()
    problems.listed = [Problem(place, reason) for place, reason in stored["problems"].tolist()]
    problems.counts.update(dict(zip(stored["reasons"].tolist(), stored["times"].tolist(), strict=True)))
    return Table(
        images=images.astype(np.uint8, copy=False),
        codes=stored["codes"].astype(np.int64, copy=False),
        splits=stored["splits"].astype(np.int8, copy=False),
        file_rows=stored["file_rows"].astype(np.int64, copy=False),
        count=int(stored["count"]),
        problems=problems,
    )
