"""The folder that a file server needs for the live engine: browser/, what Python exports for it, and the runtime.

    fer export --browser build/web      (`make web`)

The same folder is the static page, the Live page's frame in Streamlit, and the Live tab of the Space.
"""

import hashlib
import json
from pathlib import Path

from fer_core import settings
from fer_core.browser import export, runtime
from fer_core.errors import FerError
from fer_core.photos import wording

SOURCE = settings.CHECKOUT / "browser"
SUFFIXES = (".html", ".css", ".js", ".svg", ".webmanifest", ".md")
"""Files of browser/ that belong to the page. README.md makes the folder a static Space."""

LISTING = "files.json"
"""Every file with its hash: what the service worker keeps for later visits without network."""


class SiteError(FerError):
    """The folder cannot be built."""


def build(target: Path, *, half_precision: bool = True) -> list[str]:
    """Bring a folder up to date; files that are right already stay untouched.

    Returns:
        Sentences: what was left out, and why.

    Raises:
        SiteError: the engine's own files are not here, or `target` holds something else.
        PredictorError: a network cannot be exported.
    """
    sources = _sources()
    _check(target)
    left_out = export.export(target, half_precision=half_precision)
    for name, path in (sources | _runtime()).items():
        export.write_if_new(target / name, path.read_bytes())
    if not runtime.files():
        left_out.append(wording.LIVE["no_runtime"])
    _write_listing(target)
    return left_out


def _sources() -> dict[str, Path]:
    """The page's own files by name."""
    paths = [path for path in SOURCE.rglob("*") if path.suffix in SUFFIXES]
    if not paths:
        raise SiteError(f"{SOURCE} holds no page; expected the folder browser/ of the repository. Check it out again.")
    return {path.relative_to(SOURCE).as_posix(): path for path in paths}


def _runtime() -> dict[str, Path]:
    return {f"runtime/{path.name}": path for path in runtime.files()}


def _check(target: Path) -> None:
    """Only what an earlier build made is written over."""
    if target.is_dir() and any(target.iterdir()) and not (target / export.SETTINGS).is_file():
        raise SiteError(f"{target} holds something that is no live page; name an empty folder.")


def _write_listing(target: Path) -> None:
    names = sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())
    hashes = {name: _digest(target / name) for name in names if name != LISTING}
    export.write_if_new(target / LISTING, json.dumps(hashes, indent=1).encode())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def write(target: Path) -> int:
    """`fer export --browser`: fetch the runtime, build the folder, and say what is in it; the exit code.

    Raises:
        FerError: as `build`.
    """
    print(runtime.fetch())
    left_out = build(target)
    files = [path for path in target.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    print(*left_out, f"Built {target}: {len(files)} files, {size:.1f} MB.", sep="\n")
    return 0
