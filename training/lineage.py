"""What a run began with: the runs before it, and their epochs."""

from dataclasses import dataclass, field
from pathlib import Path

from fer_core.errors import RunError
from training.serving import read_config


@dataclass(frozen=True)
class Past:
    """The runs before one, the first one first, and the lines of their histories without heading and epoch."""

    runs: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def is_released(folder: Path) -> bool:
    """A folder as in `models/NAME` and no run."""
    return (folder / "model.keras").is_file()


def run_name(folder: Path) -> str:
    """The name of a run; of a released network that of the run that was released."""
    return str(read_config(folder)["recipe"]["name"]) if is_released(folder) else folder.name


def before(run: Path) -> Past:
    """What a run began with, back to random or pretrained weights.

    A run that began with `models/NAME` and was released to that very folder finds itself there; then the past is that
    of the folder's card, so that a release can be repeated.

    Raises:
        RunError: one of them is no run, or has other columns in its history.
    """
    recipe = read_config(run)["recipe"]
    if not (start := recipe["training"].get("start_from")):
        return Past()
    folder = Path(start)
    heading, lines = history(folder)
    own = history(run)[0]
    if not set(heading.split(",")) <= set(own.split(",")):
        raise RunError(f"The histories of {folder} and {run} have different columns: {heading}; {own}.")
    if is_released(folder) and (config := read_config(folder))["recipe"] == recipe:
        return Past(config.get("began_with", []), lines[: config.get("epochs_before", 0)])
    past = up_to(folder)
    return Past(past.runs, laid_out(past.lines, heading, own))


def laid_out(lines: list[str], heading: str, wanted: str) -> list[str]:
    """Lines of a history under a heading with more columns, which are empty in them; none has its epoch."""
    columns, given = wanted.split(",")[1:], heading.split(",")[1:]
    rows = [dict(zip(given, line.split(","), strict=True)) for line in lines]
    return [",".join(row.get(column, "") for column in columns) for row in rows]


def up_to(folder: Path) -> Past:
    """A run or released network after what it began with."""
    lines = history(folder)[1]
    if is_released(folder):
        return Past([*read_config(folder).get("began_with", []), run_name(folder)], lines)
    past = before(folder)
    return Past([*past.runs, folder.name], [*past.lines, *lines])


def history(folder: Path) -> tuple[str, list[str]]:
    """Heading and lines of a history, the lines without their epoch.

    Raises:
        RunError: it is missing or damaged.
    """
    path = folder / "history.csv"
    try:
        heading, *lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        heading, lines = "", []
    if not heading.startswith("epoch,") or any(line.count(",") != heading.count(",") for line in lines):
        raise RunError(
            f"{path} is missing or damaged. Run the same fer train again: it writes the history anew from its saved "
            "state. For a released network put the file back from a copy."
        )
    return heading, [line.split(",", 1)[1] for line in lines]
