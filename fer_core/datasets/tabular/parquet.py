"""Hugging Face's Parquet files, unpacked into class folders: SPLIT/LABEL/NUMBER.SUFFIX.

    data/train-00000-of-00002.parquet      columns image (a struct of bytes and path, or bytes) and label (a number)

Names of the labels stand in the file's own metadata where Hugging Face wrote them. Without, the folders are called by
numbers, and the adapter of class folders says whose numbers it took them for.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from fer_core.datasets.base import Progress
from fer_core.datasets.files import split_of
from fer_core.errors import DatasetError
from fer_core.photos import formats
from fer_core.protocols import ALL
from fer_core.tables import columns

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

SUFFIX = ".parquet"
PICTURES = ("image", "img", "picture", "photo", "pixels", "jpg", "png", "webp")
STARTS = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp", b"BM": ".bmp", b"GIF8": ".gif"}
BATCH = 500


def unpack(files: Sequence[Path], folder: Path, progress: Progress | None = None) -> None:
    """Write the pictures below a new folder, which appears only when all of them are there.

    Raises:
        DatasetError: a file is damaged, has other columns, or pyarrow is not installed.
    """
    _require()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name}-"))
    except OSError as error:
        raise DatasetError(
            f"{folder.parent} cannot be written ({error.strerror}), and {files[0].name} must be unpacked to be read. "
            "Name another folder by FER_CACHE."
        ) from error
    try:
        for done, file in enumerate(sorted(files)):
            if progress:
                progress(done, len(files))
            _unpack(file, part / _split(file), done)
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _require() -> None:
    import importlib.util

    if importlib.util.find_spec("pyarrow") is None:
        raise DatasetError(
            'A Parquet file holds this dataset, and pyarrow is not installed here: pip install "fer-lab[app]", or save '
            "it as class folders (datasets.Dataset: for each row, row['image'].save(...))."
        )


def _split(file: Path) -> str:
    """train-00000-of-00001.parquet, or the folder above."""
    return split_of(file.stem.partition("-")[0]) or split_of(file.parent.name) or ALL


def _unpack(file: Path, folder: Path, number: int) -> None:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(file) as opened:
            picture, label = _columns(opened, file)
            names = _label_names(opened, label)
            for row, (data, path, code) in enumerate(_rows(opened, picture, label)):
                place = folder / _folder(code, names)
                place.mkdir(parents=True, exist_ok=True)
                (place / f"{number:04d}_{row:07d}{_suffix(data, path)}").write_bytes(data)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise DatasetError(f"{file.name} cannot be read as Parquet ({str(error).splitlines()[0]}).") from error


def _columns(opened: "ParquetFile", file: Path) -> tuple[str, str]:
    """The column of pictures and that of labels."""
    names = list(opened.schema_arrow.names)
    plain = [columns.plain(name) for name in names]
    picture = next((names[plain.index(name)] for name in PICTURES if name in plain), None)
    place = columns.place(names, columns.LABEL)
    if picture is None or place is None:
        raise DatasetError(
            f"{file.name} has the columns {', '.join(names[:8])}; expected a picture (image) and a label, as Hugging "
            "Face's image datasets have them."
        )
    return picture, names[place]


def _label_names(opened: "ParquetFile", label: str) -> list[str]:
    """The names of a ClassLabel, from the metadata that Hugging Face writes; empty where there are none."""
    metadata = opened.schema_arrow.metadata or {}
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        return [str(name) for name in features[label]["names"]]
    except (KeyError, TypeError, ValueError):
        return []


def _rows(opened: "ParquetFile", picture: str, label: str) -> Iterator[tuple[bytes, str, Any]]:
    for batch in opened.iter_batches(BATCH, columns=[picture, label]):
        for image, code in zip(batch[picture].to_pylist(), batch[label].to_pylist(), strict=True):
            data, path = (image.get("bytes"), image.get("path")) if isinstance(image, dict) else (image, "")
            yield (data if isinstance(data, bytes) else b""), str(path or ""), code


def _folder(code: object, names: Sequence[str]) -> str:
    """A folder's name without anything that leads elsewhere."""
    word = names[code] if isinstance(code, int) and 0 <= code < len(names) else code
    return "".join(char if char.isalnum() or char in " -_" else "_" for char in str(word))[:60] or "_"


def _suffix(data: bytes, path: str) -> str:
    own = PurePosixPath(path).suffix.lower()
    if own in formats.SUFFIXES:
        return own
    return next((suffix for start, suffix in STARTS.items() if data.startswith(start)), ".img.jpg")
