"""Figures of a batch: how often each expression was found, and when."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from fer_core.figures.palette import COLOURS, OTHER
from fer_core.figures.theme import dressed
from fer_core.text import percent

Rows = Sequence[Mapping[str, Any]]

HEIGHT = 300
UNSURE = 0.35
"""Opacity of the unsure part of a bar."""


def shares(rows: Rows, theme: str = "light") -> go.Figure:
    """One bar per expression: the share of all faces, its unsure part paler.

    Args:
        rows: label, share and unsure of one network (fer_core.batch.summary).
        theme: 'light' or 'dark', for the text.
    """
    labels = [row["label"] for row in rows]
    colours = [COLOURS.get(label, OTHER) for label in labels]
    figure = go.Figure()
    for name, sure, opacity in (("sure", True, 1.0), ("unsure", False, UNSURE)):
        heights = [row["share"] * ((1 - row["unsure"]) if sure else row["unsure"]) for row in rows]
        figure.add_bar(
            name=name,
            x=labels,
            y=heights,
            marker={"color": colours, "opacity": opacity},
            text=None if sure else [percent(row["share"]) for row in rows],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{x}}, {name}: %{{y:.1%}}<extra></extra>",
        )
    figure.update_layout(barmode="stack", showlegend=False, bargap=0.25, margin={"t": 24})
    figure.update_yaxes(tickformat=".0%")
    return dressed(figure, theme, HEIGHT)


def months(rows: Rows, theme: str = "light") -> go.Figure:
    """Faces by the month in which their photo was taken.

    Args:
        rows: group (the month) and faces of one network.
        theme: 'light' or 'dark', for the text.
    """
    figure = go.Figure(go.Bar(x=[row["group"] for row in rows], y=[row["faces"] for row in rows]))
    figure.update_xaxes(type="date")
    figure.update_yaxes(tickformat=",")
    return dressed(figure, theme, HEIGHT)
