"""How each of our networks is built: two of them side by side, large enough for a projector."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import streamlit as st

from fer_core.figures.theme import INK
from fer_core.predictors import architecture, networks
from fer_core.predictors.architecture import Architecture, Block, Layer
from ui.shared import loaders
from ui.shared.text import plain

FILLS = {"light": "#f2f5f8", "dark": "#1b232e"}
MOST_BOXES = 400
ALONE = "no second network"
DETAILS: Mapping[str, Callable[[Sequence[Layer]], tuple[Block, ...]]] = {
    "Stages": architecture.stages,
    "Blocks": architecture.blocks,
    "Layers": architecture.as_blocks,
}
"""How much one box of the drawing holds."""


def show() -> None:
    """RunError when the network's file cannot be read."""
    folders = {folder.name: folder for folder in networks.folders()}
    if not folders:
        st.info("There is no network of ours in `models/` yet. Train one with `fer train`.")
        return
    titles = loaders.titles()
    first, second, third = st.columns(3, gap="medium", vertical_alignment="bottom")
    name = first.selectbox("Network", list(folders), format_func=titles.__getitem__, key="network", bind="query-params")
    others = [ALONE, *(other for other in folders if other != name)]
    beside = second.selectbox(
        "Beside it", others, format_func=lambda one: titles.get(one, one), key="beside", bind="query-params"
    )
    detail = third.segmented_control(
        "One box for", list(DETAILS), default="Stages", required=True, key="boxes", bind="query-params"
    )
    shown = [name] if beside == ALONE else [name, beside]
    for column, one in zip(st.columns(len(shown), gap="large"), shown, strict=True):
        with column:
            _network(titles[one], one, _read(folders[one], _stamp(folders[one])), detail or "Stages")


def _network(title: str, name: str, built: Architecture, detail: str) -> None:
    st.subheader(plain(title), anchor=False)
    st.markdown(
        f"**{built.parameters:,}** parameters, **{architecture.millions(built.multiply_adds)}** multiply-adds "
        f"per face, **{len(built.layers)}** layers"
    )
    _drawing(title, DETAILS[detail](built.layers))
    with st.expander(f"All {len(built.layers)} layers of {plain(title)}"):
        _layers(name, built)


def _drawing(title: str, drawn: Sequence[Block]) -> None:
    if len(drawn) > MOST_BOXES:
        st.info(f"{len(drawn)} boxes are too many to look at. The table below has them all.")
        return
    theme = st.context.theme.type or "light"
    dot = architecture.graph(drawn, INK[theme], FILLS[theme])
    st.graphviz_chart(dot, width="content", alt=f"{title}: {len(drawn)} boxes from the face crop to the answers")
    st.caption("From the face crop at the top to the answers at the bottom.")


def _layers(name: str, built: Architecture) -> None:
    largest = max((layer.multiply_adds for layer in built.layers), default=1)
    st.dataframe(
        architecture.table(built.layers),
        hide_index=True,
        key=f"layers:{name}",
        column_config={
            "parameters": st.column_config.NumberColumn(format="localized"),
            "multiply-adds": st.column_config.ProgressColumn(
                format="compact", min_value=0, max_value=max(largest, 1), help="For one face."
            ),
        },
        alt="All layers with their shapes, parameters and multiply-adds",
    )


@st.cache_data(max_entries=8, show_spinner=False)
def _read(folder: Path, stamp: float) -> Architecture:  # noqa: ARG001
    return architecture.read(folder)


def _stamp(folder: Path) -> float:
    path = folder / "architecture.json"
    return path.stat().st_mtime if path.is_file() else 0.0
