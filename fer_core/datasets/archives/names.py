"""Names of files in archives, as Windows, macOS and Linux write them, brought to one form."""

import re
import unicodedata
from collections import Counter
from pathlib import PurePosixPath

LONGEST_PART = 200
"""Bytes of a file's or folder's name; file systems take 255."""

MOST_PARTS = 12
"""Folders in folders; the innermost are kept, since they tell the class and the split."""

SYSTEM_FILES = frozenset(("thumbs.db", "desktop.ini"))


def leads_outside(name: str) -> bool:
    """Whether a name leads out of its own folder."""
    parts = re.split(r"[/\\]", name[: 1 << 16])
    return not name or "\0" in name or ".." in parts or parts[0] == "" or parts[0].endswith(":")


def clean(name: str) -> str:
    """Forward strokes, composed accents, no './' before; parts that are far too long are cut, their suffix kept."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    return "/".join(_cut(part) for part in parts[-MOST_PARTS:])


def is_folder(name: str) -> bool:
    """PowerShell ends the names of folders with a backslash."""
    return name.endswith(("/", "\\"))


def wanted(name: str) -> bool:
    """Not hidden, and not what macOS or Windows adds by themselves."""
    parts = name.split("/")
    return not any(part.startswith((".", "__MACOSX")) for part in parts) and parts[-1].lower() not in SYSTEM_FILES


class Distinct:
    """Gives each further file of one name a number, each in one step however many there are."""

    def __init__(self) -> None:
        self._times: Counter[str] = Counter()

    def of(self, name: str) -> str:
        """'a/1 (2).jpg' for the second 'a/1.jpg'."""
        free = name
        while self._times[free]:
            self._times[name] += 1
            path = PurePosixPath(name)
            free = str(path.with_name(f"{path.stem} ({self._times[name]}){path.suffix}"))
        self._times[free] += 1
        return free


def _cut(part: str) -> str:
    data = part.encode(errors="surrogateescape")
    if len(data) <= LONGEST_PART:
        return part
    suffix = PurePosixPath(part[-20:]).suffix
    return data[: LONGEST_PART - 20].decode(errors="ignore").rstrip() + suffix
