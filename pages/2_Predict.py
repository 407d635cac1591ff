"""Photo in, perceived expressions out."""

import streamlit as st

from fer_core.errors import FerError
from ui.predict import answers, controls, reading, sources
from ui.shared import layout, loaders, notice
from ui.shared.text import plain

layout.frame("Predict")
loaders.warm_up()

st.title("Perceived expressions in photos", anchor=False)
notice.show()
photos = sources.pick()
settings = controls.pick()

if not settings.models:
    st.info("Choose at least one model above.", icon=":material/checklist:")
elif not photos:
    st.info(
        "Give a photo above, or take one of the samples, and the answer stands here.", icon=":material/add_a_photo:"
    )
else:
    try:
        answers.show(reading.results(photos, settings))
    except FerError as error:
        st.error(plain(str(error)))
