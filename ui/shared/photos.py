"""The photos of a visit. They stand in the session only: across pages, until Clear or the end of the visit."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from fer_core import settings
from ui.shared import state, visits

MOST = {False: 200, True: 50}
"""Photos at a time, by whether strangers use this server."""
MOST_BYTES = {False: 1_000_000_000, True: 100_000_000}
STORE = "photos"


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo of the visitor's.

    Attributes:
        key: tells it from all others; the same picture given twice has the same key.
        name: of the file.
        data: the file's bytes.
    """

    key: str
    name: str
    data: bytes


def add(given: Iterable[tuple[str, bytes]]) -> int:
    """Put photos first, given by name and bytes. Gives how many were left out because there are too many."""
    store = state.kept(STORE)
    left_out = 0
    for name, data in given:
        photo = Photo(hashlib.sha256(data).hexdigest()[:16], name, data)
        store.pop((photo.key,), None)
        room = len(store) < MOST[settings.public()]
        size = sum(len(kept.data) for kept in store.values()) + len(data)
        if room and size <= MOST_BYTES[settings.public()]:
            store[(photo.key,)] = photo
        else:
            left_out += 1
    return left_out


def newest_first() -> list[Photo]:
    """All photos of this visit."""
    return list(reversed(state.kept(STORE).values()))


def remove(key: str) -> None:
    state.kept(STORE).pop((key,), None)


def inbox(name: str) -> str:
    """Key of a widget that takes photos; a new one after each `received`, so that the widget is empty again."""
    return f"{name}:{st.session_state.get(f'{name}:count', 0)}:{st.session_state.get(state.GENERATION, 0)}"


def received(name: str, leave_out: Sequence[object] = ()) -> None:
    """Callback of such a widget: take what it holds, but for files that are no photos."""
    given = st.session_state.get(inbox(name))
    held = given if isinstance(given, list) else [given] if given else []
    files = [file for file in held if file not in leave_out]
    left_out = add((file.name or "camera.jpg", file.getvalue()) for file in files)
    st.session_state[f"{name}:count"] = st.session_state.get(f"{name}:count", 0) + 1
    visits.drop_files()  # the photos stand in the session now; the widget is a new, empty one
    if left_out:
        most = MOST[settings.public()]
        st.toast(f"{left_out} photos were left out: at most {most} are kept at a time. Press Clear and add them again.")
