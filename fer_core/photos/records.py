"""Analyses as plain data to keep or show: the JSON of the command line, flat rows, CSV and text tables.

A record is one photo's JSON object. Everything else is made from records, so a folder of photos never has to stay in
memory.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fer_core import text
from fer_core.labels import EIGHT
from fer_core.photos.analysis import Analysis, FaceAnalysis, Prediction
from fer_core.text import percent_to_a_tenth, text_table

Record = dict[str, Any]
Row = dict[str, Any]

COLUMNS = ("photo", "error", "face", "x", "y", "width", "height", "score")
ANSWER_COLUMNS = ("model", "label", "confidence", "unsure", "runner_up")


def record(path: str, analysis: Analysis) -> Record:
    """One photo that was read; no face leaves an empty list."""
    return record_of_faces(path, analysis.faces, analysis.size)


def record_of_faces(path: str, faces: Iterable[FaceAnalysis], size: tuple[int, int] | None = None) -> Record:
    """As `record`, of faces whose photo is not at hand any more.

    Args:
        path: names the photo.
        faces: found in it.
        size: width and height of the photo; boxes are cut at its border.
    """
    return {"path": path, "error": None, "faces": [_face(face, size) for face in faces]}


def failure(path: str, error: object) -> Record:
    """One photo that could not be read, with the sentence that says why."""
    return {"path": path, "error": str(error), "faces": []}


def rows(records: Iterable[Record]) -> list[Row]:
    """A flat row a face and model; a photo without face or answer still has its row.

    Keys are COLUMNS, ANSWER_COLUMNS, the expressions and 'reason', why an answer is unsure; what does not apply is
    missing.
    """
    return [row for entry in records for row in _rows_of(entry)]


def to_csv(records: Iterable[Record]) -> str:
    """Comma-separated rows under one heading, with no cell that a spreadsheet would take for a formula."""
    table = rows(records)
    known = [label for label in EIGHT if any(label in row for row in table)]
    return text.to_csv(table, [*COLUMNS, *ANSWER_COLUMNS, *known, "reason"])


def to_table(records: Iterable[Record]) -> str:
    """For reading in a terminal: one line per face and model."""
    heading = ("photo", "face", "model", "expression", "confidence", "runner-up")
    return text_table(heading, [_line(row) for row in rows(records)])


def evaluation_table(result: Mapping[str, Any]) -> str:
    """An evaluation's JSON, for reading in a terminal."""
    ends = {name: " to ".join(map(percent_to_a_tenth, pair)) for name, pair in result["intervals"].items()}
    words = [(name, str(result[name] or "none")) for name in ("model", "data", "split", "labels", "head", "tta", "n")]
    shares = [(name, percent_to_a_tenth(result[name])) for name in ("accuracy", "balanced_accuracy", "macro_f1", "ece")]
    recalls = [
        (f"recall of {label}", percent_to_a_tenth(share) or "no image") for label, share in result["recall"].items()
    ]
    left_out = [(f"left out: {reason}", f"{count:,}") for reason, count in result.get("left_out", {}).items()]
    lines = words + shares + recalls + left_out
    whole = text_table(("", "", "95 % interval"), [(*line, ends.get(line[0], "")) for line in lines])
    return "\n\n".join(
        [whole, *(_conditions_table(name, found) for name, found in result.get("conditions", {}).items())]
    )


def _conditions_table(name: str, groups: Sequence[Mapping[str, Any]]) -> str:
    """The groups of one condition: accuracy with its interval, and the recall of expressions with enough images."""
    told = list(dict.fromkeys(label for group in groups for label in group["recall"]))
    rows = [
        (
            group["group"],
            f"{group['n']:,}",
            percent_to_a_tenth(group["accuracy"]["share"]),
            " to ".join(map(percent_to_a_tenth, group["accuracy"]["interval"])),
            *(percent_to_a_tenth(group["recall"].get(label, {}).get("share")) for label in told),
        )
        for group in groups
    ]
    return text_table((name.replace("_", " "), "n", "accuracy", "95 % interval", *told), rows)


def _face(face: FaceAnalysis, size: tuple[int, int] | None) -> Record:
    found = [int(side) for side in face.face.box]
    return {
        "box": found if size is None else _inside(found, size),
        "score": float(face.face.score),
        "predictions": [_prediction(prediction) for prediction in face.predictions],
        "unclipped_box": found,
    }


def _inside(box: Sequence[int], size: tuple[int, int]) -> list[int]:
    """x, y, width and height of the part of a box that lies in a picture of this width and height."""
    left, top = (min(max(0, start), side) for start, side in zip(box[:2], size, strict=True))
    right, bottom = (
        min(max(0, start + length), side) for start, length, side in zip(box[:2], box[2:], size, strict=True)
    )
    return [left, top, right - left, bottom - top]


def _prediction(prediction: Prediction) -> Record:
    return {
        "model": prediction.model,
        "label": prediction.label,
        "confidence": prediction.confidence,
        "unsure": prediction.unsure,
        "probabilities": dict(prediction.probabilities),
        "reason": prediction.reason,
    }


def _rows_of(entry: Record) -> list[Row]:
    photo = {"photo": entry["path"], "error": entry["error"] or ""}
    found = [
        photo | _face_cells(number, face) | answer
        for number, face in enumerate(entry["faces"], start=1)
        for answer in [_answer_cells(prediction) for prediction in face["predictions"]] or [{}]
    ]
    return found or [photo]


def _face_cells(number: int, face: Mapping[str, Any]) -> Row:
    return {"face": number, **dict(zip(COLUMNS[3:7], face["box"], strict=True)), "score": face["score"]}


def _answer_cells(prediction: Mapping[str, Any]) -> Row:
    probabilities = prediction["probabilities"]
    others = [label for label in probabilities if label != prediction["label"]]
    answer = {name: prediction[name] for name in ANSWER_COLUMNS if name != "runner_up"}
    runner_up = max(others, key=probabilities.__getitem__)
    return {**answer, "runner_up": runner_up, **probabilities, "reason": prediction.get("reason", "")}


def _line(row: Row) -> tuple[str, ...]:
    if "face" not in row:
        return (row["photo"], "", "", row["error"] or "no face found", "", "")
    if "model" not in row:
        return (row["photo"], str(row["face"]), "", "", "", "")
    doubt = f" (unsure{': ' if row['reason'] else ''}{row['reason']})" if row["unsure"] else ""
    runner_up = f"{row['runner_up']} {percent_to_a_tenth(row[row['runner_up']])}"
    return (
        row["photo"],
        str(row["face"]),
        row["model"],
        row["label"] + doubt,
        percent_to_a_tenth(row["confidence"]),
        runner_up,
    )
