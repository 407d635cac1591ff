"""Every figure beside the protocol that made it: our networks, the student projects, papers and tools, in one table."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fer_core import predictors, protocols, settings
from fer_core.datasets import adapters
from fer_core.errors import FerError
from fer_core.evaluation.measured import WITHOUT_COPIES, Measured, measured
from fer_core.predictors import PredictorInfo, networks
from fer_core.protocols import Protocol
from fer_core.runs.folders import project_rows

OURS, PROJECTS, PUBLISHED = "Our networks", "Student projects", "Published"
GROUPS = (OURS, PROJECTS, PUBLISHED)
NOT_STATED = "not stated"


@dataclass(frozen=True)
class Trust:
    """How far a figure can be trusted: in a word, with a sign for tables and a marker for plots."""

    word: str
    sign: str
    marker: str
    meaning: str


TRUST: Mapping[str, Trust] = MappingProxyType(
    {
        "measured": Trust(
            "measured here", "●", "circle", "measured by this project on images that did not choose the model"
        ),
        "reported": Trust("reported", "□", "square-open", "as its authors, or others for them, report it"),
        "logged": Trust("logged", "◇", "diamond-open", "from a student project's own log, on a split of its own"),
        "unclear": Trust("split unclear", "?", "hexagon2-open", "nobody says which split chose the model"),
        "optimistic": Trust(
            "optimistic", "△", "triangle-up-open", "the images that are reported on also chose the model"
        ),
        "disputed": Trust("disputed", "✕", "x", "others could not reproduce it, or it is impossible"),
    }
)


@dataclass(frozen=True)
class Result:
    """One figure.

    Attributes:
        group: one of GROUPS.
        method: network, paper or tool.
        data: data set by its short name.
        tested_on: which images of it.
        accuracy: 0 to 1, or None when only something else is known.
        interval: 95 %, where there is one.
        parameters: number of weights, or None.
        chosen_on: the split that chose the model, and what else the protocol says.
        extra_data: beside the data set's own training images.
        tta: test-time augmentation.
        trust: a key of TRUST.
        remark: what stands beside the trust.
        source: who says so.
        predictor: name of the network here that runs these weights, or ''.
        to_quote: the figure that pages show where there is room for one: without copies of test images where the
            network's training kept such copies, of all images else.
        seed: of the training, where it is known.
    """

    group: str
    method: str
    data: str
    tested_on: str
    accuracy: float | None
    interval: tuple[float, float] | None = None
    parameters: int | None = None
    chosen_on: str = NOT_STATED
    extra_data: str = NOT_STATED
    tta: str = NOT_STATED
    trust: str = "reported"
    remark: str = ""
    source: str = ""
    predictor: str = ""
    to_quote: bool = True
    seed: int | None = None


def table(*, local: bool) -> tuple[Result, ...]:
    """All figures.

    Args:
        local: also the evaluations in runs/ on this computer's disk.

    Returns:
        Our networks, the most accurate first, then student projects, then what else was measured here or published.
    """
    rows = measured(local=local)
    abouts = {name: _about(name) for name in {row.model for row in rows}}
    accuracy = {name: (about.accuracy or 0) if about else 0 for name, about in abouts.items()}
    ours = [_our_row(row, abouts[row.model]) for row in rows]
    ours.sort(key=lambda row: (-accuracy[row.method], row.method, row.trust != "measured"))
    own, others = ([row for row in ours if (row.group == OURS) == mine] for mine in (True, False))
    return (*own, *_project_rows(), *others, *published())


@cache
def published() -> tuple[Result, ...]:
    """Papers and tools, as facts/published_results.csv has them."""
    with (settings.FACTS / "published_results.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(_published_row(row) for row in csv.DictReader(stream))


def trust_of(words: str) -> str:
    """The key of TRUST for how a source was judged."""
    for key in ("disputed", "implausible", "optimistic", "unclear", "logged"):
        if key in words:
            return "disputed" if key == "implausible" else key
    return "reported"


def _our_row(row: Measured, about: PredictorInfo | None) -> Result:
    config = _json(settings.models_folder() / row.model.split(":", maxsplit=1)[0] / "config.json")
    return Result(
        group=OURS if config else PUBLISHED,
        method=row.model,
        data=row.data,
        tested_on=", ".join([row.split.replace("_", " "), *([WITHOUT_COPIES] if row.subset else [])]),
        accuracy=row.accuracy,
        interval=row.interval,
        parameters=about.parameters if about else None,
        chosen_on=_protocol(row.model).selected_on if config else NOT_STATED,
        extra_data=_extra_data(config.get("recipe", {}).get("data", {})) if config else NOT_STATED,
        tta=row.tta.replace("_", " and ") or "no",
        trust="optimistic" if row.chosen else "measured",
        remark="; ".join(
            [
                f"{row.images:,} images",
                *(["these images chose the model, too"] if row.chosen else []),
                *row.labels.split(", ")[1:],
            ]
        ),
        source=row.source or (f"models/{row.model}/metrics.json" if config else "runs/evaluations"),
        predictor=row.model,
        to_quote=bool(row.subset) == row.kept_copies,
        seed=_seed(config),
    )


def _seed(config: Mapping[str, Any]) -> int | None:
    try:
        return int(config["recipe"]["training"]["seed"])
    except (KeyError, TypeError, ValueError):
        return None


def _extra_data(data: Mapping[str, Any]) -> str:
    """What a network learned from beside the labels of its first dataset."""
    extra = ["labels of FER+"] if "ferplus" in data.get("targets", []) else []
    extra += [f"training images of {adapters.title(one['dataset'])}" for one in data.get("join", [])]
    return ", ".join(extra) or "none"


def _protocol(model: str) -> Protocol:
    return protocols.of(_json(settings.models_folder() / model.split(":", maxsplit=1)[0] / "metrics.json"))


def _about(name: str) -> PredictorInfo | None:
    try:
        return predictors.info(name)
    except FerError:
        return None


def _json(path: Path) -> dict[str, Any]:
    try:
        return networks.read_json(path)
    except FerError:
        return {}


def _project_rows() -> Iterator[Result]:
    for row in project_rows():
        reached = row["test_acc"] or row["val_acc"]
        data, _, part = row["dataset"].partition(" (")
        where = "own test split" if row["test_acc"] else "own validation split" if reached else "training images only"
        yield Result(
            group=PROJECTS,
            method=f"{row['project']}: {row['model']}",
            data=data,
            tested_on=where + (f" ({part}" if part else ""),
            accuracy=_share(reached) if reached else None,
            parameters=int(row["params"]) if row["params"] else None,
            chosen_on=row["split"] or NOT_STATED,
            trust=trust_of(row["trust"]),
            remark="; ".join(filter(None, [_only_training(row), row["notes"]])),
            source=row["source"],
        )


def _only_training(row: Mapping[str, str]) -> str:
    return f"training accuracy {row['train_acc']} %" if row["train_acc"] and not row["val_acc"] else ""


def _published_row(row: Mapping[str, str]) -> Result:
    data, _, tested_on = row["dataset"].partition(" ")
    value, _, spread = row["accuracy_pct"].partition(" +/- ")
    accuracy, half = _share(value), _share(spread or "0")
    return Result(
        group=PUBLISHED,
        method=row["method"],
        data=data.removesuffix("-7"),
        tested_on=tested_on or ("7 classes" if data.endswith("-7") else "its test split"),
        accuracy=accuracy,
        interval=(round(accuracy - half, 6), round(accuracy + half, 6)) if half else None,
        parameters=round(float(row["params_m"]) * 1e6) if row["params_m"] else None,
        chosen_on=row["protocol"] or NOT_STATED,
        extra_data=row["extra_data"] or NOT_STATED,
        tta=row["tta"] or NOT_STATED,
        trust=trust_of(f"{row['trust']} {'unclear' if 'unclear' in row['protocol'] else ''}"),
        remark="" if row["trust"] == "reported" else row["trust"],
        source=row["source"],
        predictor=row["predictor"],
    )


def _share(percent: str) -> float:
    return round(float(percent) / 100, 6)
