"""The frame of every page: title of the window, links to all pages."""

import re
from pathlib import Path

import streamlit as st

from fer_core import settings
from ui.shared import visits

HOME = "app.py"
PURPOSES = {
    "Live": (":material/videocam:", "Your camera, read in your own browser. No picture leaves it"),
    "Datasets": (":material/dataset:", "See what is in a dataset, and what is wrong with it"),
    "Predict": (":material/add_a_photo:", "See which expressions your photos appear to show"),
    "Compare": (":material/compare:", "Find out which model works best on your own labelled photos"),
    "Training": (":material/show_chart:", "Compare training curves, and see how each network is built"),
    "Results": (":material/leaderboard:", "All measured figures, and how they were measured"),
}
"""Icon and a few words of each page, by the title in its file name."""

ICON = Path(__file__).with_name("icon.svg")
"""Of the window. An icon of Streamlit's own would be fetched from another host."""

DARK_ON_PRIMARY = "<style>[data-testid=stApp] button[kind=primary] { color: #10151c; }</style>"
"""In the dark theme the primary colour is bright, and Streamlit's white text on it would have 2:1."""

CARD_WIDTH = 255  # pixels: three in a row on a laptop, one on a phone
OTHER = (":material/arrow_forward:", "")


def frame(title: str) -> None:
    """Must be the first call of a page."""
    st.set_page_config(page_title=f"{title} · Perceived expressions", page_icon=str(ICON), layout="wide")
    visits.begin(title)
    if st.context.theme.type == "dark":
        st.html(DARK_ON_PRIMARY)
    with st.sidebar:
        st.page_link(HOME, label="Home", icon=":material/home:")
        for path in pages():
            link(path)


def pages() -> tuple[str, ...]:
    """Those that exist, in the order of their numbers, as Streamlit routes them."""
    return tuple(f"pages/{path.name}" for path in sorted((settings.CHECKOUT / "pages").glob("[0-9]*_*.py")))


def page_of(title: str) -> str:
    """The page's file, as Streamlit names it."""
    return next(path for path in pages() if title_of(path) == title)


def link(path: str) -> None:
    title = title_of(path)
    st.page_link(path, label=title, icon=PURPOSES.get(title, OTHER)[0])


def card(path: str) -> None:
    """A link with a few words of what is there."""
    with st.container(border=True, gap="xsmall", width=CARD_WIDTH):
        link(path)
        st.caption(PURPOSES.get(title_of(path), OTHER)[1])


def title_of(path: str) -> str:
    return re.sub(r"^\d+_", "", Path(path).stem).replace("_", " ")
