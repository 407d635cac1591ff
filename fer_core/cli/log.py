"""`fer log`: training logs, epoch by epoch."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from fer_core import text
from fer_core.cli.output import FAILED, Answer, answering
from fer_core.errors import RunError
from fer_core.photos.files import expanded

app = typer.Typer()


@app.command(rich_help_panel="Data")
@answering
def log(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Training logs.")],
    format: Annotated[Literal["table", "json", "csv"], typer.Option(help="How the answer is written.")] = "table",
) -> Answer:
    """Read training logs: how many epochs, and which one was best.

    The table has one line per log; JSON and CSV have one row per epoch.

    Examples:
      fer log history.csv

      fer log runs/house/history.csv events.out.tfevents.1 --format csv
    """
    found = [_record(path) for path in expanded(files)]
    code = FAILED if any(record["error"] for record in found) else 0
    if format == "json":
        return Answer(text.to_json(found), code)
    if format == "csv":
        return Answer(text.to_csv([{"log": one["path"]} | row for one in found for row in one["epochs"]]), code)
    lines = [(one["path"], str(len(one["epochs"])), *_best(one)) for one in found]
    return Answer(text.text_table(("log", "epochs", "judged by", "best", "at epoch"), lines), code)


def _record(path: Path) -> dict[str, Any]:
    from fer_core.runs import curves, logs, tables
    from fer_core.runs.folders import UPLOADED, Run

    try:
        history = logs.read(path)
    except RunError as error:
        return {"path": str(path), "error": str(error), "best": None, "notes": [], "epochs": []}
    rows = tables.epochs([(Run(str(path), path.name, UPLOADED), history)])
    column = curves.monitor(history, "val_accuracy")
    best = curves.best(history, column)
    return {
        "path": str(path),
        "error": None,
        "best": {"column": column, "value": float(best.value), "epoch": float(best.epoch)},
        "notes": list(history.notes),
        "epochs": [{name: value for name, value in row.items() if name != "run"} for row in rows],
    }


def _best(record: dict[str, Any]) -> tuple[str, str, str]:
    if record["best"] is None:
        return record["error"], "", ""
    return record["best"]["column"], f"{record['best']['value']:.4f}", f"{record['best']['epoch']:g}"
