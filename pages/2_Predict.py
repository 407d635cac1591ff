"""Photo or video in, perceived expressions out."""

from dataclasses import replace

import streamlit as st

from fer_core.errors import FerError
from ui.predict import answers, controls, reading, sources, video
from ui.shared import layout, loaders, notice, photos, state
from ui.shared.text import plain

layout.frame("Predict")
loaders.warm_up()

given = photos.newest_first()
if not given:
    st.header("Expressions in your photos and videos", anchor=False)
notice.line()

if video.view() == video.VIDEO:
    video.show()
    st.stop()

if not given:
    sources.first()
    st.info("Your result appears here.", icon=":material/add_a_photo:")
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
    sources.more()
    models = controls.models()
    with st.popover("Options", icon=":material/tune:", key="options"):
        settings = controls.options()
        download = st.container()
    st.button("Clear", on_click=state.clear, icon=":material/delete:", help="Forget all photos and answers.")

if not models:
    st.info("Choose at least one model.", icon=":material/checklist:")
    st.stop()
try:
    results = reading.results(given, replace(settings, models=models))
    answers.show(results, models)
    with download:
        answers.downloads(results)
except FerError as error:
    st.error(plain(str(error)))
