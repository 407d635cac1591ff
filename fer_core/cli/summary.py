"""`fer summary`: what a batch found."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fer_core import text
from fer_core.cli.options import TableOrJson, count
from fer_core.cli.output import Answer, answering
from fer_core.text import percent_to_a_tenth, text_table

if TYPE_CHECKING:
    from fer_core.batch.summary import Summary, Table

app = typer.Typer()


@app.command(rich_help_panel="Photos")
@answering
def summary(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder of a batch, or its address.")],
    limit: Annotated[
        int, typer.Option(metavar="N", help="Most folders, slow photos and failures to list.", callback=count)
    ] = 10,
    format: Annotated[TableOrJson, typer.Option(help="How the answer is written.")] = "table",
) -> Answer:
    """Sum up what `fer batch` found: shares by expression, folder and month, slow photos and failures.

    It also works while the batch is running: it counts the parts that are written.

    Examples:
      fer summary results

      fer summary s3://bucket/results --format json
    """
    from fer_core.batch.summary import Results

    found = Results(folder).summary(limit)
    return Answer(text.to_json(_plain(found.to_json())) if format == "json" else _table(found))


def _table(found: "Summary") -> str:
    counts = found.counts
    lines = [
        ("photos", f"{counts.photos:,}" + ("" if found.done else " so far: the batch is not finished")),
        ("faces", f"{counts.faces:,}"),
        ("photos without a face", f"{counts.without_face:,}"),
        ("photos that could not be read", f"{counts.failed:,}"),
    ]
    shares = ("faces", "share", "unsure", "confidence")
    groups = ("faces", "most", "share", "unsure")
    tables = [
        text_table(("", ""), lines),
        _of(("model", "label", *shares), found.shares),
        _of(("model", "group", *groups), found.folders, folder="folder"),
        _of(("model", "group", *groups), found.months, folder="month"),
        _of(("photo", "milliseconds", "width", "height", "faces"), found.slowest),
        _of(("photo", "error"), found.failed),
    ]
    return "\n\n".join(table for table in tables if table)


def _of(names: tuple[str, ...], rows: "Table", folder: str = "") -> str:
    """Rows as text under headings; nothing where there is none."""
    heading = [folder if name == "group" and folder else name for name in names]
    return text_table(heading, [[_cell(name, row[name]) for name in names] for row in rows]) if rows else ""


def _cell(name: str, value: object) -> str:
    if name in ("share", "unsure", "confidence") and isinstance(value, float):
        return percent_to_a_tenth(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}"
    return _when(value)


def _when(value: object) -> str:
    """A month as 2024-05; anything else as it is."""
    return f"{value:%Y-%m}" if hasattr(value, "strftime") else str(value)


def _plain(value: Any) -> Any:  # noqa: ANN401
    """What JSON can hold."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return _when(value) if hasattr(value, "strftime") else value
