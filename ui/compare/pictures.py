"""Photos of a report as pictures: where models disagree, where all fail, where no face was found."""

from collections.abc import Sequence

import streamlit as st

from fer_core.compare import scores, tables
from fer_core.compare.scores import Report
from fer_core.photos import drawing
from ui.shared.text import code, plain

A_PAGE = 24
WIDTH = 132
SIDE = 112


def show(report: Report) -> None:
    given = report.comparison
    lost = [row for row in range(len(given)) if not given.found[row]]
    kinds = {
        "Models disagree": scores.disagreements(given),
        "All are wrong": scores.failures(given),
        "No face found": lost,
        "All photos": list(range(len(given))),
    }
    offered = [kind for kind, rows in kinds.items() if rows]
    kind = st.segmented_control(
        "Photos", offered, default=offered[0], required=True, format_func=lambda one: f"{one}: {len(kinds[one]):,}"
    )
    rows = kinds[kind or offered[0]]
    pages = -(-len(rows) // A_PAGE)
    page = st.pagination(pages, key=f"pictures:{kind}:{len(rows)}") if pages > 1 else 1
    _grid(report, rows[(page - 1) * A_PAGE : page * A_PAGE])


def mistakes(report: Report) -> None:
    """One cell of a confusion matrix as pictures: which faces a model took for which expression."""
    given = report.comparison
    names = {model.name: place for place, model in enumerate(given.models)}
    left, right = st.columns([2, 3])
    name = left.selectbox("Model", list(names), format_func=report.titles.__getitem__, key=f"mistakes:{list(names)}")
    cells = scores.taken_for(given, names[name])
    if not cells:
        st.success(f"{plain(report.titles[name])} made no mistake on these photos.")
        return
    cell = right.selectbox(
        "Mistakes", list(cells), format_func=lambda one: f"{one[0]}, read as {one[1]}: {len(cells[one]):,}"
    )
    rows = cells[cell][:A_PAGE]
    _grid(report, rows)
    if len(cells[cell]) > len(rows):
        st.caption(f"The {len(rows)} of which the model was surest. The CSV of every photo holds all of them.")


def whole(report: Report) -> None:
    """A few photos as the networks see them whole."""
    changed = tables.lost_on_whole(report)[:6]
    if changed:
        st.markdown("**Right with the face cut out, wrong on the whole photo**")
        _grid(report, [row for row, _ in changed], dict(changed))
        st.caption("Above each face: the whole photo at 48 x 48 pixels, as the network sees it.")


def _grid(report: Report, rows: Sequence[int], words: dict[int, str] | None = None) -> None:
    with st.container(horizontal=True):
        for row in rows:
            with st.container(width=WIDTH + 24, border=True, gap="xsmall"):
                _card(report, row, words)


def _card(report: Report, row: int, words: dict[int, str] | None) -> None:
    given = report.comparison
    label = given.classes[given.targets[row]]
    picture = drawing.shrunk(given.pictures[row], SIDE)
    if words:
        st.image(drawing.enlarged(given.squeezed[row], WIDTH), width=WIDTH, alt="The whole photo at 48 x 48 pixels")
    st.image(picture, width=WIDTH, alt=f"{given.names[row]}, labelled {label}")
    st.markdown(f"**{label}** {code(given.names[row].rsplit('/', 1)[-1][-24:])}")
    for line in [words[row]] if words else _answers(report, row):
        st.caption(line)
    if scores.label_looks_wrong(given, row):
        st.caption(":orange[The label looks wrong: all models are sure of another answer.]")


def _answers(report: Report, row: int) -> list[str]:
    return [plain(line) for line in tables.answers_in_words(report, row)]
