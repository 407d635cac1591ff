"""Home: a face and its answer, more examples, and what there is to see."""

import streamlit as st

from ui.home import demo, mistakes, overview, presenter
from ui.shared import layout, loaders, notice

layout.frame("Home")
loaders.warm_up()

if presenter.asked():
    presenter.show()
    st.stop()

st.header("Which expression does this face show?", anchor=False)
notice.line()
demo.show()
presenter.button()

st.header("What you can do here", anchor=False)
with st.container(horizontal=True):
    for page in layout.pages():
        layout.card(page)

st.header("Models", anchor=False)
overview.models()
mistakes.pictures()

st.header("Background", anchor=False)
overview.backgrounds()
