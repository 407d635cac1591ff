"""What the Parquet files of a batch hold: one row per face and model, and one per photo without a face or an answer.

The names are those of `fer predict --format csv`. VERSION rises when a column changes its name, type or meaning; a new
column at the end does not raise it. docs/guides/scale.md explains each column.
"""

import io
import json
import posixpath
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from fer_core import extras
from fer_core.errors import BatchError
from fer_core.labels import EIGHT
from fer_core.photos import records

if TYPE_CHECKING:
    from pyarrow import Schema

VERSION = 1
VERSION_KEY, COUNTS_KEY = "fer_batch_schema", "fer_batch_counts"
"""In the metadata of each Parquet file."""

TEXT, WHOLE, SMALL, SHARE, TIME, YES_NO = "string", "int32", "int16", "float64", "timestamp[s]", "bool"
COLUMNS: Mapping[str, tuple[str, str]] = {
    "photo": (TEXT, "path or address; inside an archive or Parquet file its name follows that file's"),
    "folder": (TEXT, "the part of `photo` before its last stroke"),
    "error": (TEXT, "why the photo could not be read, as a sentence; empty for all others"),
    "face": (SMALL, "1 for the largest face of the photo, 2 for the next; empty where no face was found"),
    "x": (WHOLE, "left side of the face's box, in pixels of the upright photo"),
    "y": (WHOLE, "its upper side"),
    "width": (WHOLE, "its width"),
    "height": (WHOLE, "its height"),
    "score": (SHARE, "the detector's score of the face, 0 to 1"),
    "model": (TEXT, "the network that answered"),
    "label": (TEXT, "the perceived expression with the highest probability"),
    "confidence": (SHARE, "its calibrated probability, 0 to 1"),
    "unsure": (YES_NO, "the confidence is below the network's threshold, or the picture shows too little of the face"),
    "runner_up": (TEXT, "the second expression"),
    **{name: (SHARE, f"calibrated probability of '{name}'; empty where the network lacks it") for name in EIGHT},
    "reason": (TEXT, "what the picture does not show, where that makes the answer unsure"),
    "photo_width": (WHOLE, "width of the upright photo in pixels"),
    "photo_height": (WHOLE, "its height"),
    "taken": (TIME, "when the camera says the photo was taken, in its local time (EXIF)"),
    "detector": (TEXT, "yunet or haar; none for photos that are one face already"),
    "milliseconds": ("float32", "time to decode the photo, find its faces and cut them out; differs from run to run"),
}
"""Type and meaning of each column, in their order."""

GROUP = 4096
"""Rows that are packed at a time."""

Row = dict[str, Any]


def arrow() -> "Schema":
    """The columns as Arrow has them, with the version in the metadata."""
    extras.need("pyarrow")
    import pyarrow

    types = {
        TEXT: pyarrow.string(),
        WHOLE: pyarrow.int32(),
        SMALL: pyarrow.int16(),
        SHARE: pyarrow.float64(),
        TIME: pyarrow.timestamp("s"),
        YES_NO: pyarrow.bool_(),
        "float32": pyarrow.float32(),
    }
    fields = [pyarrow.field(name, types[kind]) for name, (kind, _) in COLUMNS.items()]
    return pyarrow.schema(fields, metadata={VERSION_KEY: str(VERSION)})


def rows(record: records.Record, about: Mapping[str, Any]) -> list[Row]:
    """The rows of one photo.

    Args:
        record: of fer_core.photos.records.
        about: photo_width, photo_height, taken, detector and milliseconds, as far as they are known.
    """
    found = records.rows([record])
    shared = {"folder": posixpath.dirname(record["path"].replace("\\", "/")), **about, "error": record["error"] or None}
    return [{**row, **shared, "reason": row.get("reason") or None} for row in found]


class PartWriter:
    """Gathers the rows of one part as Parquet in memory."""

    def __init__(self) -> None:
        """Open an empty part."""
        import pyarrow.parquet

        self._schema = arrow()
        self._buffer = io.BytesIO()
        self._writer = pyarrow.parquet.ParquetWriter(self._buffer, self._schema, compression="zstd")
        self._rows: list[Row] = []

    def add(self, found: Sequence[Row]) -> None:
        self._rows += found
        if len(self._rows) >= GROUP:
            self._flush()

    def _flush(self) -> None:
        import pyarrow

        self._writer.write_table(pyarrow.Table.from_pylist(self._rows, self._schema))
        self._rows = []

    def content(self, counts: Mapping[str, Any]) -> bytes:
        """The whole file, with what it holds in its metadata; nothing can be added afterwards."""
        self._flush()
        self._writer.add_key_value_metadata({COUNTS_KEY: json.dumps(counts)})
        self._writer.close()
        return self._buffer.getvalue()


def counts(stream: IO[bytes]) -> dict[str, Any]:
    """What a part holds, from its metadata.

    Raises:
        BatchError: this is no part of a batch.
    """
    import pyarrow.parquet

    try:
        metadata = pyarrow.parquet.read_metadata(stream).metadata
        found: dict[str, Any] = json.loads(metadata[COUNTS_KEY.encode()])
    except (pyarrow.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise BatchError(f"A part is damaged ({error}). Remove it and give the command again with --resume.") from error
    return found
