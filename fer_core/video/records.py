"""Timelines as plain data: the JSON of the command line, flat rows, CSV, Parquet and a table to read."""

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fer_core import text
from fer_core.labels import EIGHT
from fer_core.photos.wording import faces_found
from fer_core.text import percent, printable, text_table
from fer_core.video.timeline import SMOOTHING, UNSURE, FaceTimeline, Moment, Timeline

Record = dict[str, Any]
Row = dict[str, Any]

COLUMNS = (
    *("video", "error", "face", "time", "seconds", "x", "y", "width", "height", "score"),
    *("model", "label", "confidence", "unsure", "label_of_frame", "confidence_of_frame"),
)
NUMBERS = ("time", "seconds", "score", "confidence", "confidence_of_frame")
WHOLE = ("face", "x", "y", "width", "height")
MOST_SHARES = 3


def record(path: str, timeline: Timeline) -> Record:
    """One video that was read, with everything that was found in it."""
    width, height = timeline.size
    return {
        "path": path,
        "error": None,
        "seconds": round(timeline.seconds, 3),
        "stopped": timeline.stopped,
        "damaged_parts": timeline.damaged,
        "width": width,
        "height": height,
        "frames_read": timeline.frames,
        "frames_per_second": timeline.rate,
        "model": timeline.model,
        "smoothing": SMOOTHING,
        "faces": [_face(face, timeline.size) for face in timeline.faces],
    }


def failure(path: str, error: object) -> Record:
    """One video that could not be read, with the sentence that says why."""
    return {"path": path, "error": str(error), "faces": []}


def rows(records: Iterable[Record]) -> Iterator[Row]:
    """One flat row per face and frame that was read; a video without a face still has its row."""
    for entry in records:
        video = {"video": entry["path"], "error": entry["error"] or ""}
        if not entry["faces"]:
            yield video
        for face in entry["faces"]:
            for moment in face["moments"]:
                yield video | {"face": face["face"], "model": entry["model"]} | _row(moment)


def to_csv(records: Iterable[Record]) -> str:
    """Comma-separated rows under one heading, with no cell that a spreadsheet would take for a formula."""
    table = list(rows(records))
    return text.to_csv(table, _heading(table))


def to_parquet(records: Iterable[Record]) -> bytes:
    """The same rows as a Parquet file.

    Raises:
        ModuleNotFoundError: pyarrow is not installed.
    """
    import pyarrow as pa
    from pyarrow import parquet

    table = list(rows(records))
    columns = {name: pa.array([row.get(name) for row in table], _kind(pa, name)) for name in _heading(table)}
    stream = io.BytesIO()
    parquet.write_table(pa.table(columns), stream)
    return stream.getvalue()


def to_table(records: Iterable[Record]) -> str:
    """For reading in a terminal: one line per video, then one per face with the times at which its answer changed."""
    return "\n\n".join(_told(entry) for entry in records)


def _face(face: FaceTimeline, size: tuple[int, int]) -> Record:
    return {
        "face": face.number,
        "start": round(face.start, 3),
        "end": round(face.end, 3),
        "seconds": round(face.seconds, 3),
        "shares": {label: round(share, 4) for label, share in face.shares.items()},
        "segments": [
            {
                "start": round(segment.start, 3),
                "end": round(segment.end, 3),
                "label": segment.label,
                "unsure": segment.unsure,
                "confidence": round(segment.confidence, 4),
            }
            for segment in face.segments
        ],
        "moments": [_moment(moment, size) for moment in face.moments],
    }


def _moment(moment: Moment, size: tuple[int, int]) -> Record:
    seen, answer = moment.sighting, moment.answer
    best = int(seen.row.argmax())
    return {
        "time": round(moment.time, 3),
        "seconds": round(moment.seconds, 3),
        "box": _inside(seen.box, size),
        "score": round(seen.score, 4),
        "label": answer.label,
        "confidence": round(answer.confidence, 4),
        "unsure": answer.unsure,
        "reason": answer.reason,
        "probabilities": {label: round(share, 4) for label, share in answer.probabilities.items()},
        "label_of_frame": list(answer.probabilities)[best],
        "confidence_of_frame": round(float(seen.row[best]), 4),
    }


def _inside(box: tuple[int, int, int, int], size: tuple[int, int]) -> list[int]:
    """The part of a box that lies in the picture, as x, y, width and height."""
    left, top = (min(max(0, start), side) for start, side in zip(box[:2], size, strict=True))
    ends = (min(max(0, a + b), side) for a, b, side in zip(box[:2], box[2:], size, strict=True))
    right, bottom = ends
    return [left, top, right - left, bottom - top]


def _row(moment: Mapping[str, Any]) -> Row:
    plain = {name: moment[name] for name in COLUMNS if name in moment}
    box = dict(zip(("x", "y", "width", "height"), moment["box"], strict=True))
    return {**plain, **box, **moment["probabilities"], "reason": moment["reason"]}


def _heading(table: Iterable[Row]) -> list[str]:
    seen = {name for row in table for name in row}
    return [*COLUMNS, *(label for label in EIGHT if label in seen), "reason"]


def _kind(pa: Any, name: str) -> Any:  # noqa: ANN401  (pyarrow ships no types)
    if name in WHOLE:
        return pa.int32()
    if name == UNSURE:
        return pa.bool_()
    return pa.float64() if name in NUMBERS or name in EIGHT else pa.string()


def _told(entry: Record) -> str:
    if entry["error"]:
        return f"{printable(entry['path'])}: {entry['error']}"
    count = len(entry["faces"])
    read = f"{clock(entry['seconds'])}, {entry['frames_read']} frames read, {faces_found(count)}"
    heading = f"{printable(entry['path'])}: {read}"
    notes = ["Stopped before the end."] * entry["stopped"]
    if entry["damaged_parts"]:
        notes.append(f"{entry['damaged_parts']} damaged parts were passed over.")
    lines = [_line(face) for face in entry["faces"]]
    table = [text_table(("face", "from", "to", "share of its time", "over time"), lines)] if lines else []
    return "\n".join([" ".join([f"{heading}.", *notes]), *table])


def _line(face: Mapping[str, Any]) -> tuple[str, ...]:
    times = clock(face["start"]), clock(face["end"])
    return (str(face["face"]), *times, _shares(face["shares"]), _changes(face["segments"]))


def _shares(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{label} {percent(share)}" for label, share in list(shares.items())[:MOST_SHARES])


def _changes(segments: list[Mapping[str, Any]], most: int = 6) -> str:
    """'0:00.0 neutral, 0:05.2 happy'; the longest segments where there are many."""
    longest = sorted(segments, key=lambda one: one["start"] - one["end"])[:most]
    shown = sorted(longest, key=lambda one: one["start"])
    said = ", ".join(f"{clock(one['start'])} {UNSURE if one['unsure'] else one['label']}" for one in shown)
    return said + (f" ({len(segments)} in all)" if len(segments) > most else "")


def clock(seconds: float) -> str:
    """'1:05.2', or '1:01:05.2' from an hour on."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    whole = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{whole}:{rest // 10:02}.{rest % 10}"
