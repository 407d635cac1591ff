"""The frame of every page: title of the window, links to all pages."""

import re
from pathlib import Path

import streamlit as st

from fer_core import settings
from ui.shared import visits

HOME = "app.py"
PURPOSES = {
    "Live": (":material/videocam:", "Your camera, read in your own browser: no picture leaves it"),
    "Datasets": (":material/dataset:", "What a dataset holds and what is wrong with it, before you train on it"),
    "Predict": (":material/add_a_photo:", "Photos in, perceived expressions out, models side by side"),
    "Compare": (":material/compare:", "Which model to trust on your own labelled photos, how far, and why it fails"),
    "Training": (":material/show_chart:", "Training curves laid over each other, and how each network is built"),
    "Results": (":material/leaderboard:", "Every figure beside the protocol that made it, and how far to trust it"),
}
"""Icon and a few words of each page, by the title in its file name."""

ICON = Path(__file__).with_name("icon.svg")
"""Of the window. An icon of Streamlit's own would be fetched from another host."""

CARD_WIDTH = 255  # pixels: three in a row on a laptop, one on a phone
OTHER = (":material/arrow_forward:", "")


def frame(title: str) -> None:
    """Must be the first call of a page."""
    st.set_page_config(page_title=f"{title} · Perceived expressions", page_icon=str(ICON), layout="wide")
    visits.begin(title)
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
