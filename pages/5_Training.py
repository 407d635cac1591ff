"""Training curves laid over each other, and how each network is built."""

import streamlit as st

from fer_core.errors import FerError
from ui.shared import layout
from ui.shared.text import plain
from ui.training import architecture, curves, sources

layout.frame("Training")

st.title("Training", anchor=False)
curves_tab, architecture_tab = st.tabs(
    ["Curves", "Architecture"], on_change="rerun", key="training", bind="query-params"
)

try:
    if curves_tab.open:
        with curves_tab:
            chosen = sources.pick()
            if chosen.runs or chosen.uploads:
                curves.show(chosen)
            else:
                st.info(
                    "Choose a training above, or upload your own log. Its curves appear here.",
                    icon=":material/show_chart:",
                )
    if architecture_tab.open:
        with architecture_tab:
            architecture.show()
except FerError as error:
    st.error(plain(str(error)))
