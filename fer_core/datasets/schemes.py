"""Every dataset's own numbers for the expressions. Adapters translate by these; nobody else needs them."""

from collections.abc import Mapping
from types import MappingProxyType

from fer_core.labels import EIGHT, FERPLUS_VOTES, SEVEN, canonical

Codes = Mapping[int, str]


def _from(first: int, *labels: str) -> Codes:
    return MappingProxyType(dict(enumerate(labels, start=first)))


FER2013 = _from(0, *SEVEN)
RAF_DB = _from(1, "surprise", "fear", "disgust", "happy", "sad", "angry", "neutral")
AFFECTNET = _from(0, "neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", "contempt")
EXPW = _from(0, "angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
CK_PLUS = _from(0, "neutral", "angry", "contempt", "disgust", "fear", "happy", "sad", "surprise")
CK_PLUS_ROWS = _from(0, "angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "contempt")
"""The 48x48 CSV that goes around is not in the order of CK+ itself."""

JAFFE: Mapping[str, str] = MappingProxyType(
    {
        "AN": "angry",
        "DI": "disgust",
        "FE": "fear",
        "HA": "happy",
        "NE": "neutral",
        "SA": "sad",
        "SU": "surprise",
    }
)
KDEF: Mapping[str, str] = MappingProxyType({"AF": "fear", **{word: JAFFE[word] for word in JAFFE if word != "FE"}})
"""Both write expressions as two letters in the names of their files."""

AFFECTNET_OTHERS = MappingProxyType({8: "none", 9: "uncertain", 10: "non-face"})
"""Labels of AffectNet that are no expression."""

WRITTEN: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "fer2013": {str(code): label for code, label in FER2013.items()},
        "ferplus": {name: label for name in FERPLUS_VOTES if (label := canonical(name))},
        "raf_db": {str(code): label for code, label in RAF_DB.items()},
        "affectnet": {str(code): label for code, label in AFFECTNET.items()},
        "wild_faces": {label: label for label in EIGHT},
        "expw": {str(code): label for code, label in EXPW.items()},
        "ck_plus": {str(code): label for code, label in CK_PLUS.items()},
        "jaffe": JAFFE,
        "kdef": KDEF,
        "rafd": {
            word: canonical(word) or word
            for word in ("angry", "contemptuous", "disgusted", "fearful", "happy", "neutral", "sad", "surprised")
        },
    }
)
"""How each dataset of the catalogue writes an expression, in its own order: number, vote column or word."""


def label_map(*datasets: str) -> dict[str, dict[str, str]]:
    """How datasets write the same expression: {expression: {dataset: written}}, blank where one does not know it."""
    return {
        label: {key: next((word for word, name in WRITTEN[key].items() if name == label), "") for key in datasets}
        for label in EIGHT
        if any(label in WRITTEN[key].values() for key in datasets)
    }
