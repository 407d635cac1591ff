"""What people are told before they give a photo: one line that opens to more."""

import streamlit as st

from fer_core.photos import wording


def line() -> None:
    """Before any camera or upload."""
    with st.expander(f":material/info: {wording.NOTICE_LINE}", key="notice", type="compact"):
        st.markdown("\n".join(f"- **{heading}.** {text}" for heading, text in wording.NOTICE))
