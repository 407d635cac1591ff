"""How the cells of a text table are told apart.

csv.Sniffer and clevercsv were tried for this: both cut '1,8' under a heading of one column into two cells, and neither
knows that a German spreadsheet writes 0;0,3;1,8. Here the heading's own number of cells decides.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fer_core.tables.numbers import DECIMAL_COMMA

CANDIDATES = "\t;|,"
"""The first of equals counts: a comma may also stand inside numbers."""

SPACES = " "
"""Any number of spaces, as NumPy's savetxt writes."""

DECLARED = re.compile(r"sep=(.)\s*", re.IGNORECASE)
"""The first line that Excel reads and writes for itself."""

SAMPLE_LINES = 40
SAMPLE_CHARACTERS = 60_000
SAMPLE_CELLS = 2000
LONGEST_CELL = 1 << 20
"""Characters; FER2013's pixels have 10,000."""


@dataclass(frozen=True)
class Separation:
    """How lines become cells.

    Attributes:
        separator: between cells; SPACES for any number of them.
        quoted: whether quotation marks hold cells together.
        first: the place of the heading among the lines.
    """

    separator: str
    quoted: bool
    first: int


MOST_LINES_OF_A_CELL = 20
"""A quoted cell with more line ends was opened by mistake."""


def find(lines: Sequence[str]) -> Separation:
    """The separation under which most lines have as many cells as the heading.

    Args:
        lines: of the file, without line ends.
    """
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    if lines and (declared := DECLARED.fullmatch(lines[first].strip("\ufeff"))):
        return Separation(declared[1], quoted=True, first=first + 1)
    sample = _sample(lines, first)
    ways = [(_fit(sample, way, quoted=quoted), way, quoted) for way in CANDIDATES for quoted in (True, False)]
    fit, separator, quoted = max(ways, key=lambda way: (way[0], way[2]))
    if fit > (0, 0, 0):
        return Separation(separator, quoted, first)
    if _fit(sample, SPACES, quoted=False)[0] == 1:
        return Separation(SPACES, quoted=False, first=first)
    absent = next((one for one in CANDIDATES if not any(one in line for line in sample)), CANDIDATES[0])
    return Separation(absent, quoted=True, first=first)


def cells(lines: Sequence[str], separation: Separation) -> Iterator[tuple[int, list[str]]]:
    """Line numbers (from 1) and cells. A quotation mark that is never closed holds no further line together.

    Raises:
        csv.Error: a cell of more than a million characters.
    """
    if separation.separator == SPACES:
        yield from ((number + 1, lines[number].split()) for number in range(separation.first, len(lines)))
        return
    csv.field_size_limit(LONGEST_CELL)
    begin = separation.first
    while begin < len(lines):
        feed = _Feed(lines, begin)
        for row in _reader(feed, separation):
            if feed.place - begin > MOST_LINES_OF_A_CELL:
                row = [cell.strip('"') for cell in lines[begin].split(separation.separator)]
                feed = _Feed(lines, begin, begin + 1)
            yield begin + 1, row
            begin = feed.place
            if feed.cut:
                break
            feed.row_begins = begin


class _Feed:
    """Gives lines to a csv.reader, and ends when one row takes far too many."""

    def __init__(self, lines: Sequence[str], begin: int, place: int | None = None) -> None:
        self.lines = lines
        self.row_begins = begin
        self.place = begin if place is None else place
        self.cut = place is not None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.place >= len(self.lines) or self.place - self.row_begins > MOST_LINES_OF_A_CELL:
            raise StopIteration
        self.place += 1
        return self.lines[self.place - 1] + "\n"


def _reader(feed: _Feed, separation: Separation) -> Iterator[list[str]]:
    if separation.quoted:
        return csv.reader(feed, delimiter=separation.separator, skipinitialspace=True)
    return csv.reader(feed, delimiter=separation.separator, skipinitialspace=True, quoting=csv.QUOTE_NONE)


def _sample(lines: Sequence[str], first: int) -> list[str]:
    """The first lines that are not empty; the last of a sample may be half a row and is no part of it."""
    sample: list[str] = []
    size = 0
    for line in lines[first : first + 4 * SAMPLE_LINES]:
        if line.strip():
            sample.append(line[:SAMPLE_CHARACTERS])
            size += len(sample[-1])
        if len(sample) == SAMPLE_LINES or size > SAMPLE_CHARACTERS:
            break
    return sample


def _fit(sample: Sequence[str], separator: str, *, quoted: bool) -> tuple[float, float, int]:
    """How well a separator fits: rows as wide as the heading, cells without another separator, the width."""
    try:
        rows = [row for _, row in cells(sample, Separation(separator, quoted, 0)) if row]
    except csv.Error:
        return (0, 0, 0)
    width = len(_trimmed(rows[0])) if rows else 0
    if width < 2:
        return (0, 0, 0)
    same = sum(len(_trimmed(row)) <= width <= len(row) or len(_trimmed(row)) == width for row in rows)
    inside = [cell for row in rows for cell in row][:SAMPLE_CELLS]
    whole = sum(_is_whole(cell, separator) for cell in inside)
    return (round(same / len(rows), 1), round(whole / len(inside), 1), width)


def _is_whole(cell: str, separator: str) -> bool:
    if DECIMAL_COMMA.fullmatch(cell.strip()):
        return True
    return not any(other in cell for other in CANDIDATES if other != separator)


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    """A row without the empty cells that spreadsheets leave at its end."""
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]
