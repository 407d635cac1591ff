"""What Streamlit's server keeps of a visit beside the page, and when it goes.

Streamlit holds each uploaded file in memory until the visit ends, also when no widget shows it any more. A visit whose
page was closed ends only when somebody else leaves later. So files are dropped here on Clear and on a change of page,
and visits that were left are ended by a timer.
"""

import gc
import threading
import time

import streamlit as st
from streamlit import net_util
from streamlit.runtime import Runtime, get_instance
from streamlit.runtime import exists as runtime_exists
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state import SessionState

LEFT_SECONDS = 30
"""How long a closed page may come back, as a phone does after its camera. Streamlit's own time
(server.disconnectedSessionTTL) must be longer: what it has given up cannot be ended here."""
SWEEP_SECONDS = 5
COLLECTIONS = 3
"""Sweeps after the end of a visit in which its memory is collected."""

PAGE = "page"


def begin(title: str) -> None:
    """Must be called by each page: notes the visit, and drops the files of the page before."""
    if runtime_exists():
        _sweeper().note(_session())
    if st.session_state.get(PAGE, title) != title:
        drop_files()
    st.session_state[PAGE] = title


def drop_files() -> None:
    """Forget every file that this visit has uploaded. A page that still needs one holds its bytes in its own state."""
    if runtime_exists():
        get_instance().uploaded_file_mgr.remove_session_files(_session())


class Sweeper:
    """Ends visits some time after their page was closed, and drops their files."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._left: dict[str, float | None] = {}
        self._states: dict[str, SessionState] = {}
        self._to_collect = 0

    def note(self, session: str) -> None:
        """A visit that is here, and what it holds."""
        self._left[session] = None
        if found := self._runtime.get_app_session(session):
            self._states[session] = found.session_state

    def sweep(self, now: float) -> list[str]:
        """The visits that are ended now.

        Args:
            now: seconds of a clock that never goes back.
        """
        if self._to_collect:
            gc.collect()  # what was ended refers to itself, and ends on Streamlit's own thread, a little later
            self._to_collect -= 1
        ended = [session for session in {*self._left, *self._with_files()} if self._is_over(session, now)]
        for session in ended:
            self._runtime.uploaded_file_mgr.remove_session_files(session)
            self._runtime.clear_user_info_for_session(session)  # ends a visit that nobody is connected to
            self._left.pop(session, None)
            if state := self._states.pop(session, None):
                state.clear()  # Streamlit's own loop keeps the visit that it served last until it serves another
        if ended:
            self._to_collect = COLLECTIONS
        return ended

    def for_ever(self) -> None:
        while True:
            time.sleep(SWEEP_SECONDS)
            self.sweep(time.monotonic())

    def _is_over(self, session: str, now: float) -> bool:
        if self._runtime.is_active_session(session):
            self._left[session] = None
            return False
        left = self._left.get(session)
        if left is None:
            self._left[session] = left = now
        return now - left >= LEFT_SECONDS

    def _with_files(self) -> set[str]:
        """Also visits that never ran a page but uploaded something."""
        return set(getattr(self._runtime.uploaded_file_mgr, "file_storage", {}))


@st.cache_resource(max_entries=1, show_spinner=False)
def _sweeper() -> Sweeper:
    net_util.get_external_ip = _unknown  # else a forged Origin makes the server ask a host on the internet
    sweeper = Sweeper(get_instance())
    threading.Thread(target=sweeper.for_ever, daemon=True, name="visits").start()
    return sweeper


def _unknown() -> None:
    """Our address on the internet, which nobody here needs to know."""


def _session() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""
