r"""Which photo a label means, when people write its name in their own way.

'photos/anna.jpg', 'C:\Users\x\anna.jpg', 'ANNA.JPG' and 'anna' all mean anna.jpg where there is only one.
Where there are several, the folders in the label decide. Where these leave a doubt, nobody guesses.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fer_core.photos import formats
from fer_core.text import printable

ADDRESS = re.compile(r"^[a-z]+://[^?#]*", re.IGNORECASE)
SHOWN = 3


class Found(NamedTuple):
    """What a label's name leads to.

    Attributes:
        name: the photo, or None.
        candidates: all photos that it may mean, where it is not clear which.
    """

    name: str | None
    candidates: tuple[str, ...] = ()


class PhotoNames:
    """Names of photos, looked up as people write them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._exact: dict[str, str] = {}
        self._by_file: dict[str, list[str]] = defaultdict(list)
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for name in names:
            parts = _parts(name)
            self._exact.setdefault("/".join(parts), name)
            file = parts[-1].casefold() if parts else ""
            self._by_file[file].append(name)
            self._by_stem[_stem(file)].append(name)

    def find(self, written: str) -> Found:
        """The photo that a label's name means."""
        parts = _parts(written)
        if not parts:
            return Found(None)
        if exact := self._exact.get("/".join(parts)):
            return Found(exact)
        file = parts[-1].casefold()
        candidates = self._by_file.get(file) or ([] if formats.is_read(file) else self._by_stem.get(file, []))
        return _nearest(parts, candidates)

    def other_suffix(self, written: str) -> str | None:
        """A photo whose name differs only in its suffix: 'anna.jpg' for 'anna.heic'."""
        parts = _parts(written)
        alike = self._by_stem.get(_stem(parts[-1].casefold()), []) if parts else []
        return alike[0] if len(alike) == 1 else None


def doubt(written: str, found: Found) -> str:
    """A sentence about a name that may mean several photos."""
    shown = ", ".join(f"'{printable(name)}'" for name in found.candidates[:SHOWN])
    more = " and others" if len(found.candidates) > SHOWN else ""
    return f"'{printable(written)}' may mean {shown}{more}: write it with its folder."


def _nearest(parts: Sequence[str], candidates: Sequence[str]) -> Found:
    """The candidate that shares most folders with what was written, at the end of the path; capitals decide last."""
    if len(candidates) < 2:
        return Found(candidates[0] if candidates else None)
    closeness = [_shared(parts, _parts(name)) for name in candidates]
    best = max(closeness)
    nearest = [name for name, near in zip(candidates, closeness, strict=True) if near == best]
    return Found(nearest[0]) if len(nearest) == 1 else Found(None, tuple(nearest))


def _shared(written: Sequence[str], name: Sequence[str]) -> tuple[int, int]:
    """Folders in common from the end on, whatever their capitals, and how many parts have the same capitals."""
    folders = 0
    for one, other in zip(reversed(written[:-1]), reversed(name[:-1]), strict=False):
        if one.casefold() != other.casefold():
            break
        folders += 1
    both = zip(written[::-1][: folders + 1], name[::-1][: folders + 1], strict=True)
    return folders, sum(one == other or one == _stem(other) for one, other in both)


def _parts(written: str) -> list[str]:
    """Folders and file, in one form of accents and with one kind of stroke between."""
    plain = unicodedata.normalize("NFC", written.strip().strip("\"'"))
    address = ADDRESS.match(plain)
    path = (address[0] if address else plain).replace("\\", "/")
    return [part for part in path.split("/") if part not in ("", ".")]


def _stem(file: str) -> str:
    """The name without the suffix of a picture; 'img.v2' has none."""
    return file.rpartition(".")[0] if formats.is_read(file) else file
