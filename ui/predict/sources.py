"""Where photos come from: files, the camera, the gallery."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from fer_core import settings
from fer_core.photos import formats
from ui.shared import snapshots, state

SUFFIXES = tuple(suffix.lstrip(".") for one in formats.READ for suffix in one.suffixes)
MOST_PHOTOS = 50
SAMPLES_FOLDER = settings.CHECKOUT / "samples"


@dataclass(frozen=True)
class Sample:
    """A picture of the gallery."""

    file: str
    title: str
    description: str


SAMPLES = (
    Sample("astronaut.jpg", "Astronaut", "Eileen Collins, astronaut, in an orange suit before a flag"),
    Sample("grace_hopper.jpg", "Grace Hopper", "Rear Admiral Grace Hopper in uniform, wearing glasses"),
)


@dataclass(frozen=True)
class Photo:
    """A photo chosen by the visitor; `key` tells it from all others of this visit."""

    key: str
    name: str
    read: Callable[[], bytes]


def pick() -> list[Photo]:
    """Widgets for all sources; the photos of all of them together."""
    files, camera, gallery = st.tabs(["Upload", "Camera", "Samples"])
    with files:
        photos = _uploads()
    with camera:
        photos += _snapshot()
    with gallery:
        photos += _samples()
    photos += [Photo(shot.key, shot.name, lambda data=shot.data: data) for shot in snapshots.pick()]
    if len(photos) > MOST_PHOTOS:
        st.warning(f"{len(photos)} photos came; the first {MOST_PHOTOS} are read. Give the others afterwards.")
    return photos[:MOST_PHOTOS]


def _uploads() -> list[Photo]:
    given = st.file_uploader(
        "Photos: drop them here, or browse",
        type=SUFFIXES,
        accept_multiple_files=True,
        key=state.widget("uploads"),
        help="Up to 25 MB and 60 megapixels each.",
    )
    return [Photo(file.file_id, file.name, file.getvalue) for file in given]


def _snapshot() -> list[Photo]:
    opened = st.toggle("Open the camera", key=state.widget("camera_open"))
    if not opened:
        st.caption("The camera stays off until you switch it on. Please read the notice above first.")
        return []
    shot = st.camera_input("Take a photo", key=state.widget("camera"), width=480)
    return [Photo(shot.file_id, "camera.jpg", shot.getvalue)] if shot else []


def _samples() -> list[Photo]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = [sample for sample in SAMPLES if _thumbnail(sample)]
    st.caption("Two portraits in the public domain: NASA, and the United States Navy.")
    return [Photo(sample.file, sample.file, (SAMPLES_FOLDER / sample.file).read_bytes) for sample in chosen]


def _thumbnail(sample: Sample) -> bool:
    with st.container(width=150):
        st.image(SAMPLES_FOLDER / sample.file, width=140, alt=sample.description)
        return st.checkbox(sample.title, key=state.widget(sample.file))
