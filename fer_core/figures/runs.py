"""Training curves of several runs laid over each other: one colour per run, validation solid, training dashed.

The figures have no legend of their own: the page shows one for all of them.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from fer_core.figures.palette import colour
from fer_core.figures.theme import GRID, INK, dressed
from fer_core.runs import curves
from fer_core.runs.histories import Floats, History

HEIGHT = 340
MOST_POINTS = 2000
SIDES = (("", "dash", "training"), ("val_", "solid", "validation"))

READING = (
    "Solid lines: validation. Dashed lines: training. Thin lines are as logged, thick lines are smoothed. A star marks "
    "the best epoch. A cross marks where early stopping would have ended the run. A gap in a line is a gap in the log."
)


@dataclass(frozen=True, eq=False)
class Overlay:
    """A run as it is drawn."""

    title: str
    history: History
    colour: str


@dataclass(frozen=True)
class Look:
    """How curves are drawn.

    Attributes:
        by_time: minutes along the bottom instead of epochs.
        weight: of the past in smoothed lines, 0 to below 1.
        log_loss: loss on a logarithmic axis.
        monitor: the column that says which epoch is best.
        patience: epochs without a new best after which early stopping would end a run; 0 marks nothing.
        theme: light or dark.
    """

    by_time: bool = False
    weight: float = 0.6
    log_loss: bool = False
    monitor: str = "val_accuracy"
    patience: int = 5
    theme: str = "light"


def overlays(runs: Sequence[tuple[str, History]]) -> list[Overlay]:
    """A colour for each, in the order given; Plotly takes HTML in names, so theirs is escaped."""
    return [Overlay(html.escape(title), history, colour(place)) for place, (title, history) in enumerate(runs)]


def measure(drawn: Sequence[Overlay], name: str, look: Look) -> go.Figure:
    """Accuracy or loss of all runs, training and validation."""
    figure = go.Figure()
    for overlay in drawn:
        for side, dash, word in SIDES:
            epochs, values = curves.line(overlay.history, side + name)
            _add(figure, overlay, (epochs, values), look, dash=dash, word=word)
        _mark(figure, overlay, name, look)
    figure.update_yaxes(type="log" if look.log_loss and name == "loss" else "linear")
    return _dressed(figure, name.capitalize(), look, percent=name == "accuracy")


def gap(drawn: Sequence[Overlay], name: str, look: Look) -> go.Figure:
    """How far the training split is ahead of validation."""
    figure = go.Figure()
    for overlay in drawn:
        _add(figure, overlay, curves.gap(overlay.history, name), look, dash="solid", word="training ahead by")
    figure.add_hline(y=0, line={"color": GRID, "width": 2})
    return _dressed(figure, f"Train-validation gap, {name}", look, percent=name == "accuracy")


def learning_rate(drawn: Sequence[Overlay], look: Look) -> go.Figure:
    """The learning rate at the end of each epoch, always on a logarithmic axis."""
    figure = go.Figure()
    for overlay in drawn:
        epochs, values = curves.line(overlay.history, "learning_rate")
        above = values > 0
        plain = Look(by_time=look.by_time, weight=0)
        _add(figure, overlay, (epochs[above], values[above]), plain, dash="solid", word="learning rate")
    figure.update_yaxes(type="log", exponentformat="power", dtick=1)
    return _dressed(figure, "Learning rate", look)


def in_words(drawn: Sequence[Overlay], name: str, look: Look) -> str:
    """What a curve shows, for those who cannot see it."""
    told = []
    for overlay in drawn:
        best = curves.best(overlay.history, curves.monitor(overlay.history, look.monitor))
        told.append(f"{overlay.title}, best epoch {best.epoch:g} with {best.value:.4g}")
    return f"{name.capitalize()} by {'minute' if look.by_time else 'epoch'}: " + "; ".join(told)


def _add(
    figure: go.Figure, overlay: Overlay, points: tuple[Floats, Floats], look: Look, *, dash: str, word: str
) -> None:
    epochs, values = points
    if not epochs.size:
        return
    smooth = curves.smoothed(epochs, values, look.weight)
    drawn = [(values, 1.2, 0.45), (smooth, 2.4, 1.0)] if look.weight else [(values, 2.2, 1.0)]
    alone = any(piece.stop - piece.start == 1 for piece in curves.pieces(epochs))
    for numbers, width, opacity in drawn:
        x, y = _broken(_along(overlay.history, epochs, look), numbers, epochs)
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines+markers" if alone else "lines",
            marker={"size": 4},
            opacity=opacity,
            line={"color": overlay.colour, "width": width, "dash": dash},
            name=overlay.title,
            legendgroup=overlay.title,
            showlegend=False,
            connectgaps=False,
            hovertemplate=f"{word} %{{y:.4g}}<extra>%{{fullData.name}}</extra>",
            hoverinfo="skip" if numbers is values and look.weight else None,
        )


def _mark(figure: go.Figure, overlay: Overlay, name: str, look: Look) -> None:
    """The best epoch on the validation line, and where early stopping would have ended it."""
    history = overlay.history
    monitored = curves.monitor(history, look.monitor)
    stop = curves.early_stop(history, monitored, look.patience)
    marks = [("star", 13, "best epoch", curves.best(history, monitored))]
    marks += [("x", 10, f"early stop after {look.patience}", stop)] if stop else []
    side = next((side for side in (f"val_{name}", name) if curves.line(history, side)[0].size), None)
    for symbol, size, word, point in marks if side else []:
        epochs, values = curves.line(history, side or name)
        here = np.flatnonzero(epochs == point.epoch)
        if here.size:
            figure.add_scatter(
                x=_along(history, epochs[here], look),
                y=values[here],
                mode="markers",
                marker={"symbol": symbol, "size": size, "color": overlay.colour, "line": _edge(look)},
                name=overlay.title,
                legendgroup=overlay.title,
                showlegend=False,
                hovertemplate=f"{word}, {monitored}: epoch {point.epoch:g}, %{{y:.4g}}<extra></extra>",
            )


def _along(history: History, epochs: Floats, look: Look) -> Floats:
    if not look.by_time or history.seconds is None:
        return epochs
    return np.asarray(history.seconds[np.searchsorted(history.epochs, epochs)] / 60)


def _broken(x: Floats, y: Floats, epochs: Floats) -> tuple[list[float | None], list[float | None]]:
    """Points with a hole wherever the epochs have one; of very long lines every so many."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    step = -(-len(x) // MOST_POINTS)
    for piece in curves.pieces(epochs):
        xs += [None] * bool(xs) + x[piece][::step].tolist()
        ys += [None] * bool(ys) + y[piece][::step].tolist()
    return xs, ys


def _edge(look: Look) -> dict[str, object]:
    return {"color": INK[look.theme], "width": 1}


def _dressed(figure: go.Figure, title: str, look: Look, *, percent: bool = False) -> go.Figure:
    along = "minutes" if look.by_time else "epoch"
    figure.update_yaxes(tickformat=".0%" if percent else None)
    figure.update_layout(
        title=f"{title}, by {along}",
        margin={"t": 34},
        hovermode="x unified",
        hoverlabel={"namelength": -1},
        showlegend=False,
    )
    return dressed(figure, look.theme, HEIGHT, zoom=True)
