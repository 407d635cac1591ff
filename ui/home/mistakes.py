"""What each model gets wrong: the expressions that it finds least, and free pictures that it reads wrong."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from fer_core.evaluation import measured
from fer_core.evaluation.measured import DATA
from fer_core.photos.analysis import analyse
from fer_core.photos.faces import Face
from fer_core.photos.samples import SAMPLES, Sample
from fer_core.text import percent
from ui.predict import sources
from ui.shared import loaders
from ui.shared.text import plain

WEAKEST = 2
WIDTH = 150
READINGS = "sample_readings"


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
    """Samples that a model reads wrong, read when somebody asks. They are free pictures, never a visitor's photos."""
    if not st.toggle("Show pictures that a model gets wrong or is unsure about", key="mistakes"):
        return
    names = [row.info.name for row in loaders.catalogue() if row.state.ready and row.info.name in loaders.ours()]
    said = _all_said(names)
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


def _all_said(names: Sequence[str]) -> dict[str, dict[str, Said]]:
    """What each model says of each sample's largest face, by sample and model; once a visit."""
    kept: dict[tuple[str, str], dict[str, dict[str, Said]]] = st.session_state.setdefault(READINGS, {})
    key = (" ".join(names), loaders.stamp())
    if key not in kept:
        kept.clear()
        bar = st.progress(0.0, "The faces are found …")
        faces = {
            sample.file: [face.face for face in analyse(sample.path.read_bytes(), []).faces[:1]] for sample in SAMPLES
        }
        kept[key] = {sample.file: {} for sample in SAMPLES}
        for place, name in enumerate(names):
            bar.progress(place / len(names), "The models read the samples …")
            for sample in SAMPLES:
                kept[key][sample.file][name] = _said(name, sample, faces[sample.file])
        bar.empty()
    return kept[key]


def _said(name: str, sample: Sample, faces: Sequence[Face]) -> Said:
    if not faces:
        return Said("", 0.0, False)
    first = analyse(sample.path.read_bytes(), [loaders.predictor(name)], known=faces).faces[0].predictions[0]
    return Said(first.label, first.confidence, first.unsure)
