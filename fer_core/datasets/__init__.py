"""Datasets on the user's own disk: one adapter per dataset. Loading never downloads."""

from pathlib import Path

from fer_core.datasets import archives
from fer_core.datasets.adapters import KINDS
from fer_core.datasets.base import Dataset, Problem, Progress
from fer_core.datasets.opening import open_folder, open_table, opened_archive, opened_parquet
from fer_core.datasets.tabular import parquet
from fer_core.errors import DatasetError

__all__ = ["KINDS", "Dataset", "Problem", "Progress", "open_dataset"]


def open_dataset(path: Path | str, kind: str | None = None, progress: Progress | None = None) -> Dataset:
    """The dataset at a path, told by its layout; what was read before comes from the user's cache folder.

    Args:
        path: a file or folder on this computer. A zip or tar.gz is unpacked into the cache folder.
        kind: one of KINDS where the layout does not tell, as 'ferplus' for the votes beside FER2013.
        progress: called with what is done and the total; what it raises ends the reading.

    Raises:
        DatasetError: nothing is there, or it is no dataset that is known.
        ArchiveError: an archive that is not safe to unpack, or no room for its files.
    """
    place = _place(path)
    if kind is not None and kind not in KINDS:
        raise DatasetError(f"There is no dataset kind '{kind}'; known are {', '.join(KINDS)}.")
    if archives.is_archive(place.name) and place.is_file():
        return opened_archive(place, kind, progress)
    if place.name.lower().endswith(parquet.SUFFIX) and place.is_file():
        return opened_parquet(place, [place], kind, progress)
    if table := open_table(place, kind, progress):
        return table
    if place.is_dir():
        return open_folder(place, kind, progress)
    raise DatasetError(
        f"{place.name} is no dataset that is known here. Expected fer2013.csv, a zip, a tar.gz, a Parquet file, or a "
        "folder: class folders, images with a label file, RAF-DB, AffectNet, ExpW or CK+."
    )


def _place(path: Path | str) -> Path:
    if not str(path).strip():
        raise DatasetError("No path was given. Expected a dataset's file or folder on this computer.")
    try:
        place = Path(path).expanduser()
        if place.exists():
            return place
    except (OSError, RuntimeError) as error:  # no right to look, far too long a name, a home of nobody
        raise DatasetError(f"{str(path)[:200]} cannot be looked at ({error}). Check the path.") from error
    raise DatasetError(f"There is nothing at {place}. Expected a dataset's file or folder; check the path.")
