"""An expression in the name of a file or folder, and the nearest one where a word is misspelt."""

import difflib
import re
from pathlib import PurePosixPath

from fer_core.labels import EIGHT, SYNONYMS, canonical
from fer_core.text import printable

UNLABELLED = "unlabelled"
"""A folder of this name says that its photos have no label, and is no mistake."""


def in_path(name: str) -> str | None:
    """That of the nearest folder that names an expression, else of the file; None when there is none."""
    path = PurePosixPath(name)
    for folder in (parent.name for parent in path.parents if parent.name):
        if folder.lower() == UNLABELLED:
            return None
        if label := canonical(re.sub(r"^[\d_\-. ]+|[\d_\-. ]+$", "", folder)):
            return label
    return in_name(path.stem)


def in_name(text: str) -> str | None:
    """The one expression that stands in a file's or folder's name; None when there is none, or more than one."""
    found = all_in_name(text)
    return found[0] if len(found) == 1 else None


def all_in_name(text: str) -> list[str]:
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)
    return list(dict.fromkeys(label for word in words if (label := canonical(word))))


def no_expression(word: str) -> str:
    near = nearest(word)
    hint = f"did you mean '{near}'?" if near else f"expected {', '.join(EIGHT)}."
    return f"'{printable(word)}' is no expression known here; {hint}"


def nearest(text: str) -> str | None:
    known = [*EIGHT, *SYNONYMS]
    words = [word.lower() for word in re.findall(r"[A-Za-z]{3,}", text)]
    near = [match for word in words for match in difflib.get_close_matches(word, known, n=1, cutoff=0.75)]
    return canonical(near[0]) if near else None
