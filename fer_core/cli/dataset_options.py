"""Options that the commands about datasets share."""

from typing import Annotated

import typer

from fer_core.datasets import KINDS


def known_kind(kind: str | None) -> str | None:
    """One of the kinds of datasets that can be read, or nothing."""
    if kind is not None and kind not in KINDS:
        raise typer.BadParameter(f"came '{kind}'; expected one of {', '.join(KINDS)}")
    return kind


Place = Annotated[str, typer.Argument(metavar="PATH", help="A dataset's file, folder or zip.")]
Kind = Annotated[
    str | None,
    typer.Option(
        metavar="KIND",
        help=f"Where the files do not tell: {', '.join(KINDS)} (FER+ labels: ferplus).",
        callback=known_kind,
        autocompletion=lambda: list(KINDS),
    ),
]
