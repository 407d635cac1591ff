"""Training curves laid over each other, and how each network is built."""

import streamlit as st

from fer_core.errors import FerError
from ui.shared import layout
from ui.shared.text import plain
from ui.training import architecture as training_architecture
from ui.training import curves as training_curves
from ui.training import sources

layout.frame("Training")

st.title("Training", anchor=False)
curves, architecture = st.tabs(["Curves", "Architecture"], on_change="rerun", key="training")

try:
    if curves.open:
        with curves:
            chosen = sources.pick()
            if chosen.runs or chosen.uploads:
                training_curves.show(chosen)
            else:
                st.info(
                    "Choose a training, or give a log of your own: its curves stand here.", icon=":material/show_chart:"
                )
    if architecture.open:
        with architecture:
            training_architecture.show()
except FerError as error:
    st.error(plain(str(error)))
