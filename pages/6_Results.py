"""Every figure beside the protocol that made it."""

import streamlit as st

from fer_core import settings
from fer_core.errors import FerError
from fer_core.evaluation import measured, results
from ui.batch import view
from ui.results import measured as results_measured
from ui.results import table
from ui.shared import layout
from ui.shared.text import plain

layout.frame("Results")

st.title("Results", anchor=False)
st.markdown(
    "How accurate is each method? A figure depends on how it was measured: on which images, with which extra data. "
    "This stands beside each figure here. A figure that others could not reproduce is marked."
)
TABS = ("All figures", "Across datasets", "Class by class", "Cards", "Your batch")
figures, across, recalls, cards, batches = st.tabs(TABS, on_change="rerun", key="results_tab", bind="query-params")

try:
    local = not settings.public()
    if figures.open:
        with figures:
            table.show(results.table(local=local))
    if across.open:
        with across:
            results_measured.across(measured.measured(local=local))
    if recalls.open:
        with recalls:
            results_measured.recalls(measured.measured(local=local))
    if cards.open:
        with cards:
            results_measured.cards()
    if batches.open:
        with batches:
            view.show()
except FerError as error:
    st.error(plain(str(error)))
