"""What the field is used for, what it earns and where it fails, each statement with its source."""

import csv
from dataclasses import dataclass

from fer_core import settings

FILE = settings.FACTS / "background.csv"

SOURCES = (
    "Project A: an AI course, autumn 2024. Project B: an engineering college, 2022-23. Project C: a VGG16 demo on "
    "Streamlit. Project E: course CS331. These are student projects: their figures are carried over, not checked."
)


@dataclass(frozen=True)
class Statement:
    """One row of the file; `source` says who gave it."""

    topic: str
    item: str
    statement: str
    source: str


def statements(topic: str | None = None) -> tuple[Statement, ...]:
    """All statements in the file's order, or those of one topic: application, market, challenge, remedy, ..."""
    with FILE.open(encoding="utf-8", newline="") as stream:
        rows = [Statement(**row) for row in csv.DictReader(stream)]
    return tuple(row for row in rows if topic in (None, row.topic))
