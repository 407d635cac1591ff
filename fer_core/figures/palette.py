"""Colours of the expressions and of text, the same on every page."""

from collections.abc import Mapping
from types import MappingProxyType

# Plotly takes a pandas that another visitor's thread is still importing for a whole one, and fails; this waits for it.
import pandas  # noqa: F401

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

INK = {"light": "#1b232e", "dark": "#eef2f6"}
"""Text on the background of either theme, 12:1 and more."""
