"""What each model gets wrong: the expressions that it finds least, and free pictures that it reads wrong."""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from fer_core.evaluation import measured
from fer_core.evaluation.measured import DATA
from fer_core.photos.samples import SAMPLES, Sample
from fer_core.text import percent
from ui.predict import reading, sources
from ui.predict.controls import Settings
from ui.shared import loaders
from ui.shared.photos import Photo
from ui.shared.text import plain

WEAKEST = 2
WIDTH = 150


class Said(NamedTuple):
    """What a model says of a sample. `label` is empty where it finds no face."""

    label: str
    confidence: float
    unsure: bool


def weakest() -> Mapping[str, str]:
    """The expressions that each model finds least on FER2013's private test, by model: 'fear 43 %, disgust 55 %'."""
    return _weakest(loaders.stamp())


@st.cache_resource(max_entries=2, show_spinner=False)
def _weakest(stamp: str) -> dict[str, str]:  # noqa: ARG001
    rows = measured.to_quote(measured.measured(local=False), DATA["fer2013"])
    found = {}
    for row in rows:
        known = sorted((share, label) for label, share in row.recall.items() if share is not None)
        found[row.model] = ", ".join(f"{label} {percent(share)}" for share, label in known[:WEAKEST])
    return found


def pictures() -> None:
    """Samples that a model reads wrong; read when somebody asks, and once per process: they are nobody's photos."""
    if not st.toggle("Show pictures that a model gets wrong or is unsure about", key="mistakes"):
        return
    names = [row.info.name for row in loaders.catalogue() if row.state.ready and row.info.name in loaders.ours()]
    said = _all_said(tuple(names), loaders.stamp())
    titles = loaders.titles()
    with st.container(horizontal=True, gap="medium"):
        for sample in SAMPLES:
            wrong = {
                name: one for name, one in said[sample.file].items() if sample.expression and _is_wrong(sample, one)
            }
            if wrong:
                with st.container(width=WIDTH, gap="xsmall"):
                    st.image(sources.thumbnail(sample.file), width=WIDTH, alt=sample.description)
                    st.markdown(f"Shows: **{sample.expression}**")
                    st.caption("  \n".join(plain(f"{titles[name]}: {_in_words(one)}") for name, one in wrong.items()))
    st.caption(
        "Only the free sample pictures that come with the app. A model that says 'unsure' is not counted as wrong."
    )


def _is_wrong(sample: Sample, said: Said) -> bool:
    return said.unsure or said.label != sample.expression


def _in_words(said: Said) -> str:
    if not said.label:
        return "no face found"
    return f"{'unsure, ' if said.unsure else ''}{said.label} {percent(said.confidence)}"


@st.cache_resource(max_entries=2, show_spinner=False)
def _all_said(names: tuple[str, ...], stamp: str) -> dict[str, dict[str, Said]]:  # noqa: ARG001
    found: dict[str, dict[str, Said]] = {sample.file: {} for sample in SAMPLES}
    bar = st.progress(0.0, "The models read the samples …")
    for place, name in enumerate(names):
        for sample in SAMPLES:
            photo = Photo(sample.file, sample.file, sample.path.read_bytes())
            faces = reading.one(photo, Settings((name,))).faces
            first = faces[0].predictions[0] if faces else None
            found[sample.file][name] = (
                Said(first.label, first.confidence, first.unsure) if first else Said("", 0.0, False)
            )
        bar.progress((place + 1) / len(names), "The models read the samples …")
    bar.empty()
    return found
