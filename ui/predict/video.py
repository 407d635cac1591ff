"""The Video tab: one video of the visit, read in memory, and what is made of it. Nothing of it is written to disk."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import streamlit as st

from fer_core import settings
from fer_core.errors import FerError
from fer_core.predictors.base import Predictor
from fer_core.video import annotate, formats
from fer_core.video.analysis import VideoReading
from fer_core.video.records import clock
from fer_core.video.timeline import Timeline
from ui.predict import video_answers
from ui.shared import loaders, state, visits
from ui.shared.text import code, plain

VIEW = "predict:view"
PHOTOS, VIDEO = "Photos", "Video"
UPLOADS = "video"
STORE = "video"
GIVEN = ("given",)
MOST_MEGABYTES = 100
"""Of an upload; `fer video` reads larger ones."""
RATES = (2, 5, 10, 25)


@dataclass(frozen=True, eq=False)
class Given:
    """The video of the visit."""

    key: str
    name: str
    data: bytes


@dataclass(frozen=True)
class Asked:
    """How it is read."""

    model: str
    rate: int


@dataclass(eq=False)
class Job:
    """A video on its way; the next run of the page reads on where the last one was interrupted."""

    reading: VideoReading
    steps: Iterator[float]


def view() -> str:
    """The switch between photos and a video; the one that is chosen."""
    st.session_state.setdefault(VIEW, PHOTOS)
    chosen = st.segmented_control(
        "What to read", [PHOTOS, VIDEO], required=True, key=VIEW, persist_state="session", label_visibility="collapsed"
    )
    return chosen or PHOTOS


def add(name: str, data: bytes) -> None:
    """Take a video in place of the one before, and show it."""
    store = state.kept(STORE)
    store.clear()
    st.session_state.pop(video_answers.START, None)
    store[GIVEN] = Given(hashlib.sha256(data).hexdigest()[:16], name, data)
    st.session_state[VIEW] = VIDEO


def most_megabytes() -> int:
    """Of an uploaded video."""
    return formats.PUBLIC_BYTES // 10**6 if settings.public() else MOST_MEGABYTES


def show() -> None:
    """The whole tab."""
    given: Given | None = state.kept(STORE).get(GIVEN)
    if given is None:
        _first()
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="toolbar"):
        asked = _asked()
        st.button("Clear", on_click=_clear, icon=":material/delete:", help="Forget the video and its answers.")
    try:
        _read_and_show(given, asked)
    except FerError as error:
        st.error(f"{code(given.name)}: {plain(str(error))}")


def _first() -> None:
    public = f", {formats.PUBLIC_SECONDS:.0f} seconds" if settings.public() else ""
    st.file_uploader(
        "Upload a video",
        type=sorted(suffix.lstrip(".") for suffix in formats.SUFFIXES),
        key=_inbox(),
        on_change=_received,
        max_upload_size=most_megabytes(),
        help=f"Up to {most_megabytes()} MB{public}. `fer video` on the command line reads longer ones.",
    )
    st.info("The timeline of each face appears here.", icon=":material/movie:")


def _inbox() -> str:
    return state.widget(f"{UPLOADS}:{st.session_state.get(f'{UPLOADS}:count', 0)}")


def _received() -> None:
    file = st.session_state.get(_inbox())
    if file is not None:
        add(file.name, file.getvalue())
        st.session_state[f"{UPLOADS}:count"] = st.session_state.get(f"{UPLOADS}:count", 0) + 1
        visits.drop_files()  # the video stands in the session now


def _clear() -> None:
    state.clear()


def _asked() -> Asked:
    titles = loaders.titles()
    ready = [row.info.name for row in loaders.catalogue() if row.state.ready and not loaders.twin_of(row.info.name)]
    model = st.selectbox("Model", ready, format_func=titles.__getitem__, key="video_model", persist_state="session")
    rate = st.selectbox("Frames per second", RATES, index=1, key="video_rate", persist_state="session")
    return Asked(model or loaders.DEFAULT, rate)


def _read_and_show(given: Given, asked: Asked) -> None:
    store = state.kept(STORE)
    key = ("timeline", asked)
    if key not in store:
        try:
            store[key] = _read(given, asked)
        except FerError as error:
            store[key] = error
    if isinstance(store[key], FerError):
        raise store[key]
    timeline: Timeline = store[key]
    video_answers.show(given.name, given.data, timeline)
    with st.container(horizontal=True, key="video_downloads"):
        video_answers.downloads(given.name, timeline)
        _annotated(given, asked, timeline)


def _read(given: Given, asked: Asked) -> Timeline:
    """With progress and a button to stop."""
    job = _job(given, asked, loaders.predictor(asked.model))
    bar = st.progress(0.0, f"Reading {code(given.name)} …")
    stop = st.empty()
    stop.button("Stop", icon=":material/stop:", on_click=_stop, args=(asked,), help="Show what was found so far.")
    if not st.session_state.pop("video_stopped", False):
        for seconds in job.steps:
            whole = job.reading.length
            said = f"Read {clock(seconds)} of {clock(whole)}" if whole else f"Read {clock(seconds)}"
            bar.progress(min(1.0, seconds / whole) if whole else 0.0, said)
    state.kept(STORE).pop(("job", asked))
    bar.empty()
    stop.empty()
    return job.reading.timeline()


def _job(given: Given, asked: Asked, predictor: Predictor) -> Job:
    store = state.kept(STORE)
    key = ("job", asked)
    if key not in store:
        reading = VideoReading(given.data, predictor, rate=asked.rate)
        store[key] = Job(reading, iter(reading))
    job: Job = store[key]
    return job


def _stop(asked: Asked) -> None:
    if ("job", asked) in state.kept(STORE):
        st.session_state["video_stopped"] = True


def _annotated(given: Given, asked: Asked, timeline: Timeline) -> None:
    """The MP4 is made in memory, when somebody asks for it."""
    store = state.kept(STORE)
    key = ("annotated", asked)
    if key in store:
        name = f"{PurePosixPath(given.name).stem}_faces.mp4"
        st.download_button("Download MP4", store[key], name, "video/mp4", on_click="ignore")
    elif st.button("Make an MP4 with boxes", key="video_annotate", icon=":material/movie_edit:"):
        bar = st.progress(0.0, "Drawing …")
        target = io.BytesIO()
        for seconds in annotate.to_stream(given.data, timeline, target):
            bar.progress(min(1.0, seconds / max(0.1, timeline.seconds)), f"Drawing {clock(seconds)}")
        store[key] = target.getvalue()
        st.rerun()
