"""Figures of a comparison: one colour per model, intervals as thin lines."""

import html
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from fer_core.compare.conditions import CONDITIONS
from fer_core.compare.corruptions import CORRUPTIONS
from fer_core.compare.robustness import Curves
from fer_core.compare.scores import Group, Report, Scores
from fer_core.figures.palette import SHARE, colour, on_share
from fer_core.figures.theme import dressed

DIFFERENCE = {
    "light": [[0, "#b35900"], [0.5, "#eef3f8"], [1, "#005b96"]],
    "dark": [[0, "#c96f12"], [0.5, "#1b232e"], [1, "#2f81bd"]],
}
NO_FACE = "no face"
HEIGHT = 330

Titles = Mapping[str, str]


def confusion(scores: Scores, classes: Sequence[str], theme: str = "light") -> go.Figure:
    """Shares of each true class (rows) by answer (columns), with counts; the last is 'no face' where that occurs."""
    counts, columns = _shown(scores, classes)
    return confusion_of(counts, columns, classes, theme)


def confusion_of(counts: ArrayLike, columns: Sequence[str], rows: Sequence[str], theme: str = "light") -> go.Figure:
    """The same from the counts alone, (rows, columns)."""
    numbers = np.asarray(counts)
    words = [[str(count) if count else "" for count in row] for row in numbers.tolist()]
    scale: list[list[object]] = [list(stop) for stop in SHARE[theme]]
    return _matrix(
        _row_shares(numbers), words, columns, rows, scale, (0, 1), theme, "%{z:.0%} of %{y} were called %{x}"
    )


def confusion_difference(one: Scores, two: Scores, classes: Sequence[str], theme: str = "light") -> go.Figure:
    """Points of each true class by which the first model gives an answer more often than the second."""
    first, columns = _shown(one, classes)
    second, _ = _shown(two, classes)
    points = 100 * (_row_shares(first) - _row_shares(second))
    words = [[f"{value:+.0f}" if abs(value) >= 0.5 else "" for value in row] for row in points.tolist()]
    hover = "%{z:+.1f} points of %{y} called %{x}"
    return _matrix(points, words, columns, classes, DIFFERENCE[theme], (-30, 30), theme, hover)


def reliability(report: Report, theme: str = "light") -> go.Figure:
    """Accuracy of the answers by their confidence; on the dotted line a model is as often right as it says."""
    figure = go.Figure(
        go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": "#808080"}, name="perfect")
    )
    for number, scores in enumerate(report.scores):
        bins = [row for row in scores.bins if row.count]
        figure.add_scatter(
            x=[row.confidence for row in bins],
            y=[row.accuracy for row in bins],
            customdata=[row.count for row in bins],
            mode="lines+markers",
            name=_name(report, scores),
            line={"color": colour(number)},
            marker={"size": [6 + 14 * (row.count / max(r.count for r in bins)) ** 0.5 for row in bins]},
            hovertemplate="said %{x:.0%}, right %{y:.0%} of %{customdata}",
        )
    figure.update_xaxes(title="confidence", range=[0, 1.03], tickformat=".0%")
    figure.update_yaxes(title="share right", range=[0, 1.05], tickformat=".0%")
    return dressed(figure, theme, HEIGHT)


def coverage(report: Report, theme: str = "light") -> go.Figure:
    """Accuracy of what is answered against the share answered; a ring marks each model's own threshold."""
    figure = go.Figure()
    for number, scores in enumerate(report.scores):
        figure.add_scatter(
            x=[point.answered for point in scores.curve],
            y=[point.accuracy for point in scores.curve],
            customdata=[point.threshold for point in scores.curve],
            mode="lines" if len(scores.curve) > 20 else "lines+markers",
            name=_name(report, scores),
            line={"color": colour(number)},
            hovertemplate="answering from %{customdata:.0%} on: %{x:.0%} answered, %{y:.1%} right",
        )
        if scores.answered_accuracy is not None:
            figure.add_scatter(
                x=[scores.answered],
                y=[scores.answered_accuracy],
                mode="markers",
                marker={"size": 13, "symbol": "circle-open", "color": colour(number), "line": {"width": 3}},
                showlegend=False,
                hovertemplate=f"its own threshold {scores.threshold:.0%}: %{{x:.0%}} answered, %{{y:.1%}} right",
            )
    figure.update_xaxes(title="share of all photos that get an answer", range=[0, 1.03], tickformat=".0%")
    figure.update_yaxes(title="share right of these", tickformat=".0%", range=[0, 1.05])
    return dressed(figure, theme, HEIGHT)


def recalls(report: Report, theme: str = "light") -> go.Figure:
    """Recall of each expression that occurs, with its interval."""
    labels = [label for label in report.comparison.classes if report.scores[0].recall[label] is not None]
    figure = go.Figure()
    for number, scores in enumerate(report.scores):
        rows = [(scores.recall[label] or 0.0, scores.recall_intervals[label] or (0.0, 0.0)) for label in labels]
        _bars(figure, labels, [(value, *ends) for value, ends in rows], _name(report, scores), number)
    figure.update_yaxes(title="recall", range=[0, 1.05], tickformat=".0%")
    return dressed(figure, theme, HEIGHT)


def by_condition(report: Report, condition: str, theme: str = "light") -> go.Figure:
    """Accuracy by one property of the face, with Wilson's intervals."""
    chosen: list[Group] = [group for group in report.groups if group.condition == condition]
    labels = [f"{group.name}<br>{group.count:,} photos" for group in chosen]
    figure = go.Figure()
    for number, scores in enumerate(report.scores):
        _bars(figure, labels, [group.shares[scores.model] for group in chosen], _name(report, scores), number)
    figure.update_yaxes(title="accuracy", range=[0, 1.05], tickformat=".0%")
    figure.update_xaxes(title=CONDITIONS[condition].title)
    return dressed(figure, theme, HEIGHT)


def whole_photo(report: Report, theme: str = "light") -> go.Figure:
    """The same photos with the face cut out, and squeezed whole into the network."""
    figure = go.Figure()
    rows = [(report.titles[scores.model], scores.whole) for scores in report.scores if scores.whole]
    labels = [html.escape(title) for title, _ in rows]
    cropped = [(one.cropped, *one.cropped_interval) for _, one in rows]
    whole = [(one.whole, *one.whole_interval) for _, one in rows]
    _bars(figure, labels, cropped, "face cut out", 0)
    _bars(figure, labels, whole, "whole photo resized", 1)
    figure.update_yaxes(title="accuracy", range=[0, 1.05], tickformat=".0%")
    return dressed(figure, theme, HEIGHT)


def robustness(curves: Curves, theme: str = "light") -> go.Figure:
    """One small picture per corruption: accuracy from the clean face to the fifth step, one line per model."""
    from plotly.subplots import make_subplots

    rows = -(-len(curves.corruptions) // 2)
    titles = [CORRUPTIONS[name].title for name in curves.corruptions]
    figure = make_subplots(rows, 2, subplot_titles=titles, shared_yaxes=True, vertical_spacing=0.28 / rows)
    for number, model in enumerate(curves.right):
        for place, name in enumerate(curves.corruptions):
            values = curves.share(model, name)
            steps = ["clean", *(f"{strength:g}" for strength in CORRUPTIONS[name].strengths)][: len(values)]
            figure.add_scatter(
                x=steps,
                y=[value for value, _, _ in values],
                customdata=[[low, high] for _, low, high in values],
                mode="lines+markers",
                name=html.escape(curves.titles[model]),
                legendgroup=model,
                showlegend=place == 0,
                line={"color": colour(number)},
                hovertemplate="%{x}: %{y:.1%} (%{customdata[0]:.1%} to %{customdata[1]:.1%})",
                row=place // 2 + 1,
                col=place % 2 + 1,
            )
    figure.update_yaxes(range=[0, 1.03], tickformat=".0%")
    figure.update_xaxes(type="category")
    figure.update_annotations(font={"size": 14})
    dressed(figure, theme, height=60 + 210 * rows)
    return figure.update_layout(margin={"t": 70}, legend={"y": 1.0 + 0.16 / rows})


def _bars(
    figure: go.Figure, labels: Sequence[str], rows: Sequence[tuple[float, float, float]], name: str, number: int
) -> None:
    """Bars of (value, low, high)."""
    figure.add_bar(
        x=list(labels),
        y=[value for value, _, _ in rows],
        name=name,
        marker={"color": colour(number)},
        customdata=[[low, high] for _, low, high in rows],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [max(0.0, high - value) for value, _, high in rows],
            "arrayminus": [max(0.0, value - low) for value, low, _ in rows],
        },
        hovertemplate="%{x}: %{y:.1%} (%{customdata[0]:.1%} to %{customdata[1]:.1%})",
    )


def _matrix(
    values: np.ndarray,
    words: list[list[str]],
    columns: Sequence[str],
    rows: Sequence[str],
    scale: list[list[object]],
    ends: tuple[float, float],
    theme: str,
    hover: str,
) -> go.Figure:
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=list(columns),
            y=list(rows),
            text=words,
            colorscale=scale,
            zmin=ends[0],
            zmax=ends[1],
            hoverongaps=False,
            hovertemplate=hover + "<extra></extra>",
        )
    )
    _write(figure, values / max(map(abs, ends)), words, columns, rows, theme)
    figure.update_xaxes(title="answer", tickangle=-45, showgrid=False)
    figure.update_yaxes(title="label", autorange="reversed", showgrid=False)
    return dressed(figure, theme, height=360)


def _write(
    figure: go.Figure,
    places: np.ndarray,
    words: list[list[str]],
    columns: Sequence[str],
    rows: Sequence[str],
    theme: str,
) -> None:
    """The number in each cell, in the colour that can be read on it: Plotly's own has 3:1 on middle blues."""
    for row, label in enumerate(rows):
        for column, answer in enumerate(columns):
            if words[row][column]:
                ink = on_share(min(1.0, abs(float(places[row, column]))), theme)
                figure.add_annotation(
                    x=answer, y=label, text=words[row][column], showarrow=False, font={"color": ink, "size": 12}
                )


def _shown(scores: Scores, classes: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Counts and names of the columns; without the last one when a face was found everywhere."""
    lost = bool(scores.confusion[:, -1].any())
    return (scores.confusion, [*classes, NO_FACE]) if lost else (scores.confusion[:, :-1], list(classes))


def _row_shares(counts: np.ndarray) -> np.ndarray:
    """Each row by its sum; nan where no photo is of the class."""
    sums = counts.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(counts, sums, out=np.full(counts.shape, np.nan), where=sums > 0))


def _name(report: Report, scores: Scores) -> str:
    """Plotly takes HTML in names."""
    return html.escape(report.titles[scores.model])
