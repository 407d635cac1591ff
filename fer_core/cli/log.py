"""`fer log`: training logs, epoch by epoch."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from fer_core import text
from fer_core.cli.output import FAILED, Answer, answering
from fer_core.errors import RunError
from fer_core.photos.files import expanded

if TYPE_CHECKING:
    from fer_core.runs.histories import History

app = typer.Typer()


@app.command(rich_help_panel="Data")
@answering
def log(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Training logs, or folders of runs.")],
    format: Annotated[Literal["table", "json", "csv"], typer.Option(help="How the answer is written.")] = "table",
) -> Answer:
    """Read training logs: who wrote them, how many epochs they have, and which one was best.

    The table has one line per training, and below it what was taken for what. JSON has the same and all epochs; CSV has
    one row per epoch.

    Examples:
      fer log history.csv

      fer log runs/house/history.csv events.out.tfevents.1 --format csv
    """
    found = [record for path in expanded(files) for record in _records(path)]
    code = FAILED if any(record["error"] for record in found) else 0
    if format == "json":
        return Answer(text.to_json(found), code)
    if format == "csv":
        rows = [{"log": one["path"], "run": one["run"]} | row for one in found for row in one["epochs"]]
        return Answer(text.to_csv(rows), code)
    lines = [(one["path"], one["run"], str(len(one["epochs"])), *_best(one)) for one in found]
    table = text.text_table(("log", "run", "epochs", "judged by", "best", "at epoch"), lines)
    return Answer("\n".join([table, *_told(found)]), code)


def _records(path: Path) -> list[dict[str, Any]]:
    """One for each training in a file, or one with the sentence that says why there is none."""
    from fer_core.runs import folders, logs

    try:
        histories = (folders.read(folders.at(path)),) if path.is_dir() else logs.read_all(path)
    except RunError as error:
        empty: dict[str, Any] = {"dialect": "", "told": "", "columns": {}, "best": None, "notes": [], "epochs": []}
        return [{"path": str(path), "run": "", "error": str(error)} | empty]
    return [_record(path, history) for history in histories]


def _record(path: Path, history: "History") -> dict[str, Any]:
    from fer_core.runs import curves, tables
    from fer_core.runs.folders import UPLOADED, Run

    rows = tables.epochs([(Run(str(path), path.name, UPLOADED), history)])
    column = curves.monitor(history, "val_accuracy")
    best = curves.best(history, column)
    return {
        "path": str(path),
        "run": history.title,
        "error": None,
        "dialect": history.dialect,
        "told": history.told,
        "columns": {name: history.origins.get(name, name) for name in history.columns},
        "best": {"column": column, "value": float(best.value), "epoch": float(best.epoch)},
        "notes": list(history.notes),
        "epochs": [{name: value for name, value in row.items() if name != "run"} for row in rows],
    }


def _told(found: list[dict[str, Any]]) -> list[str]:
    """What was assumed, and why a file could not be read."""
    lines = [""]
    for one in found:
        name = f"{one['path']}{', ' if one['run'] else ''}{one['run']}"
        lines += [text.printable(f"{name}: {sentence}") for sentence in (one["error"] or one["told"], *one["notes"])]
    return lines


def _best(record: dict[str, Any]) -> tuple[str, str, str]:
    if record["best"] is None:
        return "cannot be read", "", ""
    return record["best"]["column"], f"{record['best']['value']:.4f}", f"{record['best']['epoch']:g}"
