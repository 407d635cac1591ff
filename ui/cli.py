"""`fer app`: the pages in a browser."""

import subprocess
import sys

import typer

from fer_core import extras, settings
from fer_core.cli.output import working

app = typer.Typer()


@app.command(rich_help_panel="Pages", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
@working
def start(context: typer.Context) -> int:
    """Open the pages: predict, compare, datasets, training, results.

    Options of `streamlit run` may follow.

    Examples:
      fer app

      fer app --server.port 8600
    """
    extras.need("streamlit")
    page = settings.CHECKOUT / "app.py"
    return subprocess.call([sys.executable, "-m", "streamlit", "run", str(page), *context.args], cwd=settings.CHECKOUT)
