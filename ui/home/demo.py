"""The demo on the home page: a face and its answer, other examples one click away."""

import streamlit as st

from fer_core.errors import FerError
from fer_core.photos.samples import SAMPLES, Sample
from ui.predict import answers, reading, sources
from ui.predict.controls import Settings
from ui.predict.reading import Result
from ui.shared import layout, loaders
from ui.shared.photos import Photo
from ui.shared.text import plain

CHOSEN = "example"
READINGS = "examples"


def show() -> None:
    """Never a visitor's photo: only pictures that come with the app."""
    shown = chosen()
    try:
        answers.photo(read(shown), (loaders.DEFAULT,), below=_your_own)
    except FerError as error:
        st.error(plain(str(error)))
    st.caption("More examples")
    with st.container(horizontal=True, gap="small", key="examples"):
        for sample in SAMPLES:
            with st.container(width=sources.THUMBNAIL, gap=None):
                st.image(sources.thumbnail(sample.file), width=sources.THUMBNAIL, alt=sample.description)
                st.button(
                    sample.title,
                    key=f"example:{sample.file}",
                    on_click=choose,
                    args=(sample.file,),
                    icon=":material/check:" if sample == shown else None,
                    width="stretch",
                    wrap=True,
                )


def _your_own() -> None:
    with st.container(horizontal=True):
        if st.button("Upload your photo", icon=":material/upload:"):
            st.switch_page(layout.page_of("Predict"))
        if st.button("Use your camera", icon=":material/photo_camera:"):
            st.session_state[sources.CAMERA_ON] = True
            st.switch_page(layout.page_of("Predict"))


def chosen() -> Sample:
    """The sample on the page; the first one at the start of a visit."""
    return next((sample for sample in SAMPLES if sample.file == st.session_state.get(CHOSEN)), SAMPLES[0])


def choose(file: str) -> None:
    st.session_state[CHOSEN] = file


def read(sample: Sample) -> Result:
    """Read once a visit.

    Raises:
        PredictorError: the default network cannot be loaded.
    """
    kept = st.session_state.setdefault(READINGS, {})
    if sample.file not in kept:
        photo = Photo(sample.file, sample.file, sample.path.read_bytes())
        kept[sample.file] = reading.one(photo, Settings((loaders.DEFAULT,)))
    result: Result = kept[sample.file]
    return result
