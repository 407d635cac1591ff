"""The camera, read in the visitor's own browser."""

import streamlit as st

from fer_core.errors import FerError
from ui.live import frame
from ui.shared import layout, photos
from ui.shared.text import plain

layout.frame("Live")
st.header("Live", anchor=False)

try:
    snapshot = frame.show()
    if snapshot:
        photos.add([snapshot])
except FerError as error:
    st.error(plain(str(error)))

if photos.newest_first():
    with st.container(horizontal=True, vertical_alignment="center", key="waiting"):
        st.markdown("Your photos and snapshots wait in")
        for page in ("pages/2_Predict.py", "pages/3_Compare.py"):
            layout.link(page)
