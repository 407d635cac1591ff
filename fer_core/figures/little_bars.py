"""A few bars as SVG: light enough to stand below each of fifty pictures, where fifty Plotly figures are not."""

import html
from collections.abc import Iterable, Mapping, Sequence

from fer_core.figures.palette import COLOURS, OTHER
from fer_core.figures.theme import INK
from fer_core.labels import FERPLUS_VOTES

ROW = 15
LETTERS = 62
"""Pixels for the words on the left."""
NUMBERS = 34
"""And for the numbers behind the bars."""
FONT = "font-family='Arial, Helvetica, sans-serif' font-size='11'"
SPELLED = {"happiness": "happy", "sadness": "sad", "anger": "angry", "NF": "not a face"}
"""FER+'s words, as the pages call them."""

Bar = tuple[str, float, str]
"""Word, length from 0 to 1, and what is written behind it."""


def bars(rows: Sequence[Bar], theme: str = "light", width: int = 250) -> str:
    """An SVG picture: one row per bar, in the colour of its expression.

    Args:
        rows: in the order from top to bottom.
        theme: 'light' or 'dark', for the text.
        width: in pixels.
    """
    room, ink = width - LETTERS - NUMBERS, INK[theme]
    drawn = []
    for place, (word, length, written) in enumerate(rows):
        y, wide = place * ROW, max(1.0, room * min(1.0, max(0.0, length)))
        fill = COLOURS.get(word, OTHER)
        drawn += [
            f"<text x='{LETTERS - 5}' y='{y + 11}' text-anchor='end' fill='{ink}' {FONT}>{html.escape(word)}</text>",
            f"<rect x='{LETTERS}' y='{y + 2}' width='{wide:.1f}' height='{ROW - 4}' fill='{fill}'/>",
            f"<text x='{LETTERS + wide + 4:.1f}' y='{y + 11}' fill='{ink}' {FONT}>{html.escape(written)}</text>",
        ]
    height = ROW * max(1, len(rows))
    box = f"width='{width}' height='{height}' viewBox='0 0 {width} {height}'"
    return f"<svg xmlns='http://www.w3.org/2000/svg' {box}>{''.join(drawn)}</svg>"


def shares(counts: Mapping[str, int], theme: str = "light", width: int = 250) -> str:
    """How the images of one dataset are shared out among the expressions; the longest bar is the largest class."""
    total, most = max(1, sum(counts.values())), max(1, *counts.values())
    return bars([(label, n / most, f"{n / total:.0%}") for label, n in counts.items()], theme, width)


def votes(given: Iterable[int], theme: str = "light", width: int = 150) -> str:
    """What the annotators of one image said, most votes first.

    Args:
        given: counts in the order of labels.FERPLUS_VOTES.
        theme: 'light' or 'dark', for the text.
        width: in pixels.
    """
    said = sorted(zip(map(int, given), FERPLUS_VOTES, strict=True), key=lambda pair: -pair[0])
    total = max(1, sum(count for count, _ in said))
    return bars([(SPELLED.get(name, name), n / total, str(n)) for n, name in said if n], theme, width)
