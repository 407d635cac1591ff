"""One look for all figures: a Plotly template for the light theme, and one for the dark.

The background stays transparent, so that the page shows through. What a figure does differently it sets itself.
"""

import functools

# Plotly takes a pandas that another visitor's thread is still importing for a whole one, and fails; this waits for it.
import pandas  # noqa: F401
import plotly.graph_objects as go

from fer_core.figures.palette import SERIES

INK = {"light": "#1b232e", "dark": "#eef2f6"}
"""Text on the background of either theme, 12:1 and more."""

GRID = "rgba(128,128,128,0.25)"
CLEAR = "rgba(0,0,0,0)"
ABOVE = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0}
"""The legend in a row above the figure."""
MARGIN = 8
"""Pixels around the axes; they make room for their own text."""


@functools.cache
def template(theme: str) -> go.layout.Template:
    """The look of a theme, 'light' or 'dark'."""
    axis = {"gridcolor": GRID, "zeroline": False, "zerolinecolor": GRID, "automargin": True, "ticks": ""}
    ink = {"color": INK[theme]}
    return go.layout.Template(
        layout={
            "font": ink,
            "colorway": SERIES,
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "margin": dict.fromkeys("lrtb", MARGIN),
            "legend": {**ABOVE, "bgcolor": CLEAR},
            "barmode": "group",
            "xaxis": axis,
            "yaxis": axis,
            "title": {"x": 0, "xref": "paper", "y": 0.98, "font": {"size": 15}},
        },
        data={
            "heatmap": [{"xgap": 2, "ygap": 2, "showscale": False}],
            "bar": [{"marker": {"line": {"width": 0}}, "error_y": {"thickness": 1.5, "width": 3, "color": "#808080"}}],
        },
    )


def dressed(figure: go.Figure, theme: str, height: int, *, zoom: bool = False) -> go.Figure:
    """The figure in the look of a theme.

    Args:
        figure: changed in place, and given back.
        theme: 'light' or 'dark'.
        height: in pixels.
        zoom: whether the axes can be dragged.
    """
    figure.update_layout(template=template(theme), height=height)
    figure.update_xaxes(fixedrange=not zoom)
    figure.update_yaxes(fixedrange=not zoom)
    return figure


def below(y: float) -> dict[str, object]:
    """The legend in a column below the figure, so far below as `y` says (a share of its height)."""
    return {"orientation": "v", "yanchor": "top", "y": y, "x": 0}
