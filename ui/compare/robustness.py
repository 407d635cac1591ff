"""Robustness on the page: the faces of the report, spoiled in five steps, measured when asked."""

import numpy as np
import streamlit as st

from fer_core.compare import corruptions
from fer_core.compare.corruptions import CORRUPTIONS, STEPS
from fer_core.compare.robustness import Curves, Sweep, faces_of
from fer_core.compare.scores import Report
from fer_core.figures import compare
from fer_core.photos import drawing
from ui.shared import loaders, state
from ui.shared.text import plain

KEPT = "robustness"
MOST_FACES = 500
NO_TOOLS = {"displayModeBar": False}


def show(report: Report) -> None:
    given = report.comparison
    if not given.found.any():
        st.info("No face was found, so there is none to spoil.", icon=":material/search_off:")
        return
    kept = state.kept(KEPT)
    if kept.get(("report",)) is not report:
        kept.clear()
        kept["report",] = report
    st.markdown(
        "How much worse do the models get on bad pictures? The same faces are blurred, darkened, turned, covered and "
        "so on, in five steps each."
    )
    _strip(report)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Measure", icon=":material/show_chart:", disabled=("sweep",) in kept):
            predictors = loaders.loaded([model.name for model in given.models])
            kept["sweep",] = Sweep(faces_of(given, MOST_FACES), predictors)
    if ("sweep",) in kept:
        _go_on(kept[("sweep",)])
    curves: Curves | None = kept.get(("curves",))
    if curves:
        _curves(curves)


def measured(report: Report) -> Curves | None:
    """The curves of this report, when there are some."""
    kept = state.kept(KEPT)
    return kept.get(("curves",)) if kept.get(("report",)) is report else None


def _curves(curves: Curves) -> None:
    theme = st.context.theme.type or "light"
    st.caption(
        plain(curves.title)
        + " The faces are kept at 112 pixels, so the clean figure may differ a little from the report."
    )
    figure = compare.robustness(curves, theme)
    st.plotly_chart(
        figure, theme=None, key="robustness", config=NO_TOOLS, alt="Accuracy by strength of each corruption"
    )
    st.dataframe(curves.rows(), hide_index=True, alt="Accuracy at each step")


def _strip(report: Report) -> None:
    """One face at every step of a corruption."""
    given = report.comparison
    name = st.selectbox("Look at", list(CORRUPTIONS), format_func=lambda key: CORRUPTIONS[key].title, key="spoiled_by")
    row = int(np.flatnonzero(given.found)[0])
    with st.container(horizontal=True):
        for step in range(STEPS + 1):
            picture = corruptions.spoiled(name, step, given.pictures[row], row, given.marks[row])
            words = "clean" if step == 0 else f"{CORRUPTIONS[name].strengths[step - 1]:g}"
            st.image(drawing.shrunk(picture, 96), width=96, caption=words, alt=f"A face, {name}, step {step}")
    st.caption(f"Numbers: {CORRUPTIONS[name].unit}.")


def _go_on(sweep: Sweep) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(sweep.done / sweep.total, "Measuring …", width="stretch")
        st.button("Stop", on_click=_finish, args=(sweep,), icon=":material/stop:", key="stop_sweep")
    while not sweep.finished:
        sweep.step()
        bar.progress(sweep.done / sweep.total, f"{sweep.done:,} of {sweep.total:,} batches")
    _finish(sweep)
    st.rerun()


def _finish(sweep: Sweep) -> None:
    kept = state.kept(KEPT)
    if kept.pop(("sweep",), None) is sweep:
        kept["curves",] = sweep.result()
