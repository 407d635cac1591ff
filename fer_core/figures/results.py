"""Figures of the Results page: accuracy against size or time, the matrix across data sets, recall of each class."""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import plotly.graph_objects as go

from fer_core.evaluation.results import GROUPS, TRUST, Result
from fer_core.figures.palette import COLOURS, SHARE, on_share
from fer_core.figures.theme import INK, below, dressed
from fer_core.text import percent

Placed = tuple[Result, float, str]
"""A result, where it stands along the bottom, and on which side its name stands, '' for nowhere."""

GROUP_COLOURS = dict(zip(GROUPS, (COLOURS["angry"], COLOURS["fear"], COLOURS["sad"]), strict=True))
HEIGHT = 460
WIDTH = 420
"""Between a phone and a laptop; a name that does not fit there is shown on touch only."""

TEXT_HEIGHT, LETTER = 13, 3.0
TOLERATED = 10
NARROW = 1.0
"""Powers of ten; below that a logarithmic axis needs more room and ticks."""

POSITIONS = (("top center", 0, 16), ("bottom center", 0, -16), ("middle right", 1.15, 0), ("middle left", -1.15, 0))
"""Where a name may stand: how many of its half widths to the right of the marker, how many pixels above."""

ROW = 38
NOT_MEASURED = "not measured"


def against(
    rows: Sequence[tuple[Result, float]], along: str, theme: str, titles: Mapping[str, str] | None = None
) -> go.Figure:
    """Accuracy against a number on a logarithmic axis; the marker says how far to trust a figure.

    Args:
        rows: results with an accuracy, and where each stands along the bottom.
        along: title of that axis.
        theme: light or dark.
        titles: how people call a network, by its name here.
    """
    rows = [(replace(row, method=(titles or {}).get(row.predictor, row.method)), x) for row, x in rows]
    figure = go.Figure()
    places, ends = _placed(rows), _room([x for _, x in rows])
    for group in GROUPS:
        for key, trust in TRUST.items():
            drawn = [place for place in places if (place[0].group, place[0].trust) == (group, key)]
            if drawn:
                figure.add_trace(_points(drawn, f"{trust.sign} {group}, {trust.word}", group, trust.marker, theme))
    figure.update_xaxes(title=along, type="log", exponentformat="SI", dtick=_ticks(ends), range=ends)
    figure.update_yaxes(title="accuracy", tickformat=".0%")
    named = len({trace.name for trace in figure.data})
    figure.update_layout(legend=below(-0.18), showlegend=True)
    return dressed(figure, theme, HEIGHT + 20 * named, zoom=True)


def matrix(cells: Mapping[str, Mapping[str, float | None]], theme: str, *, low: float = 0.3) -> go.Figure:
    """Shares 0 to 1 as a table of coloured cells, whole percent in each; a dash where nothing was measured.

    Args:
        cells: by row, then by column; every row has the same columns.
        theme: light or dark.
        low: share at the pale end of the colours.
    """
    rows = list(cells)
    columns = list(next(iter(cells.values())))
    values = [[cells[row][column] for column in columns] for row in rows]
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=[html.escape(column) for column in columns],
            y=[html.escape(row) for row in rows],
            colorscale=[list(stop) for stop in SHARE[theme]],
            zmin=low,
            zmax=1,
            hovertemplate="%{y}, %{x}: %{z:.1%}<extra></extra>",
        )
    )
    _write(figure, cells, low, theme)
    figure.update_xaxes(side="top", showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix=" ")
    figure.update_layout(margin={"l": 4, "r": 4, "t": 40, "b": 4})
    return dressed(figure, theme, ROW * len(rows) + 60)


def _write(figure: go.Figure, cells: Mapping[str, Mapping[str, float | None]], low: float, theme: str) -> None:
    """The number in each cell."""
    for row, shares in cells.items():
        for column, share in shares.items():
            figure.add_annotation(
                x=html.escape(column),
                y=html.escape(row),
                text="–" if share is None else f"{share * 100:.0f}",
                showarrow=False,
                font={"color": _on_cell(share, low, theme)},
            )


def in_words(cells: Mapping[str, Mapping[str, float | None]]) -> str:
    """What a matrix shows, for those who cannot see it."""
    return "; ".join(
        f"{row}: " + ", ".join(f"{column} {NOT_MEASURED if share is None else percent(share)}" for column, share in of)
        for row, of in ((row, columns.items()) for row, columns in cells.items())
    )


def _points(drawn: Sequence[Placed], name: str, group: str, marker: str, theme: str) -> go.Scatter:
    return go.Scatter(
        x=[x for _, x, _ in drawn],
        y=[row.accuracy for row, _, _ in drawn],
        mode="markers+text",
        name=name,
        text=[html.escape(_short(row)) if side else "" for row, _, side in drawn],
        textposition=[side or "top center" for _, _, side in drawn],
        textfont={"color": INK[theme], "size": 11},
        marker={"symbol": marker, "size": 13, "color": GROUP_COLOURS[group], "line": {"width": 2}},
        error_y=_intervals([row for row, _, _ in drawn]),
        customdata=[
            [html.escape(words) for words in (row.method, row.data, row.tested_on, row.tta, _trusted(row))]
            for row, _, _ in drawn
        ],
        hovertemplate="<b>%{customdata[0]}</b> %{y:.1%}<br>%{customdata[1]}, %{customdata[2]}<br>test-time "
        "augmentation: %{customdata[3]}<br>%{customdata[4]}<extra></extra>",
    )


def _trusted(row: Result) -> str:
    return f"{TRUST[row.trust].word}: {row.remark}" if row.remark else TRUST[row.trust].word


def _room(values: Sequence[float]) -> list[float]:
    """Ends of the logarithmic axis, with room for names."""
    left, right = math.log10(min(values)), math.log10(max(values))
    margin = 0.12 * (right - left) + (0.15 if right - left > NARROW else 0.5)
    return [left - margin, right + margin]


def _ticks(ends: Sequence[float]) -> float | str:
    """A tick a power of ten, or at 1, 2 and 5 of each where few powers are seen."""
    return 1 if ends[1] - ends[0] > 2 * NARROW else "D2"


def _intervals(rows: Sequence[Result]) -> dict[str, object] | None:
    """Error bars, for figures that come with an interval."""
    if not any(row.interval for row in rows):
        return None
    ends = [(row.accuracy or 0.0, *(row.interval or (row.accuracy or 0.0,) * 2)) for row in rows]
    above = [upper - middle for middle, _, upper in ends]
    below = [middle - lower for middle, lower, _ in ends]
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below, "thickness": 1.2, "width": 4}


def _short(row: Result) -> str:
    """A name that fits beside a marker."""
    return row.method.split(" (")[0].split(" + ")[0]


def _placed(rows: Sequence[tuple[Result, float]]) -> list[Placed]:
    """Where each name stands, '' where none fits: ours and disputed ones first, judged on a figure of WIDTH pixels."""
    left, right = (limit(math.log10(x) for _, x in rows) for limit in (min, max))
    low, high = (limit(row.accuracy or 0.0 for row, _ in rows) for limit in (min, max))
    spots = [
        (
            (math.log10(x) - left) / max(right - left, 1e-9) * WIDTH,
            ((row.accuracy or 0.0) - low) / max(high - low, 1e-9) * HEIGHT * 0.7,
        )
        for row, x in rows
    ]
    taken = [(x - 8, x + 8, y) for x, y in spots]
    sides = [""] * len(rows)
    for place in sorted(range(len(rows)), key=lambda place: _rank(rows[place][0])):
        x, y = spots[place]
        half = LETTER * len(_short(rows[place][0]))
        boxes = {side: (x + dx * half - half, x + dx * half + half, y + dy) for side, dx, dy in POSITIONS}
        crowding = {side: sum(_overlap(box, other) for other in taken) for side, box in boxes.items()}
        side = min(crowding, key=crowding.__getitem__)
        if crowding[side] <= TOLERATED:
            taken.append(boxes[side])
            sides[place] = side
    return [(row, x, side) for (row, x), side in zip(rows, sides, strict=True)]


def _rank(row: Result) -> int:
    return 0 if row.group == GROUPS[0] else 1 if row.trust == "disputed" else 2


def _overlap(box: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    beside = min(box[1], other[1]) - max(box[0], other[0])
    return max(beside, 0.0) if abs(box[2] - other[2]) < TEXT_HEIGHT else 0.0


def _on_cell(share: float | None, low: float, theme: str) -> str:
    return INK[theme] if share is None else on_share(max(0.0, (share - low) / (1 - low)), theme)
