"""The Live tab: the engine of browser/ in a frame. Gradio's server hands out its files, and gets no picture back."""

import gradio as gr
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from fer_core import settings

PATH = "/live"
FRAME = f'<iframe class="fer-live" src="{PATH.strip("/")}/index.html?embedded" allow="camera" title="Live"></iframe>'
MISSING = "The live page is not here. Whoever runs this app can build it with `make web`, and start the app again."


def ready() -> bool:
    """Whether the folder was built."""
    return (settings.web_folder() / "index.html").is_file()


def routes() -> list[Mount]:
    """For the server: the folder's files, as they are."""
    return [Mount(PATH, StaticFiles(directory=settings.web_folder()))] if ready() else []


def tab() -> None:
    """The frame; or, where the folder was not built, what to do."""
    if ready():
        gr.HTML(FRAME)
    else:
        gr.Markdown(MISSING)
