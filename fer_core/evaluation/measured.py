"""What was measured of the networks that are here, and how it looks across data sets and classes."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fer_core import protocols, settings
from fer_core.datasets.adapters import ADAPTERS, class_folders
from fer_core.errors import FerError
from fer_core.labels import EIGHT
from fer_core.predictors import networks

Cells = dict[str, dict[str, float | None]]
"""Shares by row and column; None where nothing was measured."""

EVALUATIONS = "evaluations"
"""Folder inside runs/ for what `fer evaluate --format json` printed."""

FIRST = ("fer2013", "ferplus")
DATA = MappingProxyType(
    {
        adapter.kind: adapter.title
        for adapter in sorted(ADAPTERS, key=lambda one: one.kind not in FIRST)
        if adapter.kind != class_folders.KIND
    }
)
"""Titles of the datasets by kind, FER2013 and FER+ first."""


@dataclass(frozen=True)
class Measured:
    """An evaluation of a network that is here.

    Attributes:
        model: name of the predictor.
        data: data set by its short name.
        split: as it was asked for.
        subset: what was left out, or ''.
        tta: name of the test-time augmentation, or ''.
        images: how many.
        accuracy: 0 to 1.
        interval: 95 %, or None.
        recall: by class; None where there was no image.
        chosen: whether the split also chose the model.
        labels: whose labels, and what was left out.
        source: who measured, where that is not the network's own folder.
    """

    model: str
    data: str
    split: str
    subset: str
    tta: str
    images: int
    accuracy: float
    interval: tuple[float, float] | None
    recall: Mapping[str, float | None]
    chosen: bool
    labels: str = ""
    source: str = ""


def measured(*, local: bool) -> tuple[Measured, ...]:
    """What was measured of the networks here: their metrics.json, and kept evaluations."""
    found = [row for folder in networks.folders() for row in _of_model(folder)]
    baselines = _of_disk(settings.FACTS / EVALUATIONS)
    return (*found, *baselines, *(_of_disk(settings.runs_folder() / EVALUATIONS) if local else ()))


def across(rows: Sequence[Measured]) -> Cells:
    """Accuracy by model and data set, without test-time augmentation, all images, on the split that is reported on."""
    models = dict.fromkeys(row.model for row in rows)
    return {model: {name: _headline(rows, model, name) for name in DATA.values()} for model in models}


def recalls(rows: Sequence[Measured]) -> Cells:
    """Recall by model and data set of each class, of the same evaluations."""
    cells: Cells = {}
    for model in dict.fromkeys(row.model for row in rows):
        for name in DATA.values():
            row = _reported(rows, model, name)
            if row is not None:
                cells[f"{model}, {name}"] = {label: row.recall.get(label) for label in EIGHT}
    return cells


def _headline(rows: Sequence[Measured], model: str, data: str) -> float | None:
    row = _reported(rows, model, data)
    return None if row is None else row.accuracy


def _reported(rows: Sequence[Measured], model: str, data: str) -> Measured | None:
    plain = {row.split: row for row in rows if (row.model, row.data, row.subset, row.tta) == (model, data, "", "")}
    return next((plain[split] for split in protocols.REPORT if split in plain), None)


def _of_model(folder: Path) -> list[Measured]:
    try:
        metrics = networks.read_json(folder / "metrics.json")
        rows = [row for row in metrics.get("evaluations") or [] if isinstance(row, dict)]
        chosen = protocols.of(metrics).chosen
        return [_measured(row | {"model": folder.name}, chosen) for row in rows]
    except (FerError, KeyError, TypeError, ValueError):
        return []


def _of_disk(folder: Path) -> Iterator[Measured]:
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            yield _measured(content)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue


def _measured(row: Mapping[str, Any], chosen: Sequence[str] = ()) -> Measured:
    interval = (row.get("intervals") or {}).get("accuracy")
    tta = row.get("tta")
    return Measured(
        model=str(row["model"]),
        data=data_name(str(row["data"]), str(row.get("labels", ""))),
        split=str(row["split"]),
        subset=str(row.get("subset") or ""),
        tta="" if tta in networks.NO_TTA else str(tta),
        images=int(row["n"]),
        accuracy=float(row["accuracy"]),
        interval=(float(interval[0]), float(interval[1])) if interval else None,
        recall=dict(row.get("recall") or {}),
        chosen=row["split"] in chosen or bool(row.get("chosen")),
        labels=str(row.get("labels", "")),
        source=str(row.get("source", "")),
    )


def data_name(data: str, labels: str) -> str:
    """Short name of the data set behind an evaluation: its labels, or what its path is called."""
    if labels == "ferplus":
        return DATA["ferplus"]
    plain = re.sub(r"[^a-z0-9]", "", data.lower())
    return next((name for key, name in DATA.items() if key.replace("_", "") in plain), Path(data).name or data)
