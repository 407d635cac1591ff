"""Paths of datasets opened before, in a file of the user's cache folder."""

import contextlib
import json
from pathlib import Path

from fer_core import settings
from fer_core.predictors.downloads import write_whole

FILE = "recent_datasets.json"
KEPT = 6


def read() -> list[str]:
    """The latest first; those that are gone are left out."""
    try:
        stored = json.loads((settings.cache_folder() / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    paths = stored if isinstance(stored, list) else []
    return [path for path in paths if isinstance(path, str) and Path(path).exists()][:KEPT]


def add(path: str) -> None:
    """Put a path first. A cache folder that cannot be written is no error."""
    paths = [path, *(known for known in read() if known != path)][:KEPT]
    with contextlib.suppress(OSError):
        write_whole(settings.cache_folder() / FILE, json.dumps(paths).encode())
