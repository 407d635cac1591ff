"""The command `fer`, started as python -m fer_core."""

from fer_core.cli.main import run

run()
