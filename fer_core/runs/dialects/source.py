"""A log file as dialects look at it: its text, its table, its JSON, each read once and only when asked for."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from fer_core import tables
from fer_core.errors import RunError, TableError
from fer_core.runs.histories import EXPECTED, MAX_COLUMNS, Floats, cells
from fer_core.runs.naming import take_apart
from fer_core.tables import encodings, numbers

MOST_JSON_BYTES = 8_000_000
MOST_ROWS = 200_000
MOST_CELLS = 4_000_000
LIMITS = tables.Limits(bytes=20_000_000, rows=MOST_ROWS, columns=MAX_COLUMNS * 5)
LONGEST_START = 100_000
"""Characters that are looked at to recognise a dialect."""

EPOCH_HEADINGS = ("epoch", "epochs", "ep", "epoche", "époque", "época", "epoch_num", "epoch_number", "epoch_idx")
ORDER_HEADINGS = ("", "unnamed_0", "index", "step", "global_step", "iter", "iteration", "round")
"""Headings of what counts the rows, where no epoch does."""


class Source:
    """The bytes of a log, and what they hold."""

    def __init__(self, name: str, data: bytes) -> None:
        """Nothing is read yet; `name` is that of the file, for sentences."""
        self.name = name
        self.data = data

    @cached_property
    def text(self) -> str:
        """RunError when the file is no text."""
        text, _ = encodings.decode(self.data)
        if "\0" in text:
            raise RunError(f"{self.name} is no text; {EXPECTED}.")
        return text

    @cached_property
    def start(self) -> str:
        """The beginning of the text."""
        return self.text[:LONGEST_START].lstrip()

    def lines(self) -> list[str]:
        """Printed lines; progress that is written over ends one, too. RunError when there are far too many."""
        if self.text.count("\n") + self.text.count("\r") > MOST_ROWS:
            raise RunError(f"{self.name} has more than {MOST_ROWS:,} lines; {EXPECTED}.")
        return re.split(r"[\r\n]+", self.text)

    @cached_property
    def json(self) -> Any:  # noqa: ANN401 - whatever the file holds
        """The whole file as JSON; None when it does not begin like JSON. RunError when it is damaged or too large."""
        if self.start[:1] not in ("{", "["):
            return None
        if len(self.data) > MOST_JSON_BYTES:
            raise RunError(f"{self.name} is larger than {MOST_JSON_BYTES // 10**6} MB, the most for JSON; {EXPECTED}.")
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    @cached_property
    def json_lines(self) -> list[dict[str, Any]] | None:
        """One object per line; None when the lines are anything else. A last line that is cut off is left out."""
        if not self.start.startswith("{") or len(self.data) > MOST_JSON_BYTES:
            return None
        lines = [line for line in self.text.splitlines() if line.strip()]
        if len(lines) > MOST_ROWS:
            raise RunError(f"{self.name} has more than {MOST_ROWS:,} lines; {EXPECTED}.")
        rows = []
        for number, line in enumerate(lines):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                if number and number == len(lines) - 1:
                    break
                return None
            if not isinstance(row, dict):
                return None
            rows.append(row)
        return rows or None

    @cached_property
    def table(self) -> tables.Table:
        """RunError when the file is no table."""
        try:
            return tables.read(self.name, self.data, LIMITS)
        except TableError as error:
            raise RunError(f"{error} In short, {EXPECTED}.") from error

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """Of the table, as our names; nothing where it is no table."""
        try:
            return tuple(take_apart(heading).name for heading in self.table.heading)
        except RunError:
            return ()

    @cached_property
    def columns(self) -> Mapping[str, list[str]]:
        """Cells by heading; a heading that stands twice gets a number. RunError as table, or without a row."""
        try:
            rows = [row.cells for row in self.table.rows()]
        except TableError as error:
            raise RunError(f"{error} In short, {EXPECTED}.") from error
        if not rows:
            raise RunError(f"{self.name} has no epoch in it{_why(self.table)}; {EXPECTED}.")
        return {heading: [row[place] for row in rows] for place, heading in enumerate(distinct(self.table.heading))}

    def numbers(self, heading: str) -> Floats:
        """A column: nan for no value, inf for what is no number."""
        return cells([self.table.number(cell) for cell in self.columns[heading]])

    def notes(self) -> tuple[str, ...]:
        """What the table had to be read by, where that was not plain CSV."""
        table = self.table
        unusual = table.decimal_comma or table.repeated or table.left_out_count or table.encoding not in ("UTF-8",)
        notes = [table.assumed()] if unusual or table.separation.separator != "," else []
        notes += [f"Line {line} was left out: {reason}." for line, reason in table.left_out[:5]]
        return tuple(notes)


def epoch_column(headings: Sequence[str]) -> str | None:
    """The heading of the column that counts epochs, or None."""
    return _first(headings, EPOCH_HEADINGS)


def order_column(headings: Sequence[str]) -> str | None:
    """The heading of the column that counts rows in another way, or None."""
    return _first(headings, ORDER_HEADINGS)


def epochs_of(name: str, heading: str, written: Sequence[str]) -> Floats:
    """Epochs from cells such as '3', 'Epoch 3' and '3/5'; nan for an empty cell.

    Raises:
        RunError: a cell is something else.
    """
    values = [numbers.counted(cell) for cell in written]
    wrong = next((cell for cell, value in zip(written, values, strict=True) if value is None or np.isinf(value)), None)
    if wrong is not None:
        raise RunError(f"The column '{heading}' of {name} has '{wrong[:40]}' where the number of an epoch is expected.")
    return cells(values)


def distinct(headings: Sequence[str]) -> list[str]:
    """Headings, each once: a second 'loss' becomes 'loss (2)'."""
    times: dict[str, int] = {}
    found = []
    for heading in headings:
        times[heading] = times.get(heading, 0) + 1
        found.append(heading if times[heading] == 1 else f"{heading} ({times[heading]})")
    return found


def _first(headings: Sequence[str], wanted: Sequence[str]) -> str | None:
    plain = {"_".join(heading.strip().lower().replace(":", "").split()): heading for heading in reversed(headings)}
    return next((plain[one] for one in wanted if one in plain), None)


def _why(table: tables.Table) -> str:
    if not table.left_out:
        return ""
    line, reason = table.left_out[0]
    return f" (line {line}: {reason})"
