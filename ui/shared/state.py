"""What a visit holds: the generation of its widgets, the results of the photos on the page, and what was read from
other files. Nothing else.

All of it stands in the session only, and is dropped by Clear and at the end of the visit. Results are dropped with the
photo that they belong to, too.
"""

from typing import Any

import streamlit as st

from ui.shared import visits

GENERATION = "generation"
RESULTS = "results"
KEPT = "kept:"

Kept = dict[tuple[Any, ...], Any]


def widget(name: str) -> str:
    """Key of a widget that `clear` shall bring back to its beginning."""
    return f"{name}:{st.session_state.setdefault(GENERATION, 0)}"


def clear() -> None:
    """Forget photos, camera, results and what was read from files: new keys make new, empty widgets."""
    st.session_state[GENERATION] = st.session_state.get(GENERATION, 0) + 1
    for key in [key for key in st.session_state if key == RESULTS or str(key).startswith(KEPT)]:
        del st.session_state[key]
    visits.drop_files()


def results() -> Kept:
    """What was found in this visit's photos, to be changed in place."""
    kept: Kept = st.session_state.setdefault(RESULTS, {})
    return kept


def kept(name: str) -> Kept:
    """What a page read from a visitor's files, to be changed in place."""
    store: Kept = st.session_state.setdefault(KEPT + name, {})
    return store
