import pytest

from fer_core.figures import bars
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


def test_a_bar_an_expression_in_the_order_given():
    (drawn,) = bars.bars(SHARES).data
    assert list(drawn.y) == list(SEVEN)
    assert list(drawn.x) == list(SHARES.values())
    assert list(drawn.text) == ["5 %", "0 %", "< 1 %", "60 %", "20 %", "10 %", "5 %"]
    assert list(drawn.marker.color) == [bars.COLOURS[label] for label in SEVEN]


def test_words_say_what_the_bars_show():
    assert bars.bars_in_words({"sad": 0.25, "happy": 0.75}).endswith(": happy 75 %, sad 25 %")


def test_every_expression_has_a_colour_of_its_own():
    assert set(bars.COLOURS) == set(EIGHT)
    assert len(set(bars.COLOURS.values())) == len(EIGHT)


@pytest.mark.parametrize("background", [LIGHT, DARK])
@pytest.mark.parametrize("label", EIGHT)
def test_bars_are_seen_on_both_themes(label, background):
    assert contrast(bars.COLOURS[label], background) >= 3
