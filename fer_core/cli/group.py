"""A command that has commands below it."""

import contextlib
import sys

import typer
from typer.core import TyperGroup

from fer_core.cli.output import FAILED


class Group(TyperGroup):
    """Without a command it shows its help, as any mistake in the arguments: on stderr, with exit code 2."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        if not args and not ctx.resilient_parsing:
            with contextlib.redirect_stdout(sys.stderr):
                print(ctx.get_help())
            raise typer.Exit(FAILED)
        return super().parse_args(ctx, args)
