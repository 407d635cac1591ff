"""`fer space`: the Gradio page in a browser."""

import typer

from fer_core.cli.output import working

app = typer.Typer()


@app.command(rich_help_panel="Pages")
@working
def start() -> int:
    """Start the page of the Hugging Face Space on this computer.

    Example:
      fer space
    """
    from space import app as page

    page.main()
    return 0
