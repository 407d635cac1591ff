"""How photos are read: by which models, and what counts as a face."""

from dataclasses import dataclass

import streamlit as st

from fer_core import settings, text
from fer_core.photos import faces, wording
from ui.shared import loaders
from ui.shared.loaders import Listed
from ui.shared.text import code, plain

MODELS = "models"
MOST_NAMED = 2
"""Models that the button names; of more it says the number."""


@dataclass(frozen=True)
class Settings:
    """All that an answer depends on beside the photo."""

    models: tuple[str, ...]
    min_score: float = 0.7
    already_face: bool = False


def models() -> tuple[str, ...]:
    """Which models are asked, in order; the default network at first. The button says which are chosen."""
    titles = loaders.titles()
    asked = st.session_state.get(MODELS, st.session_state.get(f"first:{MODELS}", [loaders.DEFAULT]))
    said = ", ".join(titles[name] for name in asked) if len(asked) <= MOST_NAMED else f"{len(asked)} models"
    with st.popover(f"Models: {said or 'none'}", icon=":material/neurology:", key="model_choice"):
        return choose("Models", 1, MODELS)


def choose(label: str, first: int, key: str) -> tuple[str, ...]:
    """Models in order. The choice lasts for the visit and stands in the page's address (`?models=house&models=cnn_48`).

    Args:
        label: of the widget.
        first: how many are chosen where the address names none.
        key: of the choice; its name in the address.
    """
    offered = [row.info.name for row in loaders.catalogue() if row.state.ready and not loaders.twin_of(row.info.name)]
    named = [name for name in st.query_params.get_all(key) if name in offered]
    wanted = st.session_state.setdefault(f"first:{key}", named or offered[:first])
    chosen = st.pills(
        label,
        offered,
        selection_mode="multi",
        default=wanted,
        format_func=chips().__getitem__,
        key=key,
        persist_state="session",
        wrap=True,
        help="The percentage is the share of right answers on FER2013's private test.",
    )
    names = tuple(name for name in offered if name in chosen)
    st.query_params[key] = list(names)
    return names


def chips() -> dict[str, str]:
    """The short name of each model with its measured accuracy, by name."""
    listed = loaders.catalogue()
    titles = loaders.titles(listed)
    return {
        row.info.name: titles[row.info.name]
        + ("" if row.info.accuracy is None else f" · {text.percent(row.info.accuracy)}")
        for row in listed
    }


def options() -> Settings:
    """Widgets for how faces are found; models are chosen elsewhere."""
    already_face = st.toggle(
        wording.FACE_CROP,
        key="face_crop",
        persist_state="session",
        help="For pictures that are nothing but a face, such as those of FER2013. No face is searched for.",
    )
    min_score = st.slider(
        wording.THRESHOLD,
        *(0.3, 0.95, 0.7, 0.05),
        key="min_score",
        persist_state="session",
        disabled=already_face,
        help="Lower values find more faces, and more things that are no face.",
    )
    st.caption(plain(_detector("none" if already_face else faces.detector_name())))
    _missing(loaders.catalogue())
    return Settings((), min_score, already_face)


def _missing(listed: list[Listed]) -> None:
    """Models that cannot run here, and why."""
    ready = {row.info.name for row in listed if row.state.ready}
    missing = [row for row in listed if not row.state.ready and loaders.twin_of(row.info.name) not in ready]
    for row in missing:
        st.caption(f"Not available: {code(row.info.name)}. {plain(row.state.reason)}")


def _detector(name: str) -> str:
    advised = name == "haar" and not settings.public()
    return f"{wording.DETECTORS[name]} {wording.BETTER_DETECTOR}" if advised else wording.DETECTORS[name]
