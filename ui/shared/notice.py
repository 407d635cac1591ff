"""What people are told before they give a photo."""

import streamlit as st

from fer_core.photos import wording


def show() -> None:
    """In full; before any camera or upload."""
    with st.container(border=True, key="notice"):
        st.markdown(f"**{wording.NOTICE_TITLE}**")
        st.markdown("\n".join(f"- **{heading}.** {text}" for heading, text in wording.NOTICE))


def show_short() -> None:
    heading, text = wording.NOTICE[1]
    st.warning(f"**{heading}.** {text} {wording.NOTICE[2][1]}", icon=":material/info:")
