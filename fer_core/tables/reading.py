"""A table as people have it: any encoding, separator, decimal sign and heading. One line says what was assumed.

Rows are read one after the other. What cannot be read is left out and listed, never an end of the reading.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from fer_core.errors import TableError
from fer_core.tables import columns, encodings, numbers, separators
from fer_core.tables.columns import Field
from fer_core.tables.separators import SPACES, Separation
from fer_core.text import printable

SEPARATOR_WORDS: Mapping[str, str] = {"\t": "tabs", SPACES: "spaces"}
LISTED = 1000
"""So many faults are listed; all are counted."""

SHOWN = 8
LOOKED_AT = 200
"""Rows from which the decimal sign is told."""


class Limits(NamedTuple):
    """The most that is read of a table."""

    bytes: int
    rows: int
    columns: int


SMALL = Limits(bytes=20_000_000, rows=200_000, columns=1_000)
"""For files that a visitor gives."""
LARGE = Limits(bytes=2_000_000_000, rows=5_000_000, columns=10_000)
"""For files on the user's own disk."""


class Row(NamedTuple):
    """Cells without the space around them, as many as the heading has."""

    line: int
    cells: tuple[str, ...]


class LeftOut(NamedTuple):
    """A line that is no row of the table."""

    line: int
    reason: str


@dataclass(eq=False)
class Table:
    """A table whose heading was read, and whose rows are read on demand.

    Attributes:
        name: of the file, for sentences.
        heading: as written, without the space around; 'column 1' and so on where the file has none.
        encoding: as people call it.
        separation: how cells are told apart.
        decimal_comma: 0,33 stands for 0.33.
        has_heading: whether the file names its columns.
        left_out: lines that were passed over so far, the first LISTED of them.
        left_out_count: all of them.
        repeated: lines on which the heading stood again.
    """

    name: str
    heading: tuple[str, ...]
    encoding: str
    separation: Separation
    decimal_comma: bool
    has_heading: bool
    lines: Sequence[str] = field(repr=False)
    limits: Limits = SMALL
    left_out: list[LeftOut] = field(default_factory=list)
    left_out_count: int = 0
    repeated: list[int] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """All rows in file order; lines of another width are left out, a heading that stands again is passed over.

        Raises:
            TableError: there are more rows than the limit, or a cell is huge.
        """
        self.left_out.clear()
        self.repeated.clear()
        self.left_out_count = 0
        count = 0
        for line, cells in self._below_the_heading():
            row = self._row(line, cells)
            if row is None:
                continue
            count += 1
            if count > self.limits.rows:
                raise TableError(
                    f"{self.name} has more than {self.limits.rows:,} rows, the most that are read. "
                    "Give a smaller table."
                )
            yield row

    def place(self, wanted: Field) -> int | None:
        """The column of a field, told by its heading."""
        return columns.place(self.heading, wanted)

    def select(self, *wanted: Field) -> Iterator[tuple[int, list[str]]]:
        """Line numbers and the cells of some fields, in the order asked for; '' for a field that is not there.

        Raises:
            TableError: as rows.
        """
        places = [self.place(one) for one in wanted]
        for line, cells in self.rows():
            yield line, ["" if place is None else cells[place] for place in places]

    def require(self, *wanted: Field) -> None:
        """Raises: TableError: a field has no column, with the headings that came and the usual ones."""
        missing = [one for one in wanted if self.place(one) is None]
        if missing:
            came = ", ".join(f"'{printable(name[:40])}'" for name in self.heading[:SHOWN])
            raise TableError(
                f"{self.name} has the columns {came}; expected {' and '.join(one.name for one in wanted)}. The "
                f"{missing[0].name} may be headed {', '.join(missing[0].headings[:SHOWN])}."
            )

    def number(self, cell: str) -> float | None:
        """The number of a cell as this table writes numbers; nan for no value, None for something else."""
        return numbers.number(cell, decimal_comma=self.decimal_comma)

    def assumed(self, *wanted: Field) -> str:
        """One line that says how the table was read, and which columns were taken for what."""
        words = SEPARATOR_WORDS.get(self.separation.separator, f"'{self.separation.separator}'")
        told = [f"{self.encoding}, {words} between cells"]
        told += ["decimal comma"] if self.decimal_comma else []
        told += [] if self.has_heading else ["no heading"]
        told += [
            f"{one.name} from '{printable(self.heading[place][:40])}'"
            for one in wanted
            if (place := self.place(one)) is not None
        ]
        if self.repeated:
            told.append(f"the heading stands again on line {', '.join(map(str, self.repeated[:SHOWN]))}")
        if self.left_out_count:
            told.append(f"{self.left_out_count:,} lines left out")
        return f"Read as {'; '.join(told)}."

    def _below_the_heading(self) -> Iterator[tuple[int, list[str]]]:
        found = _cells(self.name, self.lines, self.separation)
        seen = not self.has_heading
        for line, cells in found:
            if not any(cell.strip() for cell in cells):
                continue
            if not seen:
                seen = True
                continue
            yield line, cells

    def _row(self, line: int, cells: list[str]) -> Row | None:
        width = len(self.heading)
        stripped = [cell.strip() for cell in cells]
        if len(stripped) > width and not any(stripped[width:]):
            stripped = stripped[:width]
        if (
            self.has_heading
            and stripped[0].strip("# ").casefold() == self.heading[0].casefold()
            and self._repeats(stripped)
        ):
            self.repeated.append(line)
            return None
        if len(stripped) != width:
            self._leave_out(line, f"{len(stripped)} cells where the heading has {width}")
            return None
        return Row(line, tuple(stripped))

    def _repeats(self, cells: Sequence[str]) -> bool:
        if cells[0].strip("# ").casefold() != self.heading[0].casefold():  # quick: asked of every row
            return False
        return tuple(map(str.casefold, _heading(cells))) == tuple(map(str.casefold, self.heading))

    def _leave_out(self, line: int, reason: str) -> None:
        self.left_out_count += 1
        if len(self.left_out) < LISTED:
            self.left_out.append(LeftOut(line, reason))


def read(name: str, data: bytes, limits: Limits = SMALL) -> Table:
    """The table in a file's bytes; its rows are read when they are asked for.

    Args:
        name: of the file, for sentences.
        data: the whole file.
        limits: the most that is read.

    Raises:
        TableError: it is empty, too large, no text, or has far too many columns.
    """
    if len(data) > limits.bytes:
        raise TableError(
            f"{name} has {len(data) / 1e6:,.1f} MB; at most {limits.bytes / 1e6:,.0f} MB of a table are read. "
            "Give a smaller table."
        )
    text, encoding = encodings.decode(data)
    if "\0" in text[: 1 << 20]:
        raise TableError(f"{name} is no text. Expected a table: CSV with one heading and one row per line.")
    if text.count("\n") > 2 * limits.rows + 1000:  # before an object is made of each line
        raise TableError(f"{name} has more than {limits.rows:,} rows, the most that are read. Give a smaller table.")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not any(map(str.strip, lines)):
        raise TableError(f"{name} is empty; expected a table: CSV with one heading and one row per line.")
    begin = next(place for place, line in enumerate(lines) if line.strip())
    lines[begin] = lines[begin].lstrip("# \t") if lines[begin].startswith("#") else lines[begin]
    separation = separators.find(lines)
    first = _first_rows(name, lines, separation, limits)
    named = _is_heading(first)
    heading = _heading(first[0]) if named else columns.by_content(first)
    some = [cell for row in first[1:] for cell in row]
    return Table(
        name=name,
        heading=heading,
        encoding=encoding,
        separation=separation,
        decimal_comma=numbers.writes_decimal_comma(some),
        has_heading=named,
        lines=lines,
        limits=limits,
    )


def _first_rows(name: str, lines: Sequence[str], separation: Separation, limits: Limits) -> list[list[str]]:
    width = lines[separation.first].count(separation.separator) + 1 if separation.first < len(lines) else 0
    if width > limits.columns:
        raise TableError(f"{name} has {width:,} columns; at most {limits.columns:,} are read.")
    rows: list[list[str]] = []
    for _, cells in _cells(name, lines, separation):
        if any(cell.strip() for cell in cells):
            rows.append(cells)
        if len(rows) == LOOKED_AT:
            break
    if not rows:
        raise TableError(f"{name} is empty; expected a table: CSV with one heading and one row per line.")
    return rows


def _cells(name: str, lines: Sequence[str], separation: Separation) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from separators.cells(lines, separation)
    except csv.Error as error:
        raise TableError(f"{name} cannot be read as a table ({error}). Expected CSV with one row per line.") from error


def _heading(cells: Sequence[str]) -> tuple[str, ...]:
    """Names of the columns, without a comment sign before or the empty cells that spreadsheets leave behind."""
    names = [cell.strip().strip("\ufeff") for cell in cells]
    names[0] = names[0].lstrip("# ")
    while len(names) > 1 and not names[-1]:
        names.pop()
    return tuple(names)


def _is_heading(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names columns: it has a known name, or no number where the next row has some."""
    first = _heading(rows[0])
    if columns.names_any(first):
        return True
    if any(_is_number(cell) for cell in first):
        return False
    return len(rows) < 2 or any(_is_number(cell) for cell in rows[1])


def _is_number(cell: str) -> bool:
    value = numbers.number(cell, decimal_comma="," in cell)
    return value is not None and value == value
