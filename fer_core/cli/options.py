"""Checks of options that several commands share. Typer calls them; each gives the value back."""

import math
from typing import Annotated, Literal

import typer

TableOrJson = Literal["table", "json"]


def share(value: float | None) -> float | None:
    """A number from 0 to 1, or nothing."""
    if value is not None and (math.isnan(value) or not 0 <= value <= 1):
        raise typer.BadParameter(f"came {value:g}; expected a number from 0 to 1")
    return value


def count(value: int | None) -> int | None:
    """A whole number from 1 on, or nothing."""
    if value is not None and value < 1:
        raise typer.BadParameter(f"came {value}; expected a whole number from 1 on")
    return value


MinScore = Annotated[
    float, typer.Option(metavar="S", help="Drop faces found with a lower score, 0 to 1.", callback=share)
]
Detector = Annotated[
    Literal["yunet", "haar"] | None, typer.Option(help="Default: yunet, when its file is there (fer setup).")
]

RayWorkers = Annotated[
    int | None, typer.Option(metavar="N", help="Ray workers. Default: one per core.", callback=count)
]
