"""The engine's page in a frame. Streamlit serves its files; pictures stay in the visitor's browser.

A component of Streamlit's second version has no frame: it would share the page with everything else, and serves files
only for installed packages. The frame keeps the engine's own Content-Security-Policy, which allows no other address.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.components import v1

from fer_core import settings
from fer_core.browser import runtime, site
from fer_core.predictors.downloads import yunet_path

HEIGHT = 900
"""Pixels until the frame tells its own height."""

HANDED = "live:handed"


def show() -> tuple[str, bytes] | None:
    """The engine; a snapshot that the visitor has just handed over, as name and JPEG.

    Raises:
        FerError: the folder that the frame shows cannot be built.
    """
    component = _component(_version())
    snapshot = component(key="live", default=None, height=HEIGHT)
    return _once(bytes(snapshot)) if snapshot else None


def _once(data: bytes) -> tuple[str, bytes] | None:
    """Streamlit gives the last value of a component again and again; a picture that was cleared must not come back."""
    digest = hashlib.sha256(data).hexdigest()
    if st.session_state.get(HANDED) == digest:
        return None
    st.session_state[HANDED] = digest
    return f"snapshot_{digest[:6]}.jpg", data


@st.cache_resource(max_entries=2, show_spinner="Making the networks ready for the browser …")
def _component(version: str) -> Callable[..., bytes | None]:  # noqa: ARG001
    folder = _folder()
    site.build(folder)
    component: Callable[..., bytes | None] = v1.declare_component("live", path=str(folder))
    return component


def _folder() -> Path:
    """One per folder of networks, in the user's cache, so that only what has changed is exported again."""
    place = hashlib.sha256(str(settings.models_folder().resolve()).encode()).hexdigest()[:12]
    return settings.cache_folder() / "live" / place


def _version() -> str:
    """What the folder is built from, and when it last changed."""
    sources = [*settings.models_folder().glob("*/*"), *site.SOURCE.rglob("*"), *runtime.files()]
    detector = yunet_path()
    newest = max((path.stat().st_mtime_ns for path in sources), default=0)
    return f"{settings.models_folder()}@{newest}@{len(sources)}@{detector}"
