"""Curves of the chosen trainings, drawn anew while one of them goes on."""

import html
from collections.abc import Callable, Sequence

import streamlit as st

from fer_core import text
from fer_core.figures import runs
from fer_core.figures.runs import Look, Overlay
from fer_core.runs import tables
from fer_core.runs.folders import UPLOADED, Run
from ui.shared import state
from ui.shared.text import code, plain
from ui.training import sources
from ui.training.sources import Chosen, Shown

EVERY_SECONDS = 5
NO_TOOLS = {"displayModeBar": False}
AXES = {"Epoch": False, "Time": True}
JUDGES = {"val_accuracy": "Validation accuracy", "val_loss": "Validation loss"}


def show(chosen: Chosen) -> None:
    """Controls and curves; a run in progress refreshes itself."""
    look = _look()
    live = any(shown.state.in_progress for shown in sources.read(chosen))
    st.fragment(_draw, run_every=EVERY_SECONDS if live else None)(chosen, look, live=live)


def _look() -> Look:
    axis, smoothing, judge, patience = st.columns(4, gap="medium")
    with axis:
        along = st.segmented_control(
            "Along the bottom", list(AXES), default="Epoch", required=True, key=state.widget("axis")
        )
        log_loss = st.toggle("Loss on a log axis", key=state.widget("log_loss"))
    weight = smoothing.slider(
        "Smoothing",
        *(0.0, 0.95, 0.6, 0.05),
        key=state.widget("smoothing"),
        help="Weight of the past in an exponential moving average, unbiased at its start. 0 draws the log alone.",
    )
    monitor = judge.selectbox(
        "Best epoch by", list(JUDGES), format_func=JUDGES.__getitem__, key=state.widget("monitor")
    )
    waited = patience.slider(
        "Early stopping after",
        *(0, 20, 5),
        key=state.widget("patience"),
        help="Epochs in a row without a new best, as keras.callbacks.EarlyStopping counts them. 0 marks nothing.",
    )
    theme = st.context.theme.type or "light"
    return Look(AXES[along or "Epoch"], weight, log_loss, monitor, waited, theme)


def _draw(chosen: Chosen, look: Look, *, live: bool) -> None:
    shown = sources.read(chosen)
    if live and not any(one.state.in_progress for one in shown):
        st.rerun()
    for one in shown:
        _tell(one, look)
    measure = _measure(shown)
    timed = [one for one in shown if one.history is not None and not (look.by_time and one.history.seconds is None)]
    if not timed:
        return
    drawn = runs.overlays([(one.run.title, one.history) for one in timed if one.history is not None])
    _legend(drawn, [one.run for one in timed])
    _figures(drawn, look, measure)
    _tables(timed, look)


def _measure(shown: Sequence[Shown]) -> str:
    """What the left chart draws: accuracy, or another measure where a log has some."""
    histories = [one.history for one in shown if one.history is not None]
    measures = [name for history in histories for name in history.measures if name != "loss"]
    options = list(dict.fromkeys(["accuracy", *measures]))
    if len(options) < 2:
        return "accuracy"
    return st.selectbox(
        "Measure beside the loss",
        options,
        index=0 if "accuracy" in measures else 1,
        key=state.widget("measure"),
        help="These logs hold more than one. Dashed lines are training, solid ones validation.",
    )


def _tell(one: Shown, look: Look) -> None:
    """What has to be known of a run before its curve is looked at."""
    if one.problem:
        st.warning(plain(one.problem), icon=":material/hourglass_empty:")
        return
    if one.state.in_progress:
        st.info(f"{code(one.run.title)}: {one.state.word}; this page follows it.", icon=":material/autorenew:")
    if one.history is not None and look.by_time and one.history.seconds is None:
        st.warning(f"{code(one.run.title)} has no times in its log, so it stands on the epoch axis only.")
    if one.history is not None and one.run.group == UPLOADED:
        st.caption(f"{code(one.run.title)}: {plain(one.history.told)}")
    for note in one.history.notes if one.history is not None else ():
        st.caption(f"{code(one.run.title)}: {plain(note)}")


def _legend(drawn: Sequence[Overlay], chosen: Sequence[Run]) -> None:
    """One for all figures, with whole names; a word when the curves are of different datasets."""
    rows = "".join(
        f"<div style='display:flex;gap:.5rem;align-items:center'><span style='flex:none;width:1.6rem;height:.35rem;"
        f"border-radius:2px;background:{overlay.colour}'></span><span>{overlay.title}"
        f"{'' if run.dataset in run.title else f' · {html.escape(run.dataset)}'}</span></div>"
        for overlay, run in zip(drawn, chosen, strict=True)
    )
    st.html(rows)
    datasets = list(dict.fromkeys(run.dataset or "a dataset that is not stated" for run in chosen))
    if len(datasets) > 1:
        st.warning(
            plain(
                f"These curves are of different datasets: {', '.join(datasets)}. Other pictures and other labels make "
                "another task, so a higher curve here is not a better network."
            ),
            icon=":material/rule:",
        )


def _figures(drawn: Sequence[Overlay], look: Look, measure: str) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        _chart(drawn, look, measure, runs.measure)
    with right:
        _chart(drawn, look, "loss", runs.measure)
    left, right = st.columns(2, gap="medium")
    with left:
        _chart(drawn, look, measure, runs.gap)
    with right:
        _rates(drawn, look)
    st.caption(runs.READING)


def _rates(drawn: Sequence[Overlay], look: Look) -> None:
    logged = [overlay for overlay in drawn if "learning_rate" in overlay.history.columns]
    if not logged:
        st.caption("None of these logs holds a learning rate.")
        return
    figure = runs.learning_rate(logged, look)
    st.plotly_chart(figure, theme=None, key="rate", config=NO_TOOLS, alt="Learning rate of each run that logged it")


def _chart(drawn: Sequence[Overlay], look: Look, name: str, draw: Callable[..., object]) -> None:
    figure = draw(drawn, name, look)
    words = runs.in_words(drawn, name, look)
    st.plotly_chart(figure, theme=None, key=f"{draw.__name__}:{name}", config=NO_TOOLS, alt=words)


def _tables(shown: Sequence[Shown], look: Look) -> None:
    read = [(one.run, one.history, one.state) for one in shown if one.history is not None]
    share = st.column_config.NumberColumn(format="%.4f")
    st.dataframe(
        tables.summary(read, look.monitor, look.patience),
        hide_index=True,
        column_config={
            "best": share,
            "gap there": share,
            "minutes": st.column_config.NumberColumn(format="%.0f"),
            "best epoch": st.column_config.NumberColumn(format="%d", help="As logged; Keras counts from 0."),
            "early stop": st.column_config.NumberColumn(format="%d"),
            "about": st.column_config.TextColumn(width="large"),
        },
        alt="One row per training",
    )
    rows = tables.epochs([(run, history) for run, history, _ in read])
    with st.expander(f"All {len(rows):,} epochs"):
        st.dataframe(rows, hide_index=True, alt="One row per epoch")
    st.download_button(
        "Download epochs (CSV)",
        text.to_csv(rows, places=None),
        "epochs.csv",
        "text/csv",
        on_click="ignore",
        key="epochs",
    )
