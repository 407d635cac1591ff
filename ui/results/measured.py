"""Our networks in detail: across data sets, class by class, and their cards."""

import re

import streamlit as st

from fer_core import settings
from fer_core.evaluation import measured
from fer_core.evaluation.measured import Cells, Measured
from fer_core.figures import results
from fer_core.predictors import networks
from ui.shared import loaders

STRONGER = "The stronger the colour, the larger the number."
NO_TOOLS = {"displayModeBar": False}
HOW_TO_FILL = """
- Every figure here comes from `metrics.json` of a network in `models/`, which `fer release` writes, or
  from an evaluation kept in `runs/evaluations/`.
- FER2013 and FER+, with `fer2013.csv` and `fer2013new.csv` in FOLDER: `fer evaluate --model NAME
  --data FOLDER --labels ferplus --format json > runs/evaluations/NAME_ferplus.json`.
- RAF-DB, AffectNet, ExpW and CK+ are given out by their authors on request, not with this project. With a copy in
  FOLDER: `fer evaluate --model NAME --data FOLDER --split test --format json >
  runs/evaluations/NAME_raf_db.json`; AffectNet's split is `val`, that of ExpW and CK+ `all`.
"""


def across(rows: tuple[Measured, ...]) -> None:
    """The matrix, also with its empty columns."""
    cells = measured.across(rows, loaders.titles())
    st.caption(
        "Accuracy in percent on the test images, one view per image. 'Without copies': the training of this network "
        f"held copies of test images, so these are left out. {STRONGER} – means: not measured. A network that was "
        "trained on one dataset meets other labels and other pictures in the next column."
    )
    _matrix(cells, "across")
    if not settings.public():
        with st.expander("How to fill the empty cells"):
            st.markdown(HOW_TO_FILL)


def recalls(rows: tuple[Measured, ...]) -> None:
    """Which expressions are found: an accuracy hides them."""
    st.caption(
        "Of 100 faces that people gave this label, this many got the same label from the network (recall). "
        f"{STRONGER} – means: no image has this label."
    )
    _matrix(measured.recalls(rows, loaders.titles()), "recalls")


def cards() -> None:
    folders = {folder.name: folder for folder in networks.folders() if (folder / "README.md").is_file()}
    if not folders:
        st.info("No network of ours has a card yet; `fer release` writes it.")
        return
    titles = loaders.titles()
    name = st.selectbox("Card of", list(folders), format_func=titles.__getitem__, key="card", bind="query-params")
    with st.container(border=True):
        st.markdown(_card(networks.card(folders[name])))


def _matrix(cells: Cells, key: str) -> None:
    if not cells:
        st.info("Nothing was measured yet. `fer release` evaluates a network and keeps the figures.")
        return
    theme = st.context.theme.type or "light"
    figure = results.matrix(cells, theme)
    st.plotly_chart(figure, theme=None, key=key, config=NO_TOOLS, alt=results.in_words(cells))


def _card(card: str) -> str:
    """Headings two levels lower: the page has its own title."""
    return re.sub(r"^(#+) ", r"##\1 ", card, flags=re.MULTILINE)
