"""What was measured of the networks that are here, and how it looks across data sets and classes."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fer_core import protocols, settings
from fer_core.datasets.adapters import ADAPTERS
from fer_core.errors import FerError
from fer_core.labels import EIGHT
from fer_core.predictors import networks

Cells = dict[str, dict[str, float | None]]
"""Shares by row and column; None where nothing was measured."""

EVALUATIONS = "evaluations"
"""Folder inside runs/ for what `fer evaluate --format json` printed."""

WITHOUT_COPIES = "without copies"

FIRST = ("fer2013", "ferplus")
DATA = MappingProxyType(
    {
        adapter.kind: adapter.title
        for adapter in sorted(ADAPTERS, key=lambda one: one.kind not in FIRST)
        if adapter.compared
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
        confusion: counts, one row per label and one column per answer, in the order of `recall`; or empty.
        kept_copies: whether its training kept copies of test images, so that its figure to quote leaves these out.
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
    kept_copies: bool = False
    confusion: tuple[tuple[int, ...], ...] = ()


def measured(*, local: bool) -> tuple[Measured, ...]:
    """What was measured of the networks here: their metrics.json, and kept evaluations."""
    found = [row for folder in networks.folders() for row in _of_model(folder)]
    baselines = _of_disk(settings.FACTS / EVALUATIONS)
    return (*found, *baselines, *(_of_disk(settings.runs_folder() / EVALUATIONS) if local else ()))


def across(rows: Sequence[Measured], titles: Mapping[str, str] | None = None) -> Cells:
    """Accuracy by model and data set: the figure that every page quotes.

    Without test-time augmentation, on the split that is reported on, all its images. Of a network whose training kept
    copies of test images, the images without copies; its name then says so.

    Args:
        rows: what was measured.
        titles: how people call a model, where that is not its name.
    """
    models = dict.fromkeys(row.model for row in rows)
    return {
        _named(model, titles, [_reported(rows, model, name) for name in DATA.values()]): {
            name: _headline(rows, model, name) for name in DATA.values()
        }
        for model in models
    }


def recalls(rows: Sequence[Measured], titles: Mapping[str, str] | None = None) -> Cells:
    """Recall by model and data set of each class, of the same evaluations."""
    cells: Cells = {}
    for model in dict.fromkeys(row.model for row in rows):
        for name in DATA.values():
            row = _reported(rows, model, name)
            if row is not None:
                words = f"{_named(model, titles, [])}, {name}{f', {WITHOUT_COPIES}' if row.subset else ''}"
                cells[words] = {label: row.recall.get(label) for label in EIGHT}
    return cells


def to_quote(rows: Sequence[Measured], data: str) -> list[Measured]:
    """The evaluation that pages quote of each model that was measured on this dataset, the most accurate first."""
    models = dict.fromkeys(row.model for row in rows)
    found = [row for model in models if (row := _reported(rows, model, data)) is not None]
    return sorted(found, key=lambda row: -row.accuracy)


def _named(model: str, titles: Mapping[str, str] | None, used: Sequence[Measured | None]) -> str:
    title = (titles or {}).get(model, model)
    return f"{title}, {WITHOUT_COPIES}" if any(row is not None and row.subset for row in used) else title


def _headline(rows: Sequence[Measured], model: str, data: str) -> float | None:
    row = _reported(rows, model, data)
    return None if row is None else row.accuracy


def _reported(rows: Sequence[Measured], model: str, data: str) -> Measured | None:
    """The evaluation to quote."""
    own = [row for row in rows if (row.model, row.data, row.tta) == (model, data, "")]
    plain = {row.split: row for row in own if not row.subset}
    alone = {row.split: row for row in own if row.subset and row.kept_copies}
    return next((one for split in protocols.REPORT if (one := alone.get(split) or plain.get(split))), None)


def _of_model(folder: Path) -> list[Measured]:
    try:
        metrics = networks.read_json(folder / "metrics.json")
        evaluations, chosen = metrics.get("evaluations"), protocols.of(metrics).chosen
        copies = networks.kept_copies(networks.read_json(folder / "config.json"))
    except (FerError, KeyError, TypeError, ValueError, AttributeError):
        return []
    if not isinstance(evaluations, list):
        return []
    rows = [row | {"model": folder.name, "kept_copies": copies} for row in evaluations if isinstance(row, dict)]
    return [found for row in rows if (found := _readable(row, chosen))]


def _of_disk(folder: Path) -> Iterator[Measured]:
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(content, dict) and (found := _readable(content)):
            yield found


def _readable(row: Mapping[str, Any], chosen: Sequence[str] = ()) -> Measured | None:
    """One row; None when a figure is missing or damaged, which costs the other rows nothing."""
    try:
        return _measured(row, chosen)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, IndexError):
        return None


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
        recall={str(label): _share(value) for label, value in dict(row.get("recall") or {}).items()},
        chosen=row["split"] in chosen or bool(row.get("chosen")),
        labels=str(row.get("labels", "")),
        source=str(row.get("source", "")),
        kept_copies=bool(row.get("kept_copies")),
        confusion=tuple(tuple(map(int, counts)) for counts in row.get("confusion") or ()),
    )


def _share(value: float | str | None) -> float | None:
    return None if value is None else float(value)


def data_name(data: str, labels: str) -> str:
    """Short name of the data set behind an evaluation: its labels, or what its path is called."""
    if labels == "ferplus":
        return DATA["ferplus"]
    plain = re.sub(r"[^a-z0-9]", "", data.lower())
    return next((name for key, name in DATA.items() if key.replace("_", "") in plain), Path(data).name or data)
