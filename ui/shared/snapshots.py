"""Snapshots that a visitor handed over from the Live page. They stand in the visit's memory only."""

import hashlib
from dataclasses import dataclass

import streamlit as st

from ui.shared import state

KEPT = "snapshots"
MOST = 20


@dataclass(frozen=True)
class Snapshot:
    """A picture of the camera, as the bytes of a JPEG; `key` tells it from all others."""

    key: str
    name: str
    data: bytes


def add(data: bytes) -> bool:
    """Keep one, unless it is there already or was thrown away; whether it is new."""
    key = hashlib.sha256(data).hexdigest()
    kept = state.kept(KEPT)
    if (key,) in kept:
        return False
    kept[key,] = Snapshot(key, f"snapshot_{len(kept) + 1}.jpg", data)
    for oldest in list(kept)[:-MOST]:
        kept[oldest] = None
    return True


def waiting() -> list[Snapshot]:
    """Those that were handed over and not thrown away, the first one first."""
    return [snapshot for snapshot in state.kept(KEPT).values() if snapshot is not None]


def pick() -> list[Snapshot]:
    """A widget with those that wait, all of them chosen; nothing when there are none."""
    found = {snapshot.name: snapshot for snapshot in waiting()}
    if not found:
        return []
    chosen, away = st.columns([5, 2], vertical_alignment="bottom")
    names = chosen.pills(
        "Snapshots from Live",
        list(found),
        selection_mode="multi",
        default=list(found),
        key=state.widget(f"snapshots:{len(found)}"),
    )
    away.button("Throw the snapshots away", icon=":material/delete:", on_click=throw_away, key=state.widget("throw"))
    return [found[name] for name in names]


def throw_away() -> None:
    """Forget the pictures; that they came is remembered, so that the frame does not hand them over again."""
    kept = state.kept(KEPT)
    kept.update(dict.fromkeys(kept))
