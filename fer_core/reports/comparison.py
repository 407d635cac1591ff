"""A comparison as one HTML file that needs no network and no other file."""

import base64
from collections.abc import Mapping, Sequence
from html import escape

import plotly.graph_objects as go

from fer_core.compare import scores, tables
from fer_core.compare.conditions import CONDITIONS
from fer_core.compare.robustness import Curves
from fer_core.compare.scores import Report
from fer_core.figures import compare
from fer_core.photos import drawing, wording
from fer_core.text import printable

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""What the file may load: nothing. A browser holds to it, whatever a name in the file says."""

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1b232e; background: #fff; margin: 0 auto; padding: 1rem;
  max-width: 72rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #c3ccd6; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { border: 1px solid #c3ccd6; padding: 0.3rem 0.6rem; text-align: left; white-space: nowrap; }
th { background: #f2f5f8; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem; }
.faces { display: flex; flex-wrap: wrap; gap: 0.75rem; }
figure { margin: 0; width: 9rem; font-size: 0.8rem; overflow-wrap: anywhere; }
figure img { width: 100%; }
.note { color: #4a5563; font-size: 0.9rem; }
"""

MOST_FACES = 60
TOOLS = {"displayModeBar": False, "responsive": True}


def html(report: Report, curves: Curves | None = None, *, pictures: bool = False) -> str:
    """The whole file.

    Args:
        report: what to tell.
        curves: robustness, where it was measured.
        pictures: with the faces on which models disagree or all fail; without, the file shows nobody.
    """
    from plotly.offline import get_plotlyjs

    parts = [_opening(report), _scores(report), _matrices(report), _confidence(report), _conditions(report)]
    parts += [_whole(report), _robustness(curves), _faces(report) if pictures else "", _notes(report)]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Comparison: {_text(report.comparison.title)}</title><style>{STYLE}</style>"
        f"<script>{get_plotlyjs()}</script></head><body>{''.join(parts)}</body></html>"
    )


def _opening(report: Report) -> str:
    given = report.comparison
    found = int(given.found.sum())
    return (
        f"<h1>Comparison: {_text(given.title)}</h1><p>{len(given):,} labelled photos, a face found in {found:,}. "
        f"{_text(wording.DETECTORS[given.detector])}</p>"
        f'<p class="note">{_text(wording.NOTICE[1][1])}</p>'
    )


def _scores(report: Report) -> str:
    verdicts = "".join(f"<li>{_text(line)}</li>" for line in tables.verdicts(report))
    return (
        f"<h2>Figures</h2>{_table(tables.headline(report))}"
        '<p class="note">In brackets: 95 % bootstrap interval. A photo without a found face counts as wrong.</p>'
        f"<ul>{verdicts}</ul><h2>Recall</h2>{_chart(compare.recalls(report))}"
        f"{_table(tables.recall(report))}"
    )


def _matrices(report: Report) -> str:
    classes = report.comparison.classes
    single = [
        f"<div><h3>{_text(report.titles[one.model])}</h3>{_chart(compare.confusion(one, classes))}</div>"
        for one in report.scores
    ]
    both = [
        f"<div><h3>{_text(report.titles[first.model])} minus {_text(report.titles[second.model])}, in points</h3>"
        f"{_chart(compare.confusion_difference(first, second, classes))}</div>"
        for place, first in enumerate(report.scores)
        for second in report.scores[place + 1 :]
    ]
    return f'<h2>Confusion</h2><div class="pair">{"".join(single + both)}</div>'


def _confidence(report: Report) -> str:
    lines = "".join(f"<li>{_text(line)}</li>" for line in tables.unsure_in_words(report))
    return (
        '<h2>Confidence</h2><div class="pair">'
        f"<div><h3>How far a confidence can be trusted</h3>{_chart(compare.reliability(report))}</div>"
        f"<div><h3>What answering 'unsure' gains</h3>{_chart(compare.coverage(report))}</div></div>"
        f"<ul>{lines}</ul>"
    )


def _conditions(report: Report) -> str:
    present = [name for name in CONDITIONS if any(group.condition == name for group in report.groups)]
    charts = "".join(f"<div>{_chart(compare.by_condition(report, name))}</div>" for name in present)
    return f'<h2>Kinds of faces</h2><div class="pair">{charts}</div>{_table(tables.groups(report))}'


def _whole(report: Report) -> str:
    if report.comparison.whole is None:
        return ""
    chart = _chart(compare.whole_photo(report))
    return f"<h2>The face cut out, and the whole photo</h2>{chart}<p>{_text(tables.WHY_WHOLE_IS_BAD)}</p>"


def _robustness(curves: Curves | None) -> str:
    if curves is None:
        return ""
    chart = _chart(compare.robustness(curves))
    return f"<h2>Robustness</h2><p>{_text(curves.title)}</p>{chart}{_table(curves.rows())}"


def _faces(report: Report) -> str:
    sections = (
        ("Models disagree", scores.disagreements(report.comparison)),
        ("All are wrong", scores.failures(report.comparison)),
    )
    return "".join(
        f'<h2>{heading}: {len(rows):,}</h2><div class="faces">{_gallery(report, rows)}</div>'
        for heading, rows in sections
        if rows
    )


def _gallery(report: Report, rows: Sequence[int]) -> str:
    return "".join(_face(report, row) for row in rows[:MOST_FACES])


def _face(report: Report, row: int) -> str:
    given = report.comparison
    picture = base64.b64encode(drawing.to_jpeg(given.pictures[row])).decode()
    label = given.classes[given.targets[row]]
    said = "".join(f"<br>{_text(line)}" for line in tables.answers_in_words(report, row))
    return (
        f'<figure><img src="data:image/jpeg;base64,{picture}" alt="labelled {_text(label)}">'
        f"<figcaption><b>{_text(label)}</b> {_text(given.names[row])}{said}</figcaption></figure>"
    )


def _notes(report: Report) -> str:
    notes = "".join(f"<li>{_text(note)}</li>" for note in report.comparison.notes)
    return f"<h2>What was not as expected</h2><ul>{notes}</ul>" if notes else ""


def _table(rows: Sequence[Mapping[str, object]]) -> str:
    if not rows:
        return ""
    names = list(rows[0])
    head = "".join(f"<th>{_text(name)}</th>" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{_text(row.get(name, ''))}</td>" for name in names) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def _chart(figure: go.Figure) -> str:
    """Plotly writes '<' in texts as an escape, so that no name ends the script."""
    made: str = figure.to_html(full_html=False, include_plotlyjs=False, config=TOOLS)
    return made


def _text(value: object) -> str:
    return escape(printable(str(value)))
