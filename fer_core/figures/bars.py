"""The probabilities of one face as bars."""

from collections.abc import Mapping

import plotly.graph_objects as go

from fer_core.figures.palette import COLOURS, OTHER
from fer_core.figures.theme import dressed
from fer_core.text import percent

BAR_HEIGHT = 26


def bars(probabilities: Mapping[str, float], theme: str = "light") -> go.Figure:
    """One horizontal bar per expression, in the order given, 0 to 100 %, each with its percent beside it.

    Args:
        probabilities: by expression, 0 to 1.
        theme: 'light' or 'dark', for the text.
    """
    labels = list(probabilities)
    shares = [float(probabilities[label]) for label in labels]
    figure = go.Figure(
        go.Bar(
            x=shares,
            y=labels,
            orientation="h",
            marker={"color": [COLOURS.get(label, OTHER) for label in labels]},
            text=[percent(share) for share in shares],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    )
    figure.update_xaxes(range=[0, 1.18], visible=False)
    figure.update_yaxes(autorange="reversed", title=None, ticksuffix=" ", showgrid=False)
    figure.update_layout(margin={"l": 0, "r": 0, "t": 4, "b": 8}, showlegend=False, bargap=0.25)
    return dressed(figure, theme, BAR_HEIGHT * len(labels) + 12)


def bars_in_words(probabilities: Mapping[str, float]) -> str:
    """What the bars show, for those who cannot see them: largest first."""
    ordered = sorted(probabilities.items(), key=lambda pair: -pair[1])
    return "Probability of each expression: " + ", ".join(f"{label} {percent(share)}" for label, share in ordered)
