"""Empties what Gradio keeps of a photo: the files of its spool, the last answer of each visitor in memory, and answers
that nobody fetches.

Gradio's own `delete_cache` misses files that a broken upload leaves behind and never forgets their names.
"""

import asyncio
import contextlib
import gc
import os
import threading
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.queueing import Queue
from gradio.routes import App

KEPT_SECONDS = 45
SWEEP_SECONDS = 5
"""A photo is gone after 50 s at most; visitors are promised 60."""


def start(demo: gr.Blocks) -> None:
    threading.Thread(target=_sweep_for_ever, args=(demo,), name="spool", daemon=True).start()


def _sweep_for_ever(demo: gr.Blocks) -> None:
    forget = Forgetter(demo)
    while True:
        time.sleep(SWEEP_SECONDS)
        gone = sweep(Path(os.environ["GRADIO_TEMP_DIR"]), KEPT_SECONDS)
        forget(time.monotonic())
        if gone:
            gc.collect()  # what an error came through refers to itself, and would keep the photo on a quiet server


def sweep(spool: Path, kept_seconds: float) -> list[Path]:
    """Delete the files that arrived longer ago than that, and folders left empty.

    A file that this process has open is still arriving: its age counts from its end, when Gradio renames it.
    """
    arriving = _open_files()
    old = [path for path in _files(spool) if _age(path) >= kept_seconds and str(path) not in arriving]
    for path in old:
        path.unlink(missing_ok=True)
    folders = [Path(root) / name for root, names, _ in os.walk(spool, topdown=False) for name in names]
    for folder in folders:
        if _age(folder) >= kept_seconds or any(path.parent == folder for path in old):
            _remove_if_empty(folder)
    return old


def _files(spool: Path) -> list[Path]:
    return [Path(folder) / name for folder, _, names in os.walk(spool) for name in names]


def _age(path: Path) -> float:
    """Seconds since it was written or renamed; a file that has gone meanwhile has none."""
    try:
        return time.time() - path.lstat().st_ctime
    except OSError:
        return -1.0


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # another photo came


def _open_files() -> set[str]:
    """Files this process has open; nothing on systems that do not tell."""
    links = Path("/proc/self/fd")
    try:
        return {_target(link) for link in links.iterdir()}
    except OSError:
        return set()


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


class Forgetter:
    """Drops the values that Gradio keeps of every session, an age after they were first seen.

    Gradio keeps them to redraw a page that was closed; ours hold pieces of the photo.
    """

    def __init__(self, demo: gr.Blocks) -> None:
        self._demo = demo
        self._seen: dict[int, float] = {}

    def __call__(self, now: float, kept_seconds: float = KEPT_SECONDS) -> None:
        kept = {id(props["value"]): props for props in self._answers()}
        self._seen = {key: self._seen.get(key, now) for key in kept}
        for key, props in kept.items():
            if now - self._seen[key] >= kept_seconds:
                props["value"] = None
        for names in self._demo.temp_file_sets:
            names.clear()

    def _answers(self) -> Iterable[dict[str, Any]]:
        outputs = {block._id for fn in self._demo.fns.values() for block in fn.outputs}
        for session in list(self._demo.state_holder.session_data.values()):
            for key, config in list(session.config_values.items()):
                if key in outputs and (props := config.get("props", {})).get("value") not in (None, "", []):
                    yield props


@contextlib.asynccontextmanager
async def forgetting(app: App) -> AsyncIterator[None]:
    """While the server runs: drops answers that nobody fetches. Gradio's queue may be touched on its own loop only."""
    task = asyncio.create_task(_forget_for_ever(app))
    try:
        yield
    finally:
        task.cancel()


async def _forget_for_ever(app: App) -> None:
    unfetched = Unfetched()
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        await unfetched(app.get_blocks()._queue, time.monotonic())


class Unfetched:
    """Drops the answers of sessions that have not read theirs for an age.

    A client that listens takes its messages at once. Gradio keeps those of 2,000 sessions for one that comes back.
    """

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    async def __call__(self, queue: Queue, now: float, kept_seconds: float = KEPT_SECONDS) -> None:
        waiting = [name for name, messages in queue.pending_messages_per_session.items() if not messages.empty()]
        self._since = {name: self._since.get(name, now) for name in waiting}
        for name in waiting:
            if now - self._since[name] >= kept_seconds:
                await queue.clean_events(session_hash=name)  # jobs of this session that run or wait
                queue.pending_messages_per_session.pop(name, None)
                queue.pending_event_ids_session.pop(name, None)
