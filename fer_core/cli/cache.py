"""`fer cache`: what was read from datasets and archives, and is kept on this computer."""

import typer

from fer_core import settings, text
from fer_core.cli.group import Group
from fer_core.cli.output import Answer, answering
from fer_core.datasets.store import cache

app = typer.Typer(cls=Group, rich_help_panel="This computer", help="Show what was read from datasets, or remove it.")


@app.command()
@answering
def show() -> Answer:
    """List what is kept, with its size.

    Example:
      fer cache show
    """
    entries = sorted(cache.entries(), key=lambda entry: entry.path.name)
    lines = [(entry.path.name, f"{entry.bytes / 1e6:.1f}") for entry in entries]
    size, most = sum(entry.bytes for entry in entries), settings.cache_bytes()
    total = f"{settings.cache_folder()}: {len(entries)} entries, {size / 1e6:.1f} MB of at most {most / 1e6:,.0f} MB"
    return Answer("\n".join([*([text.text_table(("entry", "MB"), lines), ""] if lines else []), total]))


@app.command()
@answering
def clear() -> Answer:
    """Remove what is kept. Datasets are read again when they are needed.

    Example:
      fer cache clear
    """
    entries = cache.clear()
    size = sum(entry.bytes for entry in entries)
    return Answer(f"Removed {len(entries)} entries, {size / 1e6:.1f} MB, from {settings.cache_folder()}.")
