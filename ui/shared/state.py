"""What a visit holds: the generation of its widgets, the results of the photos on the page, and what was read from
other files. Nothing else.

Results stand in the session only, and are dropped with the photo that they belong to.
"""

from typing import Any

import streamlit as st

GENERATION = "generation"
RESULTS = "results"

Kept = dict[tuple[Any, ...], Any]


def widget(name: str) -> str:
    """Key of a widget that `clear` shall bring back to its beginning."""
    return f"{name}:{st.session_state.setdefault(GENERATION, 0)}"


def clear() -> None:
    """Forget photos, camera and results: new keys make new, empty widgets."""
    st.session_state[GENERATION] = st.session_state.get(GENERATION, 0) + 1
    st.session_state.pop(RESULTS, None)


def results() -> Kept:
    """What was found in this visit's photos, to be changed in place."""
    kept: Kept = st.session_state.setdefault(RESULTS, {})
    return kept


def kept(name: str) -> Kept:
    """What a page read from a visitor's files, to be changed in place."""
    store: Kept = st.session_state.setdefault(f"kept:{name}", {})
    return store
