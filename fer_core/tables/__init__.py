"""One reader for every table that people give: a dataset's CSV, labels for photos, the log of a training."""

from fer_core.tables.columns import FILE, LABEL, PERSON, PIXELS, SPLIT, Field
from fer_core.tables.numbers import code, number
from fer_core.tables.reading import LARGE, SMALL, LeftOut, Limits, Row, Table, read

__all__ = [
    "FILE",
    "LABEL",
    "LARGE",
    "PERSON",
    "PIXELS",
    "SMALL",
    "SPLIT",
    "Field",
    "LeftOut",
    "Limits",
    "Row",
    "Table",
    "code",
    "number",
    "read",
]
