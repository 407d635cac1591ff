"""`fer models`: the networks, and whether they can run."""

from dataclasses import asdict
from typing import Annotated

import typer

from fer_core import text
from fer_core.cli.options import TableOrJson
from fer_core.cli.output import Answer, answering
from fer_core.predictors import availability, info, names

app = typer.Typer()


@app.command(rich_help_panel="Photos")
@answering
def models(
    format: Annotated[TableOrJson, typer.Option(help="How the answer is written.")] = "table",
) -> Answer:
    """List the networks, and whether each can run on this computer.

    Examples:
      fer models

      fer models --format json
    """
    states = {name: (info(name), availability(name)) for name in names()}
    if format == "json":
        return Answer(text.to_json([asdict(about) | asdict(state) for about, state in states.values()]))
    heading = ("model", "runs now", "accuracy", "MB", "what it is")
    lines = [
        (
            name,
            "yes" if state.ready else "no",
            text.percent_to_a_tenth(about.accuracy),
            f"{about.megabytes or ''}",
            f"{about.title}: {about.about}" if about.about else about.title,
        )
        for name, (about, state) in states.items()
    ]
    reasons = [f"{name}: {text.printable(state.reason)}" for name, (_, state) in states.items() if not state.ready]
    return Answer("\n".join([text.text_table(heading, lines), *([""] if reasons else []), *reasons]))
