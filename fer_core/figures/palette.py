"""Colours of all figures: one per expression, and a row of them for models and runs."""

from collections.abc import Mapping
from types import MappingProxyType

COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "angry": "#D55E00",
        "disgust": "#009E73",
        "fear": "#AA4499",
        "happy": "#B8860B",
        "sad": "#4477AA",
        "surprise": "#2AA0C8",
        "neutral": "#808080",
        "contempt": "#CC6677",
    }
)
"""After Okabe and Ito (2008) and Tol (2021); those too pale on white or too dark on black are moved to 3:1 on both."""

OTHER = "#808080"

SERIES = (
    "#2277BB",
    *(COLOURS[label] for label in ("angry", "disgust", "fear", "happy", "surprise", "contempt", "neutral")),
)
"""One per model or run in the order given. The colour-blind tell them apart; 3:1 on both themes."""


def colour(number: int) -> str:
    """The colour of the model or run with this number, from 0 on; they come again when there are more."""
    return SERIES[number % len(SERIES)]


SHARE: Mapping[str, tuple[tuple[float, str], ...]] = MappingProxyType(
    {"light": ((0.0, "#eef3f8"), (1.0, "#005b96")), "dark": ((0.0, "#1b232e"), (1.0, "#2f81bd"))}
)
"""Of every heat map, by theme: the stronger the colour stands out from the page, the larger the share."""

ON_PALE, ON_STRONG = {"light": "#000000", "dark": "#ffffff"}, {"light": "#ffffff", "dark": "#000000"}
TURN = {"light": 0.79, "dark": 0.92}
"""Where the text of a cell changes its colour: 4.5:1 on both sides."""


def on_share(place: float, theme: str) -> str:
    """The colour of text on a cell of a heat map, 0 to 1 along SHARE."""
    return ON_STRONG[theme] if place > TURN[theme] else ON_PALE[theme]
