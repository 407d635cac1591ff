"""Empties what Gradio keeps of a photo: the files of its spool, and the last answer of each visitor in memory.

Gradio's own `delete_cache` misses files that a broken upload leaves behind and never forgets their names.
"""

import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gradio as gr

KEPT_SECONDS = 45
SWEEP_SECONDS = 5
"""A photo is gone after 50 s at most; visitors are promised 60."""


def start(demo: gr.Blocks) -> None:
    threading.Thread(target=_sweep_for_ever, args=(demo,), name="spool", daemon=True).start()


def _sweep_for_ever(demo: gr.Blocks) -> None:
    forget = Forgetter(demo)
    while True:
        time.sleep(SWEEP_SECONDS)
        sweep(Path(os.environ["GRADIO_TEMP_DIR"]), KEPT_SECONDS)
        forget(time.monotonic())


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
