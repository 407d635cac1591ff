"""Text from outside made safe for Markdown."""

import re

from fer_core.text import printable

LONGEST_NAME = 60


def code(text: str) -> str:
    """A name as a code span: nothing inside it is a link, a picture, a formula, a colour or an emoji."""
    shown = printable(text)
    if len(shown) > LONGEST_NAME:
        shown = f"{shown[: LONGEST_NAME - 15]}…{shown[-14:]}"
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    space = " " if len(fence) > 1 or not shown.strip() else ""
    return f"{fence}{space}{shown}{space}{fence}"


def plain(text: str) -> str:
    """A sentence in which no character is markup; code between backticks in our own sentences stays code."""
    return "".join(
        part if part.startswith("`") else re.sub(r"([\\*_{}\[\]()#+<>|~$:!&])", r"\\\1", part)
        for part in re.split(r"(`[^`]+`)", printable(text))
    )
