"""What tables, CSV, JSON and messages share: names that are safe to print, cells that are safe to open, percents."""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet would run a text cell that begins with one of these."""
AFTER_ANOTHER_SEPARATOR = re.compile(r"""([;|\t\r\n][\s"']*)(?=[=+\-@＝＋－＠])""")


def percent(share: float) -> str:
    """Whole percent; never '100 %' or '0 %' of what is not certain."""
    if 0.995 <= share < 1:
        return "> 99 %"
    if 0 < share < 0.005:
        return "< 1 %"
    return f"{share:.0%}".replace("%", " %")


def percent_to_a_tenth(share: float | None) -> str:
    """Percent with one decimal, as the command line prints it; nothing where there is no figure."""
    return "" if share is None else f"{share:.1%}"


def printable(text: str) -> str:
    """Text without control characters: a file name must not steer the terminal."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def shortened(text: str, most: int = 100) -> str:
    """Text of at most so many characters, its end kept: that of a path tells more than its beginning."""
    return text if len(text) <= most else f"…{text[1 - most :]}"


def harmless(value: object, places: int | None = 6) -> object:
    """A CSV cell: text that begins like a formula gets an apostrophe before it, numbers are rounded to `places`.

    The same inside a text, where programs that split at semicolons, tabs or line ends see a cell of its own.
    """
    if isinstance(value, str):
        inside = AFTER_ANOTHER_SEPARATOR.sub(r"\1'", value)
        return f"'{inside}" if value.startswith(FORMULA_STARTS) else inside
    return round(value, places) if isinstance(value, float) and places is not None else value


def to_json(values: object) -> str:
    return json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False)


def to_csv(rows: Sequence[Mapping[str, object]], heading: Sequence[str] | None = None, places: int | None = 6) -> str:
    """Comma-separated rows under one heading; no cell that a spreadsheet would take for a formula.

    Args:
        rows: cells by column; a cell without a value stays empty.
        heading: the columns in order; without it all that occur, in the order of their first row.
        places: decimals that numbers are rounded to; None keeps them all.
    """
    names = list(heading or dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([harmless(name) for name in names])
    writer.writerows([[_cell(row.get(name), places) for name in names] for row in rows])
    return stream.getvalue()


def text_table(heading: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Left-aligned columns, two spaces apart; control characters are written out."""
    cells = [[printable(cell) for cell in line] for line in (heading, *lines)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    padded = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in cells]
    return "\n".join("  ".join(line).rstrip() for line in padded)


def _cell(value: object, places: int | None) -> object:
    return "" if value is None else harmless(value, places)
