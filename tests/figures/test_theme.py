"""The one look of all figures: seen on both themes, and used by every figure."""

import pkgutil
from importlib import import_module
from pathlib import Path

import plotly.graph_objects as go
import pytest

from fer_core import figures
from fer_core.figures import theme
from fer_core.figures.palette import COLOURS, SERIES, SHARE, colour, on_share
from fer_core.labels import EIGHT

BACKGROUNDS = {"light": "#ffffff", "dark": "#10151c"}


def luminance(colour):
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_every_expression_has_a_colour_of_its_own():
    assert set(COLOURS) == set(EIGHT)
    assert len(set(COLOURS.values())) == len(EIGHT)
    assert len(set(SERIES)) == len(SERIES)
    assert colour(len(SERIES) + 1) == SERIES[1]


@pytest.mark.parametrize("background", BACKGROUNDS.values())
@pytest.mark.parametrize("drawn", [*COLOURS.values(), *SERIES])
def test_colours_are_seen_on_both_themes(drawn, background):
    assert contrast(drawn, background) >= 3


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_text_is_read_on_its_theme(name):
    figure = theme.dressed(go.Figure(go.Bar(x=[1], y=["a"])), name, 200)

    assert contrast(figure.layout.template.layout.font.color, BACKGROUNDS[name]) >= 12
    assert figure.layout.template.layout.paper_bgcolor == theme.CLEAR
    assert (figure.layout.height, figure.layout.xaxis.fixedrange) == (200, True)


def test_what_a_figure_sets_itself_stays():
    figure = go.Figure(go.Bar(x=[1], y=["a"]), layout={"margin": {"t": 70}, "yaxis": {"showgrid": False}})

    theme.dressed(figure, "dark", 200, zoom=True)

    assert (figure.layout.margin.t, figure.layout.yaxis.showgrid, figure.layout.yaxis.fixedrange) == (70, False, False)
    assert figure.layout.template.layout.margin.l == theme.MARGIN


def test_no_figure_has_a_look_of_its_own():
    """Backgrounds, grids and fonts stand in the template alone."""
    for module in pkgutil.iter_modules(figures.__path__):
        text = Path(import_module(f"fer_core.figures.{module.name}").__file__).read_text(encoding="utf-8")
        if module.name != "theme":
            assert "plot_bgcolor" not in text
            assert "gridcolor" not in text


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_the_number_on_a_heat_map_can_be_read_at_every_shade(name):
    (_, low), (_, high) = SHARE[name]
    for place in range(0, 101, 5):
        parts = [[int(end[start : start + 2], 16) for start in (1, 3, 5)] for end in (low, high)]
        cell = "#" + "".join(f"{round(a + (b - a) * place / 100):02x}" for a, b in zip(*parts, strict=True))
        assert contrast(cell, on_share(place / 100, name)) >= 4.5
