"""How each of our networks is built."""

from pathlib import Path

import streamlit as st

from fer_core.figures.theme import INK
from fer_core.predictors import architecture, networks
from fer_core.predictors.architecture import Architecture
from ui.shared import state
from ui.shared.text import code

FILLS = {"light": "#f2f5f8", "dark": "#1b232e"}
MOST_BOXES = 400


def show() -> None:
    """RunError when the network's file cannot be read."""
    folders = {folder.name: folder for folder in networks.folders()}
    if not folders:
        st.info("There is no network of ours in `models/` yet; train one with `fer train`.")
        return
    name = st.selectbox("Network", list(folders), key=state.widget("network"))
    built = _read(folders[name], _stamp(folders[name]))
    _totals(built)
    drawing, table = st.columns([2, 4], gap="medium")
    with table:
        st.subheader("Layers", anchor=False)
        _layers(built)
    with drawing:
        st.subheader("Drawing", anchor=False)
        _drawing(name, built)


def _totals(built: Architecture) -> None:
    with st.container(horizontal=True, gap="large"):
        st.metric("Parameters", f"{built.parameters:,}", width="content")
        st.metric("Multiply-adds a face", architecture.millions(built.multiply_adds), width="content")
        st.metric("Layers", f"{len(built.layers)}", width="content")


def _drawing(name: str, built: Architecture) -> None:
    each = st.toggle("Every layer, not blocks", key=state.widget("every_layer"))
    drawn = architecture.as_blocks(built.layers) if each else architecture.blocks(built.layers)
    if len(drawn) > MOST_BOXES:
        st.info(f"{len(drawn)} boxes are too many to look at; the table has them all.")
        return
    theme = st.context.theme.type or "light"
    dot = architecture.graph(drawn, INK[theme], FILLS[theme])
    st.graphviz_chart(dot, width="stretch", alt=f"{name}: {len(drawn)} boxes from the input to the answers")
    st.caption(f"{code(name)} from the face crop at the top to the answers at the bottom.")


def _layers(built: Architecture) -> None:
    largest = max((layer.multiply_adds for layer in built.layers), default=1)
    st.dataframe(
        architecture.table(built.layers),
        hide_index=True,
        height=640,
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
