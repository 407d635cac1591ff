"""Which trainings are looked at: those at hand, and files of the visitor."""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from fer_core import settings
from fer_core.errors import RunError
from fer_core.runs import folders, logs, uploads
from fer_core.runs.dialects import DIALECTS
from fer_core.runs.folders import Run, State
from fer_core.runs.histories import History
from fer_core.runs.uploads import File, Uploads
from ui.shared import address, state
from ui.shared.text import plain

MOST_RUNS = 8
MOST_OPTIONS = 24
UPLOADS = "histories"
RUNS = "run"
"""Name of the chosen trainings in the address."""
DIALECTS_TOLD = ", ".join(dialect.name for dialect in DIALECTS)
UPLOAD_MEGABYTES = logs.MAX_BYTES // 10**6


class Chosen(NamedTuple):
    """Runs at hand, and histories that were uploaded."""

    runs: tuple[Run, ...]
    uploads: tuple[tuple[Run, History], ...]


class Shown(NamedTuple):
    """A run with its history, or the sentence that says why there is none."""

    run: Run
    history: History | None
    state: State
    problem: str = ""


def pick() -> Chosen:
    """Widgets for all sources."""
    listed = folders.listed(local=not settings.public())
    named = address.chosen(RUNS, [run.key for run in listed])
    first = st.session_state.setdefault(f"first:{RUNS}", named or [run.key for run in listed[:1]])
    given, files = st.columns([3, 2], gap="medium")
    with files:
        uploaded = _uploads()
    with given:
        chosen = [
            run for group in dict.fromkeys(run.group for run in listed) for run in _of_group(group, listed, first)
        ]
        if not settings.public():
            st.caption("Runs of `fer train` in `runs/` appear here by themselves, also while they go on.")
    if len(chosen) > MOST_RUNS:
        st.warning(f"{len(chosen)} trainings were chosen; the first {MOST_RUNS} are drawn, more cannot be told apart.")
    address.tell(RUNS, [run.key for run in chosen[:MOST_RUNS]])
    return Chosen(tuple(chosen[:MOST_RUNS]), uploaded)


def _of_group(group: str, listed: Sequence[Run], first: Sequence[str]) -> list[Run]:
    options = {run.key: run for run in listed if run.group == group}
    chosen = st.pills(
        group,
        list(options)[:MOST_OPTIONS],
        selection_mode="multi",
        default=[key for key in first if key in list(options)[:MOST_OPTIONS]],
        format_func=lambda key: options[key].title,
        key=f"runs {group}",
        persist_state="session",
        wrap=True,
    )
    if len(options) > MOST_OPTIONS:
        st.caption(f"The {MOST_OPTIONS} newest of {len(options)}.")
    return [options[key] for key in chosen if key in options]


def read(chosen: Chosen) -> list[Shown]:
    """Histories as the files have them now."""
    uploaded = [Shown(run, history, State("uploaded")) for run, history in chosen.uploads]
    return [*(_shown(run) for run in chosen.runs), *uploaded]


def _shown(run: Run) -> Shown:
    try:
        history = _history(run.key, folders.changed(run), run)
    except RunError as error:
        return Shown(run, None, folders.state(run, None), str(error))
    return Shown(run, history, folders.state(run, history))


@st.cache_data(max_entries=64, show_spinner=False)
def _history(key: str, changed: float, _run: Run) -> History:  # noqa: ARG001
    return folders.read(_run)


def _uploads() -> tuple[tuple[Run, History], ...]:
    given = st.file_uploader(
        "Your own logs: CSV, JSON, TensorBoard, or what the training printed",
        accept_multiple_files=True,
        key=state.widget("logs"),
        help=f"Read are {DIALECTS_TOLD}. Training and validation event files given together become one run. Up to "
        f"{UPLOAD_MEGABYTES} MB each. Pickles are refused: opening one can run code.",
        max_upload_size=UPLOAD_MEGABYTES,
    )
    kept = state.kept(UPLOADS)
    key = tuple(file.file_id for file in given)
    if key not in kept:
        kept.clear()
        kept[key] = uploads.read([File(file.name, file.getvalue()) for file in given])
    given_logs: Uploads = kept[key]
    for error in given_logs.errors:
        sentence, _, line = error.partition(logs.LINE_FOLLOWS)
        st.error(plain(sentence), icon=":material/block:")
        if line:
            st.caption("Run this line in Python where the file is:")
            st.code(line, language="python", wrap_lines=True)
    return given_logs.runs[:MOST_RUNS]
