"""What is known of the FER datasets, and of those on this computer."""

import streamlit as st

from fer_core.errors import FerError
from ui.datasets import catalogue, sections, source
from ui.shared import layout
from ui.shared.text import plain

layout.frame("Datasets")

st.title("Datasets", anchor=False)
st.markdown(
    "A model is only as good as its data. See what a dataset holds, and what is wrong with it, before you train on it."
)
catalogue_tab, local_tab = st.tabs(["Catalogue", "Your data"], on_change="rerun", key="datasets", bind="query-params")

try:
    if catalogue_tab.open:
        with catalogue_tab:
            catalogue.show()
    if local_tab.open:
        with local_tab:
            dataset = source.pick()
            if dataset is not None:
                sections.show(dataset)
except FerError as error:
    st.error(plain(str(error)))
