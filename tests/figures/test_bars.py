from fer_core.figures import bars
from fer_core.figures.palette import COLOURS
from fer_core.labels import SEVEN

SHARES = dict(zip(SEVEN, (0.05, 0.0, 0.001, 0.6, 0.2, 0.1, 0.049), strict=True))


def test_a_bar_an_expression_in_the_order_given():
    (drawn,) = bars.bars(SHARES).data
    assert list(drawn.y) == list(SEVEN)
    assert list(drawn.x) == list(SHARES.values())
    assert list(drawn.text) == ["5 %", "0 %", "< 1 %", "60 %", "20 %", "10 %", "5 %"]
    assert list(drawn.marker.color) == [COLOURS[label] for label in SEVEN]


def test_words_say_what_the_bars_show():
    assert bars.bars_in_words({"sad": 0.25, "happy": 0.75}).endswith(": happy 75 %, sad 25 %")
