"""Photos on this computer: which files a path means, and their bytes."""

import glob
from collections.abc import Iterable
from pathlib import Path

from fer_core.errors import PhotoError
from fer_core.photos import formats
from fer_core.photos.images import MAX_BYTES

_SUFFIXES = ", ".join(sorted(formats.SUFFIXES))


def expanded(paths: Iterable[str]) -> list[Path]:
    """The paths, with patterns such as '*.jpg' replaced by the files they match, by name.

    Windows leaves patterns to the program. A file that is really called so is taken as it is, and so is a pattern that
    matches nothing.
    """
    return [path for given in paths for path in _matches(given)]


def photos_at(path: Path) -> list[Path]:
    """The photos of a folder by name, or the path itself."""
    try:
        entries = sorted(path.iterdir()) if path.is_dir() else []
    except OSError:
        entries = []
    return [entry for entry in entries if _is_photo(entry)] or [path]


def read(path: Path) -> bytes:
    """The content of a photo file, as far as one byte over the limit.

    Raises:
        PhotoError: there is no such file, or it cannot be opened.
    """
    try:
        if path.is_dir():
            raise PhotoError(
                f"The folder {path} holds no photo that can be read; expected files that end in {_SUFFIXES}."
            )
        if not path.is_file():
            raise PhotoError(f"There is no file {path}; expected a photo or a folder of photos. Check the path.")
        if formats.not_read(path.name) == formats.MODEL:
            raise PhotoError(f"{path} is {formats.MODEL}. {formats.advice(formats.MODEL)}")
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise PhotoError(f"The file {path} cannot be opened ({error.strerror}). Check its name and rights.") from error


def _matches(given: str) -> list[Path]:
    path = Path(given)
    if not glob.has_magic(given) or _exists(path):
        return [path]
    names = glob.glob(given)  # noqa: PTH207 (Path.glob takes no absolute pattern)
    return [Path(name) for name in sorted(names)] or [path]


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _is_photo(path: Path) -> bool:
    return formats.is_read(path.name) and path.name[0] != "." and path.is_file()
