"""Any folder of class folders.

    FOLDER/angry/*.jpg                     one split, 'all'
    FOLDER/train/angry/*.jpg               train, val (validation), test
    FOLDER/archive/images/train/...        outer folders with nothing beside are passed through

A class folder is named after an expression in any usual way: happy, Happiness, 3_happy.
"""

from collections import Counter
from pathlib import Path

from fer_core.datasets import headers
from fer_core.datasets.base import ALL, Entry, ImageFiles, Problems, Progress
from fer_core.datasets.files import assemble, label_of, split_of
from fer_core.errors import DatasetError

KIND = "folder"
OTHER_NAME = "a folder whose name is no expression: its images are left out"
OUTSIDE = "an image outside the class folders"


def recognises(path: Path) -> bool:
    return path.is_dir()


def read(path: Path, progress: Progress | None = None) -> ImageFiles:
    """The images of all class folders, in the order of their names.

    Raises:
        DatasetError: there is no image, or no class folder.
    """
    names, _ = headers.walk(path)
    if not names:
        raise DatasetError(f"The folder {path} holds no image. Expected class folders: {path.name}/angry/*.jpg, ...")
    problems = Problems()
    entries = [entry for name in names if (entry := entry_of(name))]
    _list_others(names, problems)
    if not entries:
        folders = sorted({name.rpartition("/")[0].rpartition("/")[2] or "." for name in names})
        raise DatasetError(
            f"No folder in {path} is named after an expression; came {', '.join(folders[:5])}. "
            "Expected class folders such as angry, happy, neutral, within train and test where there are splits."
        )
    return assemble(KIND, path, path, entries, problems, progress=progress)


def entry_of(name: str) -> Entry | None:
    """What a file's folders say: the innermost is the class, one above it may be the split."""
    *folders, _ = name.split("/")
    label = label_of(folders[-1]) if folders else None
    if label is None:
        return None
    splits = [split for folder in folders[:-1] if (split := split_of(folder))]
    return Entry(name, label, splits[-1] if splits else ALL)


def _list_others(names: list[str], problems: Problems) -> None:
    folders = Counter(name.rpartition("/")[0] for name in names)
    for folder, count in folders.items():
        if not folder:
            problems.add(f"{count} files beside the folders", OUTSIDE)
        elif label_of(folder.rpartition("/")[2]) is None:
            problems.add(f"{folder}/ ({count} files)", OTHER_NAME)
