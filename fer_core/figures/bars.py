"""Plotly figures from numbers. Text and background come from the surface's own theme, light or dark."""

from collections.abc import Mapping
from types import MappingProxyType

# Plotly takes a pandas that another visitor's thread is still importing for a whole one, and fails; this waits for it.
import pandas  # noqa: F401
import plotly.graph_objects as go

from fer_core.text import percent

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
BAR_HEIGHT = 26


INK = {"light": "#1b232e", "dark": "#eef2f6"}
"""Text on the background of either theme, 12:1 and more."""


def bars(probabilities: Mapping[str, float], theme: str = "light") -> go.Figure:
    """One horizontal bar an expression, in the order given, 0 to 100 %, each with its percent beside it.

    Args:
        probabilities: by expression, 0 to 1.
        theme: 'light' or 'dark', for the text.
    """
    ink = {"color": INK[theme]}
    labels = list(probabilities)
    shares = [float(probabilities[label]) for label in labels]
    figure = go.Figure(
        go.Bar(
            x=shares,
            y=labels,
            orientation="h",
            marker={"color": [COLOURS.get(label, OTHER) for label in labels], "line": {"width": 0}},
            text=[percent(share) for share in shares],
            textposition="outside",
            textfont=ink,
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    )
    figure.update_xaxes(range=[0, 1.18], visible=False, fixedrange=True)
    figure.update_yaxes(autorange="reversed", fixedrange=True, title=None, ticksuffix=" ", tickfont=ink, showgrid=False)
    figure.update_layout(
        height=BAR_HEIGHT * len(labels) + 12,
        margin={"l": 0, "r": 0, "t": 4, "b": 8},
        showlegend=False,
        bargap=0.25,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return figure


def bars_in_words(probabilities: Mapping[str, float]) -> str:
    """What the bars show, for those who cannot see them: largest first."""
    ordered = sorted(probabilities.items(), key=lambda pair: -pair[1])
    return "Probability of each expression: " + ", ".join(f"{label} {percent(share)}" for label, share in ordered)
