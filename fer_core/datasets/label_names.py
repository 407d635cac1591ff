"""An expression in the name of a file or folder, or in a cell, and the nearest one where a word is misspelt."""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from types import MappingProxyType

from fer_core.labels import ABBREVIATIONS, ALSO_OTHER_WORDS, EIGHT, LONGEST_WORD, SYNONYMS, canonical, plain
from fer_core.tables.numbers import code
from fer_core.text import printable

UNLABELLED = "unlabelled"
"""A folder of this name says that its photos have no label, and is no mistake."""

EDGES = re.compile(r"^[\d\W_]+|[\d\W_]+$")
"""What surrounds a word in a folder's name: '3_happy', 'happy (3)'."""

NEGATIONS = frozenset(("not", "no", "non", "nicht", "kein", "keine", "pas", "un"))
LONGEST_PHRASE = 3
"""Words of a label such as 'en colère' or 'bình thường'."""

HINTS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("natural", "normal", "calm", "relaxed", "none"), "neutral"),
        **dict.fromkeys(("shock", "shocked", "startled"), "surprise"),
        **dict.fromkeys(("unhappy", "crying", "cry", "tears"), "sad"),
        **dict.fromkeys(("annoyed", "irritated", "hate"), "angry"),
        **dict.fromkeys(("nausea", "yuck"), "disgust"),
        **dict.fromkeys(("anxious", "anxiety", "panic"), "fear"),
        **dict.fromkeys(("grin", "laughter", "excited"), "happy"),
    }
)
"""Words near an expression that nobody should decide upon but the user."""

LONG_SYNONYMS = tuple(word for word in SYNONYMS if len(word) >= 3)
CAPITAL = re.compile(r"(?<=[a-zà-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])")


def in_path(name: str) -> str | None:
    """That of the nearest folder that names an expression, else of the file; None when there is none."""
    path = PurePosixPath(name)
    for folder in (parent.name for parent in path.parents if parent.name):
        if folder.lower() == UNLABELLED:
            return None
        if label := of_folder(folder):
            return label
    return in_name(path.stem)


@lru_cache(maxsize=4096)
def of_folder(name: str) -> str | None:
    """The expression that a folder is called by: 'happy', 'Happiness', '3_happy', 'happy (200)', 'Wut'."""
    return canonical(name) or canonical(EDGES.sub("", unicodedata.normalize("NFC", name)))


def of_cell(text: str, codes: Mapping[int, str] | None = None) -> str | None:
    """The expression in a cell of a label column: a word, or a number where the dataset's numbers are known.

    Args:
        text: 'happy', '3', '3.0', '[3]', '3: happy'.
        codes: the dataset's own numbers.
    """
    number = code(text) if codes else None
    if codes and number is not None:
        return codes.get(number)
    return of_folder(text)


def in_name(text: str) -> str | None:
    """The one expression that stands in a file's or folder's name; None when there is none, or more than one."""
    found = all_in_name(text)
    return found[0] if len(found) == 1 else None


def all_in_name(text: str) -> list[str]:
    """Every expression that stands in a name, in the order of the name."""
    words, found, place = _words(text), [], 0
    while place < len(words):
        label, length = _phrase(words[place:])
        if label and (place == 0 or words[place - 1] not in NEGATIONS):
            found.append(label)
        place += length
    return list(dict.fromkeys(found))


def no_expression(word: str) -> str:
    near = nearest(word)
    hint = f"did you mean '{near}'?" if near else f"expected {', '.join(EIGHT)}."
    return f"'{printable(word)}' is no expression known here; {hint}"


@lru_cache(maxsize=16_384)
def nearest(text: str) -> str | None:
    """The expression that a misspelt or neighbouring word may mean."""
    words = [word for word in _words(text[-LONGEST_WORD:]) if len(word) >= 3]
    hinted = next((HINTS[word] for word in words if word in HINTS), None)
    if hinted:
        return hinted
    return next((near for word in words if (near := _nearest_of(word))), None)


@lru_cache(maxsize=16_384)
def _nearest_of(word: str) -> str | None:
    near = difflib.get_close_matches(word, LONG_SYNONYMS, n=1, cutoff=0.75)
    return canonical(near[0]) if near else None


def _phrase(words: list[str]) -> tuple[str | None, int]:
    """The label at the beginning of some words, and how many of them it takes; the longest phrase counts."""
    for length in range(min(LONGEST_PHRASE, len(words)), 0, -1):
        phrase = " ".join(words[:length])
        if phrase in SYNONYMS and phrase not in ALSO_OTHER_WORDS and phrase not in ABBREVIATIONS:
            return SYNONYMS[phrase], length
    return None, 1


def _words(text: str) -> list[str]:
    """Words of any script in their plain form: letters with their marks, cut at capitals inside."""
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(char if unicodedata.category(char)[0] in "LM" or char == "\u200c" else " " for char in composed)
    return [plain(word) for word in CAPITAL.sub(" ", spaced).split()]
