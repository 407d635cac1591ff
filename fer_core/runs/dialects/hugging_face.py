"""trainer_state.json of Hugging Face's Trainer: loss every so many steps, evaluation once per epoch.

    {"log_history": [{"epoch": 1.0, "loss": 1.8, "step": 50}, {"epoch": 1.0, "eval_loss": 1.7, "eval_accuracy": 0.33}]}

Epochs are broken numbers within an epoch: 0.5 belongs to the first. The last row sums up the whole training.
"""

import math
from typing import Any

from fer_core.errors import RunError
from fer_core.runs.dialects import json_columns
from fer_core.runs.dialects.source import Source
from fer_core.runs.histories import EXPECTED, Logged

NAME = "trainer_state.json of Hugging Face's Trainer"
SUMMARY = "train_runtime"
NO_MEASURES = ("step", "total_flos", "_runtime", "_samples_per_second", "_steps_per_second")


def recognises(source: Source) -> bool:
    if isinstance(source.json, list):
        return any(isinstance(row, dict) and "eval_loss" in row and "epoch" in row for row in source.json[:50])
    return isinstance(source.json, dict) and isinstance(source.json.get("log_history"), list)


def read(source: Source) -> list[Logged]:
    """The last value within an epoch counts."""
    logs = source.json if isinstance(source.json, list) else source.json["log_history"]
    rows = [_row(row) for row in logs if isinstance(row, dict) and SUMMARY not in row]
    rows = [row for row in rows if row.get("epoch") is not None]
    if not rows:
        raise RunError(f"{source.name} has no rows with an epoch in its log_history; {EXPECTED}.")
    return [json_columns.of_columns(source.name, json_columns.columns_of(source.name, rows))]


def whole(epoch: float) -> float:
    """The epoch that a broken number lies in: 0.2 and 1.0 in the first."""
    return float(math.ceil(round(epoch, 6)))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    epoch = row.get("epoch")
    kept = {key: value for key, value in row.items() if not key.endswith(NO_MEASURES)}
    return kept | {"epoch": whole(epoch) if isinstance(epoch, (int, float)) and math.isfinite(epoch) else None}
