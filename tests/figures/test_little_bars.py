"""Small bars: what they say, and that no text of a file can break out of them."""

from xml.etree import ElementTree

from fer_core.figures import little_bars
from fer_core.figures.palette import COLOURS

SVG = "{http://www.w3.org/2000/svg}"


def drawn(svg):
    root = ElementTree.fromstring(svg)
    widths = [float(bar.get("width")) for bar in root.iter(f"{SVG}rect")]
    return [text.text for text in root.iter(f"{SVG}text")], widths, [bar.get("fill") for bar in root.iter(f"{SVG}rect")]


def test_votes_stand_most_first_and_only_those_given():
    words, widths, fills = drawn(little_bars.votes([1, 0, 0, 6, 0, 0, 0, 0, 2, 1]))
    assert words == ["sad", "6", "unknown", "2", "neutral", "1", "not a face", "1"]
    assert widths == sorted(widths, reverse=True)
    assert fills[0] == COLOURS["sad"]


def test_shares_are_of_the_whole_dataset_and_the_largest_class_is_the_longest_bar():
    words, widths, _ = drawn(little_bars.shares({"happy": 30, "fear": 10}))
    assert words == ["happy", "75%", "fear", "25%"]
    assert round(widths[0] / widths[1], 2) == 3


def test_a_word_cannot_be_markup():
    words, _, _ = drawn(little_bars.bars([("<script>", 0.5, "&")]))
    assert words == ["<script>", "&"]
