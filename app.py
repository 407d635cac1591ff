"""Home: what this is, what it must not be used for, which models can run, and where to go on."""

import streamlit as st

from ui.home import overview
from ui.shared import layout, loaders, notice

layout.frame("Home")
loaders.warm_up()

st.title("Perceived facial expressions", anchor=False)
st.markdown(
    "Give a photo, and networks say which expression people would probably see in each face: our own, and known ones "
    "beside it to compare with. Every answer comes with a confidence that was calibrated on labelled photos, and "
    "'unsure' is one of the answers. It is a demo, a dataset explorer and a small laboratory: what is measured is "
    "shown, and what fails too."
)
with st.container(horizontal=True):
    for page in layout.pages():
        layout.card(page)
notice.show_short()

st.header("Models", anchor=False)
overview.models()

st.header("Background", anchor=False)
overview.backgrounds()
