"""JSON lines of MMEngine (vis_data/scalars.json) and of its forerunner MMCV (*.log.json).

    {"lr": 0.01, "loss": 1.8, "epoch": 1, "iter": 50, "step": 50}      training, every so many iterations
    {"accuracy/top1": 33.0, "step": 1}                                 validation: the step is the epoch
    {"mode": "val", "epoch": 1, "accuracy_top-1": 33.0}                MMCV says which

Accuracies are percent.
"""

from typing import Any

from fer_core.runs.dialects import json_columns
from fer_core.runs.dialects.source import Source
from fer_core.runs.histories import Logged

NAME = "JSON lines of MMEngine"
TRAINING = ("loss", "lr", "base_lr")
NO_MEASURES = frozenset(("mode", "iter", "step", "epoch", "time", "data_time", "memory", "base_lr", "momentum"))


def recognises(source: Source) -> bool:
    rows = (source.json_lines or [])[:200]
    modes = any(row.get("mode") in ("train", "val") for row in rows)
    return modes or (
        any("step" in row and "loss" in row and "epoch" in row for row in rows)
        and any(_is_validation(row) for row in source.json_lines or [])
    )


def read(source: Source) -> list[Logged]:
    """The last line of an epoch counts; measures are named by the split that their line belongs to."""
    rows = [_row(row) for row in source.json_lines or () if not {"env_info", "config"} & set(row)]
    logged = json_columns.of_columns(source.name, json_columns.columns_of(source.name, rows))
    return [
        Logged(
            logged.epochs,
            logged.columns,
            percent=frozenset(name for name in logged.columns if "accuracy" in name or "top" in name),
            notes=logged.notes,
        )
    ]


def _is_validation(row: dict[str, Any]) -> bool:
    if "mode" in row:
        return bool(row["mode"] == "val")
    return not any(name in row for name in TRAINING) and any("/" in name or "acc" in name for name in row)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    side = "val" if _is_validation(row) else "train"
    epoch = row.get("epoch", row.get("step"))
    kept = {_heading(name, side): value for name, value in row.items() if name not in NO_MEASURES}
    return {"epoch": epoch} | kept


def _heading(name: str, side: str) -> str:
    return name if name == "lr" else f"{side}/{name.replace('top-', 'top')}"
