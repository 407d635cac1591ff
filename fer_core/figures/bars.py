"""The probabilities of one face as bars: every expression, every model, in one figure."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from fer_core.figures.palette import COLOURS, OTHER
from fer_core.figures.theme import dressed
from fer_core.text import percent

BAR_HEIGHT = 18
GAP = 10


def bars(models: Sequence[tuple[str, Mapping[str, float]]], theme: str = "light") -> go.Figure:
    """Horizontal bars: one group per expression, one bar per model in it, 0 to 100 %, each with its percent.

    Args:
        models: name and probabilities (by expression, 0 to 1) of each model; the first one gives the order.
        theme: 'light' or 'dark', for the text.
    """
    labels = list(dict.fromkeys(label for _, shares in models for label in shares))
    count = len(models)
    figure = go.Figure(
        [_trace(place, name, shares, labels, len(models)) for place, (name, shares) in enumerate(models)]
    )
    figure.update_xaxes(range=[0, 1.18 if count == 1 else 1.5], visible=False)
    figure.update_yaxes(autorange="reversed", title=None, ticksuffix=" ", showgrid=False)
    figure.update_layout(margin={"l": 0, "r": 0, "t": 4, "b": 8}, showlegend=False, bargap=0.25, bargroupgap=0.1)
    height = (BAR_HEIGHT * max(count, 1.3) + GAP) * len(labels) + 12
    return dressed(figure, theme, round(height))


def bars_in_words(models: Sequence[tuple[str, Mapping[str, float]]]) -> str:
    """What the bars show, for those who cannot see them: largest first."""
    return "Probability of each expression. " + " ".join(_in_words(name, shares) for name, shares in models)


def _trace(place: int, name: str, shares: Mapping[str, float], labels: Sequence[str], count: int) -> go.Bar:
    values = [float(shares.get(label, 0.0)) for label in labels]
    written = [percent(value) if count == 1 else f"{percent(value)}  {name}" for value in values]
    return go.Bar(
        name=name,
        x=values,
        y=list(labels),
        orientation="h",
        marker={
            "color": [COLOURS.get(label, OTHER) for label in labels],
            "opacity": 1 - 0.55 * place / max(count - 1, 1),
            "line": {"width": 0},
        },
        text=written,
        textposition="outside",
        cliponaxis=False,
        hovertemplate=f"{name}<br>%{{y}}: %{{x:.1%}}<extra></extra>",
    )


def _in_words(name: str, shares: Mapping[str, float]) -> str:
    ordered = sorted(shares.items(), key=lambda pair: -pair[1])
    return f"{name}: " + ", ".join(f"{label} {percent(share)}" for label, share in ordered) + "."
