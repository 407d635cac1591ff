"""Test sets kept on this computer because somebody asked: one folder per set, in it one folder per label."""

import re
import shutil
from pathlib import Path, PurePosixPath

from fer_core import settings
from fer_core.compare.testsets import File, PhotoSet
from fer_core.datasets.label_names import UNLABELLED
from fer_core.errors import DatasetError


def listed() -> list[str]:
    place = settings.testsets_folder()
    return sorted(path.name for path in place.iterdir() if path.is_dir()) if place.is_dir() else []


def keep(name: str, photos: PhotoSet) -> Path:
    """Write a set as folders of its labels, which other programs read, too.

    Raises:
        DatasetError: public mode, no usable name, one that is taken, or a disk that refuses.
    """
    _refuse_in_public()
    target = settings.testsets_folder() / _safe(name)
    if target.exists():
        raise DatasetError(
            f"A test set '{target.name}' is kept already. Choose another name, or delete that one first."
        )
    try:
        for number, photo in enumerate(photos.photos, start=1):
            path = target / (photo.label or UNLABELLED) / f"{number:04d}_{_safe(PurePosixPath(photo.name).name)}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(photo.data)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise DatasetError(
            f"The test set cannot be written to {target} ({error.strerror}). Check space and rights."
        ) from error
    return target


def files(name: str) -> list[File]:
    """Paths below the set and contents, to be given to testsets.from_files.

    Raises:
        DatasetError: public mode, or it is gone.
    """
    place = _place(name)
    try:
        found = sorted(path for path in place.rglob("*") if path.is_file())
        return [(path.relative_to(place).as_posix(), path.read_bytes()) for path in found]
    except OSError as error:
        raise DatasetError(f"The test set '{name}' cannot be read ({error.strerror}).") from error


def delete(name: str) -> None:
    """Raises: DatasetError: public mode, or it is gone."""
    shutil.rmtree(_place(name), ignore_errors=True)


def _place(name: str) -> Path:
    _refuse_in_public()
    if name not in listed():
        raise DatasetError(f"There is no kept test set '{name}' any more.")
    return settings.testsets_folder() / name


def _safe(name: str) -> str:
    """A file name without anything that leads elsewhere."""
    kept = re.sub(r"[^\w.\- ]+", "_", name).strip(" .")[-80:]
    if not kept.strip("_"):
        raise DatasetError("A test set is kept under a name of letters and digits; give it one.")
    return kept


def _refuse_in_public() -> None:
    if settings.public():
        raise DatasetError("Nothing is kept on this server. Run the app on your own computer to keep test sets.")
