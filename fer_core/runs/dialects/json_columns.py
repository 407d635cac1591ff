"""JSON with one list per measure or one object per epoch: Keras' History, and what pandas writes.

    {"loss": [1.8, 1.5], "val_loss": [1.7, 1.5]}                  History.history
    {"history": {...}, "epoch": [0, 1], "params": {...}}          the whole History object
    [{"epoch": 0, "loss": 1.8}, ...]                              pandas, orient="records"; also one object per line
    {"loss": {"0": 1.8, "1": 1.5}}                                pandas, orient="columns"
    {"0": {"loss": 1.8}, "1": {"loss": 1.5}}                      pandas, orient="index"
    {"columns": ["loss"], "index": [0], "data": [[1.8]]}          pandas, orient="split"
    {"schema": {...}, "data": [{"index": 0, "loss": 1.8}]}        pandas, orient="table"
    {"train": {"loss": [1.8, 1.5]}, "val": {"loss": [1.7, 1.5]}}  a loop with a dictionary for each split

Validation every second epoch (`validation_freq=2`) gives lists of half the length.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fer_core.errors import RunError
from fer_core.runs.dialects.source import MOST_CELLS, MOST_ROWS, Source, epoch_column, order_column
from fer_core.runs.histories import EXPECTED, MAX_COLUMNS, Floats, Logged, cells
from fer_core.tables import numbers

NAME = "JSON of a History or a table"
Columns = dict[str, list[Any]]


def recognises(source: Source) -> bool:
    return isinstance(source.json, (dict, list)) or bool(source.json_lines)


def read(source: Source) -> list[Logged]:
    """RunError when it holds no lists of numbers, or lists that do not fit together."""
    content = source.json if source.json is not None else source.json_lines
    return [of_columns(source.name, columns_of(source.name, content))]


def of_columns(name: str, columns: Columns, notes: tuple[str, ...] = ()) -> Logged:
    """Lists by name as a training.

    Raises:
        RunError: there is none, or their lengths do not fit together.
    """
    lists = {key: values for key, values in columns.items() if values}
    if not lists:
        raise RunError(f"{name} has no epoch in it; {EXPECTED}.")
    if len(lists) > MAX_COLUMNS * 5 or max(map(len, lists.values())) > MOST_ROWS:
        raise RunError(f"{name} has far more values than a history; {EXPECTED}. Log once per epoch.")
    told = list(notes)
    spread = _same_length(name, lists, told)
    heading = epoch_column(list(spread)) or order_column(list(spread))
    count = len(next(iter(spread.values())))
    epochs = _numbers(spread.pop(heading)) if heading is not None else np.arange(count, dtype=np.float64)
    if np.isinf(epochs).any():
        raise RunError(f"'{heading}' in {name} has values that are no numbers; whole epochs are expected.")
    return Logged(epochs, {key: _numbers(values) for key, values in spread.items()}, notes=tuple(told))


def columns_of(name: str, content: Any) -> Columns:  # noqa: ANN401 - whatever the file holds
    """Lists by name from any of the shapes; empty when it is none of them. RunError when they are far too large."""
    if isinstance(content, list):
        return _of_rows(name, content)
    if not isinstance(content, dict):
        return {}
    inner = content.get("history")
    if isinstance(inner, (dict, list)):
        return _epochs_of_history(content) | columns_of(name, inner)
    if isinstance(content.get("data"), list):
        return _of_split(name, content)
    rows = [value for value in content.values() if _is_rows(value)]
    if len(rows) == 1 and not any(isinstance(value, list) and not _is_rows(value) for value in content.values()):
        return _of_rows(name, rows[0])
    if content and all(isinstance(value, dict) for value in content.values()) and _numbered(content):
        return _of_index(name, content)
    return {key: values for part in content.items() for key, values in _of_part(name, *part).items()}


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _of_part(name: str, key: object, value: Any) -> Columns:  # noqa: ANN401
    """A list, a column as pandas writes it, or what a loop keeps for one split."""
    if _is_rows(value):
        return {f"{key}/{inner}": values for inner, values in _of_rows(name, value).items()}
    if isinstance(value, list):
        return {str(key): value}
    if not isinstance(value, dict):
        return {}
    lists = {f"{key}/{inner}": values for inner, values in value.items() if isinstance(values, list)}
    return lists or {str(key): list(value.values())}


def _numbered(content: Mapping[str, Any]) -> bool:
    """Whether the keys are epochs: '0', 'epoch_3'."""
    return all(numbers.counted(str(key)) is not None for key in content)


def _epochs_of_history(content: Mapping[str, Any]) -> Columns:
    return {"epoch": content["epoch"]} if isinstance(content.get("epoch"), list) else {}


def _of_rows(name: str, rows: Sequence[Any]) -> Columns:
    if not rows or not all(isinstance(row, dict) for row in rows):
        return {}
    keys = list(dict.fromkeys(str(key) for row in rows[:MOST_ROWS] for key in row))
    if len(rows) > MOST_ROWS or len(rows) * len(keys) > MOST_CELLS:
        raise RunError(
            f"{name} has {len(rows):,} rows with {len(keys):,} names, far more than a history; {EXPECTED}. "
            "Log once per epoch."
        )
    return {key: [row.get(key) for row in rows] for key in keys}


def _of_split(name: str, content: Mapping[str, Any]) -> Columns:
    """Pandas' orientations 'split' and 'table'."""
    columns, data = content.get("columns"), content["data"]
    if not isinstance(columns, list):
        return _of_rows(name, data)
    rows = [row for row in data if isinstance(row, list) and len(row) == len(columns)]
    return _of_rows(name, [dict(zip(map(str, columns), row, strict=True)) for row in rows])


def _of_index(name: str, content: Mapping[str, Mapping[str, Any]]) -> Columns:
    """A row under each epoch: pandas' orientation 'index'."""
    columns = _of_rows(name, [dict(row) for row in content.values()])
    return (
        columns if epoch_column(list(columns)) else {"epoch": [numbers.counted(str(key)) for key in content]} | columns
    )


def _same_length(name: str, lists: Columns, notes: list[str]) -> Columns:
    """All lists with a value for each epoch; shorter ones are spread by the validation frequency that they tell."""
    longest = max(map(len, lists.values()))
    spread: Columns = {}
    frequencies: dict[int, list[str]] = {}
    for key, values in lists.items():
        every = 1 if len(values) == longest else _frequency(longest, len(values))
        if every is None:
            raise RunError(_lengths(name, lists))
        if every > 1:
            frequencies.setdefault(every, []).append(key)
        spread[key] = _spread(values, longest, every)
    for every, keys in frequencies.items():
        count = len(lists[keys[0]])
        shown = ", ".join(str(every * number) for number in range(1, min(count, 8) + 1))
        notes.append(
            f"{', '.join(keys[:6])}: {count} values for {longest} epochs, taken as validation_freq={every}, at the "
            f"epochs {shown}{', ...' if count > 8 else ''} when they are counted from 1."
        )
    return spread


def _frequency(epochs: int, values: int) -> int | None:
    """Every how many epochs gives so many values, or None when no number does."""
    every = epochs // values
    return every if every > 1 and epochs // every == values else None


def _spread(values: list[Any], epochs: int, every: int) -> list[Any]:
    if every == 1:
        return values
    wide: list[Any] = [None] * epochs
    for number, value in enumerate(values, start=1):
        wide[every * number - 1] = value
    return wide


def _lengths(name: str, lists: Columns) -> str:
    told = ", ".join(f"{key} {len(values)}" for key, values in list(lists.items())[:6])
    return (
        f"The lists in {name} differ in length ({told}); one value per epoch is expected in each. Where validation did "
        "not run in each epoch (validation_freq), write null for the others."
    )


def _numbers(values: Sequence[Any]) -> Floats:
    return cells([_number(value) for value in values])


def _number(value: Any) -> float | None:  # noqa: ANN401
    if value is None:
        return np.nan
    if isinstance(value, str):
        return numbers.number(value)
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None
