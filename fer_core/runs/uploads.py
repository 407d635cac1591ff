"""Histories from the files that a visitor gives, read in memory: one bad file does not stop the others."""

from collections.abc import Sequence
from typing import NamedTuple

from fer_core.errors import RunError
from fer_core.runs import event_files, logs
from fer_core.runs.folders import UPLOADED, Run
from fer_core.runs.histories import History


class File(NamedTuple):
    """A file as it came."""

    name: str
    data: bytes


class Uploads(NamedTuple):
    """What was read, and a sentence for each file that was not."""

    runs: tuple[tuple[Run, History], ...]
    errors: tuple[str, ...]


def read(files: Sequence[File]) -> Uploads:
    """The runs of each file; TensorBoard's validation file joins the training file begun last before it."""
    found: list[tuple[Run, History]] = []
    errors: list[str] = []
    for number, together in enumerate(_together(files)):
        try:
            histories = _histories(together)
        except RunError as error:
            errors.append(str(error))
            continue
        name = together[0].name
        for place, history in enumerate(histories):
            title = f"{name}: {history.title}" if history.title else name
            key = f"upload/{number}/{place}/{name}"
            found.append((Run(key, title, UPLOADED, source="uploaded for this visit"), history))
    return Uploads(tuple(found), tuple(errors))


def _histories(together: Sequence[File]) -> Sequence[History]:
    first = together[0]
    if len(together) == 1:
        return logs.parse_all(*first)
    return [logs.from_events(first.name, [file.data for file in together])]


def _together(files: Sequence[File]) -> list[list[File]]:
    """Files by the run they belong to."""
    validations = [file for file in files if _is_validation(file)]
    groups = [[file] for file in files if file not in validations]
    for file in validations:
        begun = event_files.started(file.data)
        earlier = [group for group in groups if len(group) == 1 and _begun(group[0]) <= begun]
        if earlier:
            max(earlier, key=lambda group: _begun(group[0])).append(file)
        else:
            groups.append([file])
    return groups


def _is_validation(file: File) -> bool:
    try:
        logs.refuse(file.name, file.data)
        return event_files.recognised(file.data) and event_files.is_validation(file.name, file.data)
    except RunError:
        return False


def _begun(file: File) -> float:
    """When an event file was opened; never, for other files."""
    try:
        logs.refuse(file.name, file.data)
        return event_files.started(file.data) if event_files.recognised(file.data) else float("inf")
    except RunError:
        return float("inf")
