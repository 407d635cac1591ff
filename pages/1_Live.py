"""The camera, read in the visitor's own browser."""

import streamlit as st

from fer_core.errors import FerError
from ui.live import frame
from ui.shared import layout, snapshots
from ui.shared.text import plain

layout.frame("Live")
st.title("Live", anchor=False)

try:
    picture = frame.show()
    if picture:
        snapshots.add(picture)
except FerError as error:
    st.error(plain(str(error)))

if snapshots.waiting():
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Snapshots handed over: {len(snapshots.waiting())}. They wait in")
        for page in ("pages/2_Predict.py", "pages/3_Compare.py"):
            layout.link(page)
