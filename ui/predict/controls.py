"""How photos are read: by which models, and what counts as a face."""

from dataclasses import dataclass

import streamlit as st

from fer_core import settings
from fer_core.photos import faces, wording
from ui.shared import loaders, state
from ui.shared.loaders import Listed
from ui.shared.text import code, plain


@dataclass(frozen=True)
class Settings:
    """All that an answer depends on beside the photo."""

    models: tuple[str, ...]
    min_score: float
    already_face: bool
    detector: str


def pick() -> Settings:
    listed = loaders.catalogue()
    models, detection = st.columns([3, 2], gap="medium")
    with detection:
        already_face = st.toggle(
            wording.FACE_CROP,
            key=state.widget("already_face"),
            help="For pictures that are nothing but one face, such as those of FER2013.",
        )
        min_score = st.slider(
            wording.THRESHOLD,
            *(0.3, 0.95, 0.7, 0.05),
            key=state.widget("min_score"),
            disabled=already_face,
            help="Lower finds more faces, and more things that are none.",
        )
        detector = "none" if already_face else faces.detector_name()
        st.markdown(_detector(detector))
        offered = offer(listed)
    with models:
        chosen = choose("Models, side by side on each face", offered, 1, "models")
        _missing(listed)
    return Settings(chosen, min_score, already_face, detector)


def offer(listed: list[Listed]) -> list[str]:
    """Predictors to choose from: a network through Keras beside the same one through ONNX only on request."""
    ready = _ready(listed)
    single = [name for name in ready if loaders.twin_of(name) not in ready]
    if single == ready:
        return ready
    both = st.toggle(
        "Offer our networks through Keras, too",
        key=state.widget("keras"),
        help="The same weights run by TensorFlow instead of ONNX Runtime: the same answers, slower to load. To check "
        "one against the other.",
    )
    return ready if both else single


def choose(label: str, offered: list[str], first: int, key: str) -> tuple[str, ...]:
    """Those of the offered predictors that a visitor wants, in order; `first`: how many at the start."""
    chosen = st.pills(
        label,
        offered,
        selection_mode="multi",
        default=offered[:first],
        format_func=loaders.titles().__getitem__,
        key=state.widget(key),
        wrap=True,
    )
    return tuple(name for name in offered if name in chosen)


def _missing(listed: list[Listed]) -> None:
    """What cannot run, and why; not the second runtime of a network that runs: nobody misses an answer for it."""
    ready = _ready(listed)
    missing = [row for row in listed if not row.state.ready and loaders.twin_of(row.info.name) not in ready]
    if missing:
        with st.expander(f"Not available now: {len(missing)}"):
            for row in missing:
                st.markdown(f"{code(row.info.name)}: {plain(row.state.reason)}")


def _ready(listed: list[Listed]) -> list[str]:
    return [row.info.name for row in listed if row.state.ready]


def _detector(name: str) -> str:
    advised = name == "haar" and not settings.public()
    return f"{wording.DETECTORS[name]} {wording.BETTER_DETECTOR}" if advised else wording.DETECTORS[name]
