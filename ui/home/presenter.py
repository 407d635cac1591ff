"""Presenter mode: one sample and its answer in large type, no sidebar, the next sample at the press of a key."""

import streamlit as st

from fer_core.errors import FerError
from fer_core.photos.samples import SAMPLES
from ui.home import demo
from ui.predict import answers
from ui.shared import loaders
from ui.shared.text import plain

ADDRESS = "present"
"""Name in the address: `/?present=1` opens it."""

STYLE = """<style>
html { font-size: 150% !important; }
[data-testid=stSidebar], [data-testid=stSidebarCollapsedControl], [data-testid=stExpandSidebarButton] { display: none; }
[data-testid=stMainBlockContainer] { padding: 1rem 2rem; max-width: none; }
.st-key-presenter h3 { font-size: 3.4rem; }
.st-key-presenter [data-testid=stImage], .st-key-presenter [data-testid=stImageContainer] { width: 100% !important; }
.st-key-presenter [data-testid=stImage] > div > img, .st-key-presenter [data-testid=stImageContainer] > img {
  width: auto !important; max-width: 100% !important; height: 70vh; object-fit: contain; }
</style>"""
"""Type at one and a half times its size: it is read from the last row of a hall."""


def asked() -> bool:
    return ADDRESS in st.query_params


def button() -> None:
    """Opens it, on Home."""
    st.button(
        "Presenter mode",
        on_click=_begin,
        icon=":material/slideshow:",
        help="For a projector: large type and no sidebar. The right arrow key shows the next sample, Esc ends it.",
    )


def show() -> None:
    st.html(STYLE)
    with st.container(key="presenter"):
        try:
            answers.photo(demo.read(demo.chosen()), (loaders.DEFAULT,))
        except FerError as error:
            st.error(plain(str(error)))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Previous", on_click=_step, args=(-1,), icon=":material/arrow_back:", shortcut="Left")
        st.button("Next", on_click=_step, args=(1,), icon=":material/arrow_forward:", shortcut="Right", type="primary")
        st.button("End", on_click=_end, icon=":material/close:", shortcut="Esc")


def _step(by: int) -> None:
    place = SAMPLES.index(demo.chosen())
    demo.choose(SAMPLES[(place + by) % len(SAMPLES)].file)


def _begin() -> None:
    st.query_params[ADDRESS] = "1"


def _end() -> None:
    st.query_params.pop(ADDRESS, None)
