"""One face of a video over time: its smoothed probabilities, and below them the answer."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from fer_core.figures.palette import COLOURS, OTHER
from fer_core.figures.theme import dressed
from fer_core.text import percent
from fer_core.video.records import clock
from fer_core.video.timeline import UNSURE, FaceTimeline, Segment

HEIGHT = 190
MOST_POINTS = 600
"""Moments that are drawn; of more, as many are averaged as fall on one point."""
TICKS = 6
NICE = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
"""Seconds between two marks of the axis."""


def face_figure(face: FaceTimeline, classes: Sequence[str], seconds: float, theme: str = "light") -> go.Figure:
    """Probabilities as stacked areas, and a strip of answers: filled where sure, hatched where unsure.

    Each piece of the strip carries its begin in seconds as `customdata`.

    Args:
        face: of a video.
        classes: expressions in the network's order.
        seconds: length of the axis.
        theme: 'light' or 'dark'.
    """
    figure = make_subplots(rows=2, shared_xaxes=True, row_heights=[0.72, 0.28], vertical_spacing=0.04)
    times, rows = _points(face, classes)
    for place, label in enumerate(classes):
        figure.add_trace(_area(label, times, rows[:, place]), row=1, col=1)
    figure.add_trace(_strip(face.segments), row=2, col=1)
    figure.update_yaxes(range=[0, 1], tickformat=".0%", nticks=3, row=1, col=1)
    figure.update_yaxes(visible=False, row=2, col=1)
    marks = _marks(seconds)
    figure.update_xaxes(range=[0, max(seconds, 0.1)], tickvals=marks, ticktext=[clock(mark) for mark in marks])
    figure.update_layout(
        showlegend=True, bargap=0, barmode="overlay", hovermode="closest", legend={"font": {"size": 11}}
    )
    return dressed(figure, theme, HEIGHT)


def in_words(face: FaceTimeline) -> str:
    """What the figure shows, for those who cannot see it."""
    shares = ", ".join(f"{label} {percent(share)}" for label, share in face.shares.items())
    return f"Face {face.number}, seen from {clock(face.start)} to {clock(face.end)}. Share of its time: {shares}."


def _points(face: FaceTimeline, classes: Sequence[str]) -> tuple[list[float], np.ndarray]:
    """Times, and probabilities (n, classes); nothing where the face was out of sight."""
    times: list[float] = []
    rows: list[np.ndarray] = []
    end = None
    step = -(-len(face.moments) // MOST_POINTS)
    for start in range(0, len(face.moments), step):
        group = face.moments[start : start + step]
        row = np.mean([[moment.answer.probabilities[label] for label in classes] for moment in group], axis=0)
        if end is not None and group[0].time - end > 1e-3:
            times += [end, group[0].time]
            rows += [rows[-1] * 0, rows[-1] * 0]
        times.append(group[0].time)
        rows.append(row)
        end = group[-1].end
    return [*times, end or 0.0], np.stack([*rows, rows[-1]])


def _area(label: str, times: Sequence[float], shares: np.ndarray) -> go.Scatter:
    colour = COLOURS.get(label, OTHER)
    return go.Scatter(
        name=label,
        x=list(times),
        y=shares.round(4).tolist(),
        mode="lines",
        stackgroup="probabilities",
        line={"width": 0.5, "color": colour},
        fillcolor=colour,
        hovertemplate=f"{label} %{{y:.0%}} at %{{x:.1f}} s<extra></extra>",
    )


def _strip(segments: Sequence[Segment]) -> go.Bar:
    colours = [COLOURS.get(one.label, OTHER) for one in segments]
    return go.Bar(
        x=[one.end - one.start for one in segments],
        base=[one.start for one in segments],
        y=["answer"] * len(segments),
        orientation="h",
        customdata=[one.start for one in segments],
        text=[UNSURE if one.unsure else one.label for one in segments],
        textposition="inside",
        insidetextanchor="middle",
        constraintext="inside",
        marker={
            "color": colours,
            "line": {"width": 0},
            "pattern": {"shape": ["/" if one.unsure else "" for one in segments], "fgopacity": 0.6},
        },
        showlegend=False,
        hovertext=[f"from {clock(one.start)} to {clock(one.end)}" for one in segments],
        hovertemplate="%{text} %{hovertext}<extra></extra>",
    )


def _marks(seconds: float) -> list[float]:
    step = next((nice for nice in NICE if seconds / nice <= TICKS), NICE[-1])
    return [float(mark) for mark in np.arange(0, seconds + 1e-6, step)]
