"""A comparison on the page: which models, the run with its progress, the report that stands until the next one."""

from collections.abc import Hashable
from dataclasses import dataclass

import streamlit as st

from fer_core.compare import scores
from fer_core.compare.run import ComparisonRun
from fer_core.compare.scores import Report
from fer_core.photos import wording
from ui.compare.sources import Given
from ui.predict import controls
from ui.shared import loaders, state
from ui.shared.text import plain

KEPT = "compare"


@dataclass(frozen=True)
class Settings:
    """All that a report depends on beside the photos."""

    models: tuple[str, ...]
    whole: bool
    min_score: float


def pick() -> Settings:
    models, options = st.columns([3, 2], gap="medium")
    with options:
        whole = st.toggle(
            "Also read each photo whole",
            value=True,
            key=state.widget("whole"),
            help="Also gives each model the whole photo, made as small as its input. Programs without a face detector "
            "do this. You see how much it helps to cut out the face.",
        )
        min_score = st.slider(wording.THRESHOLD, 0.3, 0.95, 0.7, 0.05, key=state.widget("compare_score"))
    with models:
        chosen = controls.choose("Models to compare", 2, "compared")
    return Settings(chosen, whole, min_score)


def report(given: Given, settings: Settings) -> Report | None:
    """The button, the run while it goes on, and the last report; None before the first.

    Raises:
        FerError: a model cannot run, or no photo could be read.
    """
    kept, key = state.kept(KEPT), (given.key, settings)
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = st.button("Compare", type="primary", icon=":material/play_arrow:", disabled=not settings.models)
        if kept:
            st.button("Forget all", on_click=state.clear, icon=":material/delete:", help="Photos, answers and report.")
    if not settings.models:
        st.info("Choose at least one model above.", icon=":material/checklist:")
    if asked:
        _start(given, settings, key)
    if ("run",) in kept:
        _go_on(kept[("run",)])
    made: Report | None = kept.get(("report",))
    if made and kept[("key",)] != key:
        st.info("Photos, labels or models have changed since this report. Press Compare for a new one.")
    return made


def _start(given: Given, settings: Settings, key: Hashable) -> None:
    predictors = loaders.loaded(settings.models)
    kept = state.kept(KEPT)
    kept.clear()
    kept["run",] = ComparisonRun(given.labelled, predictors, whole=settings.whole, min_score=settings.min_score)
    kept["key",] = key


def _go_on(run: ComparisonRun) -> None:
    """Step by step. Whatever is clicked meanwhile ends this script between two steps; the next one goes on here."""
    with st.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(run.done / run.total, _words(run), width="stretch")
        st.button("Stop", on_click=_stop, args=(run,), icon=":material/stop:")
    while not run.finished:
        run.step()
        bar.progress(run.done / run.total, _words(run))
    _finish(run)
    st.rerun()


def _stop(run: ComparisonRun) -> None:
    """What was read until now has its report."""
    _finish(run)


def _finish(run: ComparisonRun) -> None:
    kept = state.kept(KEPT)
    if kept.pop(("run",), None) is not run:
        return  # another click has finished it
    if run.done:
        kept["report",] = scores.report(run.result())


def _words(run: ComparisonRun) -> str:
    return plain(f"{run.done:,} of {run.total:,}")
