"""Whether a network's files are those that were released: models/<name>/SHA256SUMS, as `sha256sum` writes it.

`fer export` writes the file. Folders without one, made before it was, are taken as they are.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

FILE = "SHA256SUMS"


def write(folder: Path, names: Sequence[str]) -> None:
    """Note what the named files of a folder hold now."""
    lines = [f"{digest(folder / name)}  {name}\n" for name in names]
    (folder / FILE).write_text("".join(lines), encoding="utf-8")


def fits(path: Path) -> bool:
    """Whether a file holds what its folder's SHA256SUMS says; true where that does not name it.

    Raises:
        OSError, ValueError: SHA256SUMS or the file cannot be read.
    """
    noted = _noted(path.parent / FILE).get(path.name)
    return noted is None or noted == digest(path)


def vouched(path: Path) -> bool:
    """Whether a folder's SHA256SUMS can be read and names the file, and the file holds what that says."""
    try:
        return path.name in _noted(path.parent / FILE) and fits(path)
    except (OSError, ValueError):
        return False


def digest(path: Path) -> str:
    """SHA-256 of a file in hexadecimal digits, computed again only when the file has changed.

    Raises:
        OSError: it cannot be read.
    """
    status = path.stat()
    return _digest(path, status.st_mtime_ns, status.st_size, status.st_ino)


@lru_cache(maxsize=256)
def _digest(path: Path, *_changed: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _noted(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    pairs = [line.split(maxsplit=1) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError("a line without a checksum and a name")
    return {name.strip().lstrip("*"): digits.lower() for digits, name in pairs}
