"""What a visitor takes along: CSV, one HTML file; and keeping the test set on this computer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from fer_core import settings, text
from fer_core.compare import kept_sets, tables
from fer_core.compare.scores import Report
from fer_core.errors import FerError
from fer_core.reports import comparison
from ui.compare import robustness
from ui.compare.sources import Given
from ui.shared import state
from ui.shared.text import plain


def show(report: Report, given: Given) -> None:
    pictures = st.toggle(
        "Put the faces into the HTML file",
        key=state.widget("with_pictures"),
        help="Off: the file holds figures and file names, and no picture of anybody.",
    )
    curves = robustness.measured(report)
    with st.container(horizontal=True):
        st.download_button(
            "Report as HTML",
            lambda: comparison.html(report, curves, pictures=pictures),
            "comparison.html",
            "text/html",
            on_click="ignore",
            icon=":material/description:",
        )
        _csv("Figures as CSV", lambda: tables.figures(report), "comparison.csv")
        _csv("Every photo as CSV", lambda: tables.photos(report), "photos.csv")
        if curves:
            _csv("Robustness as CSV", curves.rows, "robustness.csv")
    st.caption("The HTML file needs no network and no other file.")
    if given.photos is not None and not settings.public():
        _keep(given)


def _csv(label: str, rows: Callable[[], Sequence[Mapping[str, Any]]], name: str) -> None:
    """Made when it is clicked."""
    st.download_button(label, lambda: text.to_csv(rows()), name, "text/csv", on_click="ignore")


def _keep(given: Given) -> None:
    st.markdown("**Keep this test set on this computer**")
    st.caption(plain(f"Only if you ask: the photos are copied, in a folder a label, to {settings.testsets_folder()}."))
    name, button = st.columns([3, 2], vertical_alignment="bottom")
    chosen = name.text_input("Name", key=state.widget("keep_name"), placeholder="our phone photos")
    if button.button("Keep this test set", disabled=not chosen, icon=":material/save:") and given.photos:
        try:
            st.success(plain(f"Kept in {kept_sets.keep(chosen, given.photos)}."))
        except FerError as error:
            st.error(plain(str(error)))
