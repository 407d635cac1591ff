"""Figures of datasets: one colour per expression, or per dataset where several stand side by side."""

import html
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from fer_core.figures.palette import COLOURS, OTHER, colour
from fer_core.figures.theme import INK, dressed

Counts = Mapping[str, Mapping[str, int]]

HEIGHT = 360
TOP = 30
"""Pixels above, for the legend."""
BAR = 16
"""Pixels of one bar of counts, so that its number can be read however many datasets stand side by side."""


def counts(table: Counts, *, shares: bool = False, log: bool = False, theme: str = "light") -> go.Figure:
    """Bars by expression: the position is the expression, the colour is the split or dataset.

    Args:
        table: images by split (or dataset) and expression.
        shares: of each split, instead of numbers.
        log: a logarithmic axis.
        theme: 'light' or 'dark', for the text.
    """
    labels = list(dict.fromkeys(label for row in table.values() for label in row))
    figure = go.Figure()
    for number, (split, row) in enumerate(table.items()):
        total = max(1, sum(row.values()))
        given = [label for label in labels if label in row]
        widths = [row[label] / total if shares else row[label] for label in given]
        figure.add_bar(
            name=html.escape(split),
            x=widths,
            y=given,
            orientation="h",
            text=[f"{width:.1%}" if shares else f"{width:,}" for width in widths],
            textposition="outside",
            cliponaxis=False,
            textfont={"size": 11, "color": INK[theme]},
            marker={"color": colour(number)},
            hovertemplate="%{y}: %{text}<extra>" + html.escape(split) + "</extra>",
        )
    figure.update_layout(bargap=0.25, margin={"t": TOP, "r": 48}, showlegend=len(table) > 1)
    figure.update_layout(legend={"traceorder": "normal"})
    figure.update_xaxes(type="log" if log else "linear", tickformat=".0%" if shares else ",", nticks=6)
    figure.update_yaxes(categoryorder="array", categoryarray=labels, autorange="reversed", ticksuffix=" ")
    return dressed(figure, theme, round((BAR * max(1, len(table)) / 0.75 + 4) * max(1, len(labels))) + 70)


def spread(values: Mapping[str, ArrayLike], title: str, theme: str = "light") -> go.Figure:
    """One box per class: quartiles, and whiskers to what is not far outside."""
    figure = go.Figure()
    for label, column in values.items():
        figure.add_box(
            y=_quantiles(column),
            name=label,
            marker={"color": COLOURS.get(label, OTHER), "size": 3},
            boxpoints=False,
        )
    figure.update_layout(showlegend=False, margin={"t": TOP})
    figure.update_yaxes(title=title)
    return dressed(figure, theme, HEIGHT - 80)


def histogram(values: ArrayLike, title: str, theme: str = "light", bins: int = 40) -> go.Figure:
    """How many images lie where."""
    heights, edges = np.histogram(np.asarray(values), bins=bins)
    figure = go.Figure(
        go.Bar(
            x=(edges[1:] + edges[:-1]) / 2,
            y=heights,
            width=np.diff(edges),
            marker={"color": COLOURS["sad"]},
            hovertemplate="%{x:.4g}: %{y:,} images<extra></extra>",
        )
    )
    figure.update_layout(showlegend=False, margin={"t": TOP})
    figure.update_xaxes(title=title)
    figure.update_yaxes(title="images")
    return dressed(figure, theme, 240)


def scatter(
    points: NDArray[np.float32],
    labels: Sequence[str],
    words: Sequence[str],
    rows: Sequence[int],
    theme: str = "light",
) -> go.Figure:
    """A map: one trace per expression, each point with its row number as custom data.

    Args:
        points: (n, 2).
        labels: what colours each point.
        words: what is said of each under the pointer.
        rows: row number of each.
        theme: 'light' or 'dark', for the text.
    """
    figure = go.Figure()
    names = np.array(labels)
    for label in [name for name in (*COLOURS, "right", "wrong") if name in set(labels)]:
        chosen = np.flatnonzero(names == label).tolist()
        figure.add_scattergl(
            x=points[chosen, 0],
            y=points[chosen, 1],
            mode="markers",
            name=label,
            customdata=[rows[place] for place in chosen],
            text=[words[place] for place in chosen],
            hovertemplate="%{text}<extra></extra>",
            marker={"color": COLOURS.get(label, {"right": "#2AA0C8", "wrong": "#D55E00"}.get(label)), "size": 6},
        )
    figure.update_layout(dragmode="lasso", margin={"t": TOP})
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x")
    return dressed(figure, theme, 560, zoom=True)


def counts_in_words(table: Counts) -> str:
    """What the bars show, for those who cannot see them."""
    return "; ".join(
        f"{split}: " + ", ".join(f"{name} {n:,}" for name, n in row.items()) for split, row in table.items()
    )


def _quantiles(column: ArrayLike) -> NDArray[np.float64]:
    """Enough numbers to draw a box: sending 28,709 to a browser is slow."""
    values = np.asarray(column, np.float64)
    return np.quantile(values, np.linspace(0.005, 0.995, 199)) if len(values) > 199 else values
