"""Datasets on the user's own disk: one adapter a dataset. Loading never downloads."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from fer_core.datasets.base import Dataset, Problem, Progress
from fer_core.errors import DatasetError

__all__ = ["ADAPTERS", "Adapter", "Dataset", "Problem", "Progress", "open_dataset"]


class Adapter(NamedTuple):
    """How one dataset is told from others, without reading much, and how it is read."""

    recognises: Callable[[Path], bool]
    read: Callable[[Path, Progress | None], Dataset]


def _adapters() -> dict[str, Adapter]:
    from fer_core.datasets import class_folders, fer2013_csv

    return {
        fer2013_csv.KIND: Adapter(fer2013_csv.recognises, fer2013_csv.read),
        fer2013_csv.FERPLUS: Adapter(lambda _path: False, fer2013_csv.read_ferplus),
        class_folders.KIND: Adapter(class_folders.recognises, class_folders.read),
    }


ADAPTERS = _adapters()
"""By kind; the first that recognises a path reads it."""


def open_dataset(path: Path | str, kind: str | None = None, progress: Progress | None = None) -> Dataset:
    """The dataset at a path, told by its layout.

    Args:
        path: a file or folder on this computer.
        kind: a key of ADAPTERS, where the layout alone does not tell: 'ferplus' for the votes beside FER2013.
        progress: called with what is done and the total.

    Raises:
        DatasetError: nothing is there, or it is no dataset that is known.
    """
    place = Path(path).expanduser()
    if not place.exists():
        raise DatasetError(f"There is nothing at {place}. Expected a dataset's file or folder; check the path.")
    if kind is not None and kind not in ADAPTERS:
        raise DatasetError(f"There is no dataset kind '{kind}'; known are {', '.join(ADAPTERS)}.")
    for name, adapter in ADAPTERS.items():
        if name == kind or (kind is None and adapter.recognises(place)):
            return adapter.read(place, progress)
    raise DatasetError(
        f"{place.name} is no dataset that is known here. Expected fer2013.csv or a folder: class folders, RAF-DB, "
        "AffectNet, ExpW or CK+."
    )
