"""Answers as HTML: escaped, without scripts, readable on light and dark ground."""

import base64
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from fer_core.photos import drawing, wording
from fer_core.photos.analysis import Analysis, FaceAnalysis, Prediction
from fer_core.photos.records import Record, Row, rows, to_csv
from fer_core.text import percent

SHOWN_SIDE = 960

EMPTY = "<p class='fer-hint'>The answer will stand here.</p>"
NO_FACE = f"<p class='fer-message'><strong>{wording.NO_FACE}</strong> {wording.NO_FACE_ADVICE}</p>"


def of_photo(analysis: Analysis) -> str:
    """The photo with numbered faces, and below it what each network reads in each."""
    faces = [face.face for face in analysis.faces]
    shown = [] if analysis.detector == "none" else faces
    alt = f"Your photo with {wording.faces_found(len(faces))} marked"
    picture = drawing.labelled(analysis.photo, shown, longest=SHOWN_SIDE, divisor=analysis.divisor)
    photo = f"<img class='fer-photo' alt='{alt}' src='{_source(picture)}'>"
    sections = "".join(_face(number, face) for number, face in enumerate(analysis.faces, start=1))
    count = wording.faces_found(len(faces)).capitalize()
    note = f"<p class='fer-hint'>{count}. {wording.DETECTORS[analysis.detector]}</p>"
    return f"<div class='fer-answer'>{photo}{note}{sections or NO_FACE}</div>"


def of_error(sentence: object) -> str:
    return f"<p class='fer-message' role='alert'>{escape(str(sentence))}</p>"


def _source(picture: NDArray[np.uint8]) -> str:
    """A picture as a data address: nothing that is shown of a photo is written to disk."""
    return f"data:image/jpeg;base64,{base64.b64encode(drawing.to_jpeg(picture)).decode()}"


def _face(number: int, face: FaceAnalysis) -> str:
    doubt = "<p class='fer-doubt'>The models disagree about this face.</p>" if face.disagree else ""
    cards = "".join(_card(prediction) for prediction in face.predictions)
    return f"<section><h3>Face {number}</h3>{doubt}<div class='fer-cards'>{cards}</div></section>"


def _card(prediction: Prediction) -> str:
    crop = f"<img class='fer-crop' alt='What the model saw' src='{_source(drawing.enlarged(prediction.crop))}'>"
    ordered = sorted(prediction.probabilities.items(), key=lambda pair: -pair[1])
    bars = "".join(_bar(label, share, first=label == prediction.label) for label, share in ordered)
    head = f"<div class='fer-head'>{crop}<div>{verdict(prediction)}</div></div>"
    return f"<article class='fer-card'>{head}<div class='fer-bars'>{bars}</div></article>"


def verdict(prediction: Prediction) -> str:
    """The label and how far to trust it, and which model says so."""
    kind = "fer-label fer-doubt" if prediction.unsure else "fer-label"
    model = f"<div class='fer-model'>{escape(prediction.model)}</div>"
    reason = f"<p class='fer-hint'>{escape(wording.because(prediction))}</p>" if prediction.reason else ""
    return f"<div class='{kind}'>{escape(wording.answer(prediction))}</div>{reason}{model}"


def _percent(share: float) -> str:
    return escape(percent(share))


def _bar(label: str, share: float, *, first: bool) -> str:
    kind = "fer-bar fer-first" if first else "fer-bar"
    return (
        f"<span>{escape(label)}</span><span class='{kind}' role='img' aria-label='{_percent(share)}'>"
        f"<i style='width:{share * 100:.1f}%'></i></span><span class='fer-number'>{_percent(share)}</span>"
    )


HEADINGS = ("photo", "face", "model", "expression", "confidence", "runner-up")


def of_batch(records: Sequence[Record]) -> str:
    """A row a face and model, and all of it to take away as CSV."""
    content = base64.b64encode(to_csv(records).encode("utf-8-sig")).decode()
    link = f"<a class='fer-link' download='expressions.csv' href='data:text/csv;base64,{content}'>Download as CSV</a>"
    failed = sum(entry["error"] is not None for entry in records)
    count = "1 photo" if len(records) == 1 else f"{len(records)} photos"
    words = count + (f", {failed} of them not readable" if failed else "")
    head = "".join(f"<th scope='col'>{heading}</th>" for heading in HEADINGS)
    body = "".join(_row(row) for row in rows(records))
    table = f"<div class='fer-scroll'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    return f"<div class='fer-answer'><p>{words}. {link}</p>{table}</div>"


def _row(row: Row) -> str:
    return f"<tr>{''.join(_cells(row))}</tr>"


def _cells(row: Row) -> list[str]:
    name = f"<td>{escape(row['photo'])}</td>"
    if "model" not in row:
        return [name, f"<td colspan='5'>{escape(row['error'] or 'no face found')}</td>"]
    doubt = " <em class='fer-doubt'>(unsure)</em>" if row["unsure"] else ""
    second = row["runner_up"]
    texts = (str(row["face"]), escape(row["model"]), escape(row["label"]) + doubt, _percent(row["confidence"]))
    return [name, *(f"<td>{text}</td>" for text in texts), f"<td>{escape(second)} {_percent(row[second])}</td>"]
