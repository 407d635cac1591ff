import pytest

from fer_core.figures.bars import bars, bars_in_words
from fer_core.figures.palette import COLOURS
from fer_core.labels import EIGHT, SEVEN

SHARES = dict(zip(SEVEN, (0.05, 0.0, 0.001, 0.6, 0.2, 0.1, 0.049), strict=True))
LIGHT, DARK = "#ffffff", "#10151c"


def luminance(colour):
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_one_bar_per_expression_in_the_order_given():
    (trace,) = bars([("House", SHARES)]).data
    assert list(trace.y) == list(SEVEN)
    assert list(trace.x) == list(SHARES.values())
    assert list(trace.text) == ["5 %", "0 %", "< 1 %", "60 %", "20 %", "10 %", "5 %"]
    assert list(trace.marker.color) == [COLOURS[label] for label in SEVEN]


def test_several_models_share_one_figure_and_each_bar_names_its_model():
    first, second = bars([("House", SHARES), ("Other", {"contempt": 0.4, "happy": 0.6})]).data
    assert list(first.y) == list(second.y) == [*SEVEN, "contempt"]
    assert list(second.x) == [0, 0, 0, 0.6, 0, 0, 0, 0.4]
    assert second.text[3] == "60 %  Other"
    assert first.marker.opacity > second.marker.opacity >= 0.4


def test_words_say_what_the_bars_show():
    words = bars_in_words([("House", {"sad": 0.25, "happy": 0.75})])
    assert words.endswith("House: happy 75 %, sad 25 %.")


def test_every_expression_has_a_colour_of_its_own():
    assert set(COLOURS) == set(EIGHT)
    assert len(set(COLOURS.values())) == len(EIGHT)


@pytest.mark.parametrize("background", [LIGHT, DARK])
@pytest.mark.parametrize("label", EIGHT)
def test_bars_are_seen_on_both_themes(label, background):
    assert contrast(COLOURS[label], background) >= 3
