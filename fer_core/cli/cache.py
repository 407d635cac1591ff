"""`fer cache`: what was read from datasets and archives, and is kept on this computer."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import typer

from fer_core import settings, text
from fer_core.cli.group import Group
from fer_core.cli.output import Answer, answering

KEPT = ("*.npz", "*.npy", "*.part", "unpacked-*")
"""What the datasets leave in the cache folder; a detector that was fetched stays."""

app = typer.Typer(cls=Group, rich_help_panel="This computer", help="Show what was read from datasets, or remove it.")


@app.command()
@answering
def show() -> Answer:
    """List what is kept, with its size.

    Example:
      fer cache show
    """
    entries = [(path, _bytes(path)) for path in _entries()]
    lines = [(path.name, f"{size / 1e6:.1f}") for path, size in entries]
    total = f"{settings.cache_folder()}: {len(entries)} entries, {sum(size for _, size in entries) / 1e6:.1f} MB"
    return Answer("\n".join([*([text.text_table(("entry", "MB"), lines), ""] if lines else []), total]))


@app.command()
@answering
def clear() -> Answer:
    """Remove what is kept. Datasets are read again when they are needed.

    Example:
      fer cache clear
    """
    entries = list(_entries())
    size = sum(map(_bytes, entries))
    for path in entries:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return Answer(f"Removed {len(entries)} entries, {size / 1e6:.1f} MB, from {settings.cache_folder()}.")


def _entries() -> Iterator[Path]:
    folder = settings.cache_folder()
    return (path for pattern in KEPT for path in sorted(folder.glob(pattern)))


def _bytes(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files)
