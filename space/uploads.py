"""Photos that visitors send, as Gradio spools them: read once, by us, with the sentences of `images.decode`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData, ImageData, ListFiles
from gradio.route_utils import GradioMultiPartParser
from starlette.formparsers import MultiPartException

from fer_core.errors import PhotoError
from fer_core.photos.images import MAX_BYTES

MAX_PHOTOS = 50
MAX_NAME = 200
"""Characters of a photo's name that are kept."""
LARGEST_UPLOAD = 2 * MAX_BYTES
"""Above the limit of `images.decode`, which says so in a sentence; what is larger still is not received at all."""
LINK = "Came a link; expected the photo itself: this app fetches nothing. Save the photo and send the file."


@dataclass(frozen=True)
class Upload:
    """A photo in the spool, and the name its owner gave it."""

    path: Path
    name: str

    def read(self) -> bytes:
        """The content, as far as one byte over the limit."""
        try:
            with self.path.open("rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise PhotoError(
                "This photo is no longer here: photos are deleted within a minute. Choose it again."
            ) from error


def photo_input(label: str, height: int) -> gr.Image:
    """A photo from a file, the clipboard or the camera, which reaches the event as an Upload."""
    return gr.Image(sources=["upload", "clipboard", "webcam"], type="filepath", label=label, height=height)


def photos_input(label: str, height: int) -> gr.File:
    """Many photos, which reach the event as a list of Uploads."""
    return gr.File(file_count="multiple", label=label, height=height)


def _one(payload: ImageData | None) -> Upload | None:
    if payload is None:
        return None
    if payload.path is None:
        raise gr.Error(LINK, print_exception=False)
    return _upload(payload)


def _many(payload: ListFiles | FileData | None) -> list[Upload]:
    files = [] if payload is None else [payload] if isinstance(payload, FileData) else list(payload)
    if len(files) > MAX_PHOTOS:
        raise gr.Error(f"Came {len(files)} photos; at most {MAX_PHOTOS} are read at once.", print_exception=False)
    return [_upload(file) for file in files]


def _upload(payload: FileData | ImageData) -> Upload:
    path = Path(payload.path or "")
    return Upload(path, (payload.orig_name or path.name)[:MAX_NAME])


def _take_over(kind: type[gr.Image | gr.File], read: Callable[[Any], Any]) -> None:
    """Let photos reach events as Uploads, and refuse links, in every component of this process.

    Gradio's own preprocessing opens a picture with Pillow, fails without a sentence on what Pillow cannot read, and
    downloads what a client names by its address. It is replaced on the class: Gradio builds a component anew for a
    visitor who clicks a sample, and writes a stub file beside the source of every subclass.
    """
    keep = kind.async_move_resource_to_block_cache

    async def move(self: gr.Image | gr.File, path: str | Path | None) -> str | None:
        if path is not None and "://" in str(path)[:12]:
            raise gr.Error(LINK, print_exception=False)
        return await keep(self, path)

    kind.preprocess = lambda _self, payload: read(payload)  # type: ignore[method-assign]
    kind.async_move_resource_to_block_cache = move  # type: ignore[method-assign, assignment]


def _refuse_fields() -> None:
    """Let an upload hold files only: Gradio would keep any other field in memory, however long it is."""
    keep = GradioMultiPartParser.on_headers_finished

    def check(self: GradioMultiPartParser) -> None:
        keep(self)
        if self._current_part.file is None:
            raise MultiPartException("A field without a file name came; expected files only.")

    GradioMultiPartParser.on_headers_finished = check  # type: ignore[method-assign]


_refuse_fields()
_take_over(gr.Image, _one)
_take_over(gr.File, _many)
