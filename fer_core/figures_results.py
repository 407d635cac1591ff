"""Figures of the Results page: accuracy against size or time, the matrix across data sets, recall of each class."""

import html
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from fer_core.figures import COLOURS, INK
from fer_core.results import GROUPS, TRUST, Result
from fer_core.wording import percent

GROUP_COLOURS = dict(zip(GROUPS, (COLOURS["angry"], COLOURS["fear"], COLOURS["sad"]), strict=True))
GRID = "rgba(128,128,128,0.25)"
HEIGHT = 460
ROW = 38
SCALE = ((0.0, "#16324a"), (0.5, "#2f6f9f"), (1.0, "#9fd0f0"))
"""Dark is low: one hue, told apart by lightness alone."""

ON_LIGHT_CELLS, ON_DARK_CELLS = "#000000", "#ffffff"
NOT_MEASURED = "not measured"


def against(rows: Sequence[tuple[Result, float]], along: str, theme: str) -> go.Figure:
    """Accuracy against a number on a logarithmic axis; the marker says how far to trust a figure.

    Args:
        rows: results with an accuracy, and where each stands along the bottom.
        along: title of that axis.
        theme: light or dark.
    """
    figure = go.Figure()
    for group in GROUPS:
        for key, trust in TRUST.items():
            drawn = [(row, x) for row, x in rows if (row.group, row.trust) == (group, key)]
            if drawn:
                figure.add_trace(_points(drawn, f"{trust.sign} {group}, {trust.word}", group, trust.marker, theme))
    ink = {"color": INK[theme]}
    figure.update_xaxes(title=along, type="log", gridcolor=GRID, tickfont=ink, title_font=ink, automargin=True)
    figure.update_xaxes(exponentformat="SI", dtick=1, zeroline=False)
    figure.update_yaxes(title="accuracy", tickformat=".0%", gridcolor=GRID, tickfont=ink, title_font=ink)
    figure.update_yaxes(automargin=True, zeroline=False)
    named = len({trace.name for trace in figure.data})
    figure.update_layout(
        height=HEIGHT + 20 * named,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "v", "yanchor": "top", "y": -0.18, "x": 0, "font": ink, "bgcolor": "rgba(0,0,0,0)"},
        showlegend=True,
        **_see_through(),
    )
    return figure


def matrix(cells: Mapping[str, Mapping[str, float | None]], theme: str, *, low: float = 0.3) -> go.Figure:
    """Shares 0 to 1 as a table of coloured cells with their percent; cells without a figure say so.

    Args:
        cells: by row, then by column; every row has the same columns.
        theme: light or dark.
        low: share at the dark end of the colours.
    """
    rows = list(cells)
    columns = list(next(iter(cells.values())))
    values = [[cells[row][column] for column in columns] for row in rows]
    ink = {"color": INK[theme]}
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=[html.escape(column) for column in columns],
            y=[html.escape(row) for row in rows],
            colorscale=[list(stop) for stop in SCALE],
            zmin=low,
            zmax=1,
            showscale=False,
            xgap=2,
            ygap=2,
            hovertemplate="%{y}, %{x}: %{z:.1%}<extra></extra>",
        )
    )
    for row, shares in zip(rows, values, strict=True):
        for column, share in zip(columns, shares, strict=True):
            figure.add_annotation(
                x=html.escape(column),
                y=html.escape(row),
                text="–" if share is None else percent(share),
                showarrow=False,
                font={"color": _on_cell(share, low, theme)},
            )
    figure.update_xaxes(side="top", tickfont=ink, showgrid=False, automargin=True, fixedrange=True)
    figure.update_yaxes(
        autorange="reversed", tickfont=ink, showgrid=False, automargin=True, fixedrange=True, ticksuffix=" "
    )
    figure.update_layout(height=ROW * len(rows) + 60, margin={"l": 4, "r": 4, "t": 40, "b": 4}, **_see_through())
    return figure


def in_words(cells: Mapping[str, Mapping[str, float | None]]) -> str:
    """What a matrix shows, for those who cannot see it."""
    return "; ".join(
        f"{row}: " + ", ".join(f"{column} {NOT_MEASURED if share is None else percent(share)}" for column, share in of)
        for row, of in ((row, columns.items()) for row, columns in cells.items())
    )


def _points(drawn: Sequence[tuple[Result, float]], name: str, group: str, marker: str, theme: str) -> go.Scatter:
    ends = [row.interval or (row.accuracy or 0.0,) * 2 for row, _ in drawn]
    above = [upper - (row.accuracy or 0.0) for (_, upper), (row, _) in zip(ends, drawn, strict=True)]
    below = [(row.accuracy or 0.0) - lower for (lower, _), (row, _) in zip(ends, drawn, strict=True)]
    return go.Scatter(
        x=[x for _, x in drawn],
        y=[row.accuracy for row, _ in drawn],
        mode="markers+text",
        name=name,
        text=[html.escape(row.method.split(" (")[0]) for row, _ in drawn],
        textposition="top center",
        textfont={"color": INK[theme], "size": 11},
        cliponaxis=False,
        marker={"symbol": marker, "size": 13, "color": GROUP_COLOURS[group], "line": {"width": 2}},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": above,
            "arrayminus": below,
            "thickness": 1.2,
            "width": 4,
        },
        customdata=[
            [html.escape(words) for words in (row.data, row.tested_on, row.tta, TRUST[row.trust].word, row.remark)]
            for row, _ in drawn
        ],
        hovertemplate="<b>%{text}</b> %{y:.1%}<br>%{customdata[0]}, %{customdata[1]}<br>test-time augmentation: "
        "%{customdata[2]}<br>%{customdata[3]}: %{customdata[4]}<extra></extra>",
    )


def _on_cell(share: float | None, low: float, theme: str) -> str:
    if share is None:
        return INK[theme]
    return ON_LIGHT_CELLS if (share - low) / (1 - low) > 0.62 else ON_DARK_CELLS


def _see_through() -> dict[str, str]:
    return {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}
