"""Expressions by name, their order, and the maps between label schemes.

Everything outside a dataset adapter names an expression; a bare index means nothing without its scheme.
"""

from collections.abc import Mapping
from types import MappingProxyType

SEVEN = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The seven expressions in FER2013's order (arXiv 1307.0414)."""

EIGHT = (*SEVEN, "contempt")
"""FER2013's seven and contempt: FER+ (arXiv 1608.01041), AffectNet, CK+."""

FERPLUS_VOTES = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
"""Vote columns of fer2013new.csv in file order; the last two are no expression."""

SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        "anger": "angry",
        "mad": "angry",
        "disgusted": "disgust",
        "afraid": "fear",
        "fearful": "fear",
        "scared": "fear",
        "happiness": "happy",
        "joy": "happy",
        "smile": "happy",
        "sadness": "sad",
        "surprised": "surprise",
        "neutrality": "neutral",
        "contemptuous": "contempt",
    }
)


def canonical(name: str) -> str | None:
    """The project's name of an expression written in any usual way, or None when the word names none."""
    word = name.strip().lower()
    word = SYNONYMS.get(word, word)
    return word if word in EIGHT else None
