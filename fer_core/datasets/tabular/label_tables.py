"""Tables that say which image has which label: one row per image, as people and tools write them.

    image,label                     words, or a dataset's own numbers
    filename, Angry, Happy, ...     Roboflow: one column per expression, 1 where it is
    user.id,image,emotion           any other columns beside
    metadata.csv, metadata.jsonl    Hugging Face's image folders

A name is matched to a file as people mean it (photo_names). A table in a folder speaks of that folder first.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from fer_core import tables
from fer_core.datasets import label_names, photo_names
from fer_core.datasets.base import DOUBTFUL, Problems
from fer_core.datasets.files import MISSING, split_of
from fer_core.datasets.listing import Listing
from fer_core.datasets.photo_names import PhotoNames
from fer_core.datasets.schemes import Codes
from fer_core.errors import TableError
from fer_core.labels import canonical
from fer_core.tables import FILE, LABEL, PERSON, SPLIT
from fer_core.text import printable

SUFFIXES = (".csv", ".tsv", ".jsonl")
HEAD = 1 << 16
"""Bytes from which a table is recognised."""
FEWEST_COLUMNS = 3
"""Columns called by an expression that make a table with one column per expression."""

NO_LABEL = "a row without a label that is known here"
SEVERAL = "a row with several labels, or none"
DOUBT = "a name that may mean several images: nobody guesses"
TWO_LABELS = f"{DOUBTFUL}an image with two labels in the tables; the first is taken"


class Told(NamedTuple):
    """What a table says of one image.

    Attributes:
        file: as written.
        label: as written: a word or a number.
        split: as written, or ''.
        person: as written, or ''.
        place: table and line, for problems.
    """

    file: str
    label: str
    split: str
    person: str
    place: str


class Given(NamedTuple):
    """What the tables say of a file that is there."""

    label: str
    split: str | None
    person: str
    place: str


def found(listing: Listing) -> list[str]:
    """The tables of a folder that label images, told by their headings."""
    return [name for name in listing.labels if name.lower().endswith(SUFFIXES) and _labels_images(listing, name)]


def heading(listing: Listing, name: str) -> tuple[str, ...]:
    """Names of a table's columns; empty where it is no table."""
    try:
        return tables.read(name, _table_bytes(name, listing.data(name, HEAD))).heading
    except TableError:
        return ()


def read(listing: Listing, problems: Problems, names: Sequence[str]) -> tuple[list[Told], tuple[str, ...]]:
    """The rows of some tables, and a sentence about each."""
    rows: list[Told] = []
    notes = []
    for name in names:
        try:
            table = tables.read(name, _table_bytes(name, listing.data(name)), tables.LARGE)
            rows += _rows(table, name, problems)
        except TableError as error:
            problems.add(name, str(error))
            continue
        notes.append(f"{name}: {table.assumed(FILE, LABEL, SPLIT, PERSON)}")
        if table.left_out_count:
            problems.add(f"{name}, line {table.left_out[0].line} and others", NO_LABEL, table.left_out_count)
    return rows, tuple(notes)


def matched(rows: Iterable[Told], listing: Listing, codes: Codes, problems: Problems) -> Mapping[str, Given]:
    """What the rows say of the images of a folder.

    Args:
        rows: of its tables.
        listing: the folder.
        codes: what numbers mean.
        problems: takes rows that lead to no image or no label.
    """
    images = PhotoNames(listing.images)
    by_image: dict[str, Given] = {}
    for told in rows:
        label = label_names.of_cell(told.label, codes)
        if label is None:
            problems.add(f"{told.place} ({printable(told.file)}: {label_names.no_expression(told.label)})", NO_LABEL)
            continue
        name = _image(told, images, problems)
        if name and name in by_image:
            if by_image[name].label != label:
                problems.add(f"{told.place} ({printable(told.file)})", TWO_LABELS)
        elif name:
            by_image[name] = Given(label, split_of(told.split) or _split_of_table(told.place), told.person, told.place)
    return by_image


def numbers(rows: Iterable[Told]) -> set[int]:
    """The class numbers that stand in the rows."""
    return {number for word in {told.label for told in rows} if (number := tables.code(word)) is not None}


def _labels_images(listing: Listing, name: str) -> bool:
    try:
        table = tables.read(name, _table_bytes(name, listing.data(name, HEAD)))
    except TableError:
        return False
    pixels = table.place(tables.PIXELS) is not None
    return table.place(FILE) is not None and not pixels and (table.place(LABEL) is not None or bool(_one_hot(table)))


def _one_hot(table: tables.Table) -> dict[int, str]:
    """Columns that are called by an expression, and its name."""
    own = {place: label for place, name in enumerate(table.heading) if (label := canonical(name))}
    return own if len(own) >= FEWEST_COLUMNS else {}


def _rows(table: tables.Table, name: str, problems: Problems) -> Iterator[Told]:
    columns = _one_hot(table) if table.place(LABEL) is None else {}
    file, label, split, person = (table.place(field) for field in (FILE, LABEL, SPLIT, PERSON))
    for line, cells in table.rows():
        place = f"{name}, line {line}"
        if columns:
            marked = [word for column, word in columns.items() if (tables.number(cells[column]) or 0) > 0.5]
            if len(marked) != 1:
                problems.add(f"{place} ({', '.join(marked) or 'none'})", SEVERAL)
                continue
            word = marked[0]
        else:
            word = cells[label] if label is not None else ""
        if file is not None and cells[file]:
            yield Told(cells[file], word, _cell(cells, split), _cell(cells, person), place)


def _cell(cells: Sequence[str], place: int | None) -> str:
    return "" if place is None else cells[place]


def _image(told: Told, images: PhotoNames, problems: Problems) -> str | None:
    """The file that a row means: of the table's own folder first, then of its split."""
    folder = told.place.partition(", line ")[0].rpartition("/")[0]
    found = images.find(f"{folder}/{told.file}" if folder else told.file)
    if found.name:
        return found.name
    split = split_of(told.split) or _split_of_table(told.place)
    alike = [name for name in found.candidates if split and split in map(split_of, name.split("/")[:-1])]
    if len(alike) == 1:
        return alike[0]
    if found.candidates:
        problems.add(f"{told.place}: {photo_names.doubt(told.file, found)}", DOUBT)
    else:
        problems.add(f"{told.place} ({printable(told.file)})", MISSING)
    return None


def _split_of_table(place: str) -> str | None:
    """The split that a table's own name means: train_labels.csv."""
    return split_of(place.partition(", line ")[0].rpartition("/")[2].rpartition(".")[0])


def _table_bytes(name: str, data: bytes) -> bytes:
    """JSON lines as a CSV; other tables as they are."""
    if not name.lower().endswith(".jsonl"):
        return data
    import csv
    import io

    rows = [row for line in data.decode("utf-8-sig", errors="replace").splitlines() if (row := _json_row(line))]
    if not rows:
        raise TableError(f"{name} holds no JSON lines; expected one object per line, with file_name and label.")
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(dict.fromkeys(key for row in rows for key in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def _json_row(line: str) -> dict[str, object] | None:
    """An object of plain values; None for a line that is cut off or something else."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    plain = isinstance(row, dict)
    return {key: value for key, value in row.items() if isinstance(value, str | int | float)} if plain else None
