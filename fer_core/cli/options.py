"""Checks of options that several commands share. Typer calls them; each gives the value back."""

import math
from typing import Literal

import typer

TableOrJson = Literal["table", "json"]


def share(value: float) -> float:
    """A number from 0 to 1."""
    if math.isnan(value) or not 0 <= value <= 1:
        raise typer.BadParameter(f"came {value:g}; expected a number from 0 to 1")
    return value


def count(value: int | None) -> int | None:
    """A whole number from 1 on, or nothing."""
    if value is not None and value < 1:
        raise typer.BadParameter(f"came {value}; expected a whole number from 1 on")
    return value
