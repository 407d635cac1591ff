"""Folders that were read once: names, labels and sizes in the user's cache folder, never a picture."""

import hashlib
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_core.datasets import photo_faces
from fer_core.datasets.base import ImageFiles, Problem
from fer_core.datasets.listing import Listing, unchanged
from fer_core.datasets.store import cache

FORMAT = 2
"""Raised when what is stored changes."""


def read(path: Path, kind: str | None) -> ImageFiles | None:
    """The dataset as it was read before, or None when it was not, or when a folder or label file changed since."""
    found = cache.read(_name(path, kind))
    if found is None:
        return None
    about = json.loads(_text(found["about"]))
    other_detector = "faces" in found and about["detector"] != photo_faces.finder()
    if other_detector or not unchanged(path, about["changed"]):
        return None
    files = ImageFiles(
        kind=about["kind"],
        path=path,
        root=path,
        classes=tuple(about["classes"]),
        split_names=tuple(about["split_names"]),
        names=_text(found["names"]).split("\0"),
        labels=found["labels"].astype(np.int64, copy=False),
        splits=found["splits"].astype(np.int8, copy=False),
        sizes=found["sizes"].astype(np.int32, copy=False),
        file_rows=np.arange(len(found["labels"]), dtype=np.int64),
        groups=found["groups"].astype(np.str_, copy=False) if "groups" in found else None,
        boxes=found["boxes"].astype(np.int32, copy=False) if "boxes" in found else None,
        votes=found["votes"].astype(np.int64, copy=False) if "votes" in found else None,
        notes=tuple(about["notes"]),
        problems=tuple(Problem(*problem) for problem in about["problems"]),
        problem_counts=about["problem_counts"],
    )
    return photo_faces.with_faces(files, found["faces"].astype(np.float32)) if "faces" in found else files


def write(path: Path, kind: str | None, listing: Listing, dataset: ImageFiles) -> None:
    about = {
        "kind": dataset.kind,
        "classes": dataset.classes,
        "split_names": dataset.split_names,
        "changed": listing.changed,
        "detector": photo_faces.finder(),
        "notes": dataset.notes,
        "problems": [(problem.place, problem.reason) for problem in dataset.problems],
        "problem_counts": dict(dataset.problem_counts),
    }
    arrays: cache.Arrays = {
        "about": _bytes(json.dumps(about)),
        "names": _bytes("\0".join(dataset.names)),
        "labels": dataset.labels,
        "splits": dataset.splits,
        "sizes": dataset.sizes,
    }
    optional = {"groups": dataset.groups, "boxes": dataset.boxes, "votes": dataset.votes}
    optional["faces"] = getattr(dataset, "faces", None)
    cache.write(_name(path, kind), arrays | {name: array for name, array in optional.items() if array is not None})


def _name(path: Path, kind: str | None) -> str:
    return (
        "folder-"
        + hashlib.sha256(f"{FORMAT}|{kind}|{path.resolve()}".encode(errors="surrogateescape")).hexdigest()[:24]
    )


def _bytes(text: str) -> NDArray[np.uint8]:
    """Names keep the bytes that are no UTF-8."""
    return np.frombuffer(text.encode(errors="surrogateescape"), np.uint8)


def _text(stored: NDArray[np.generic]) -> str:
    return stored.tobytes().decode(errors="surrogateescape")
