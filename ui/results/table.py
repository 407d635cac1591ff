"""One row per method, ranked under one protocol, and where the methods stand against size and time."""

from collections.abc import Mapping, Sequence

import streamlit as st

from fer_core import text
from fer_core.evaluation import methods
from fer_core.evaluation.methods import ANY, ONE, PROTOCOLS, Method
from fer_core.evaluation.results import GROUPS, TRUST, Result
from fer_core.figures.results import against
from fer_core.predictors import timing
from ui.results import method
from ui.shared import loaders, state

TINTS = {"disputed": "rgba(213, 94, 0, 0.22)", "optimistic": "rgba(184, 134, 11, 0.2)"}
NO_TOOLS = {"displayModeBar": False}
MEASURED = "milliseconds"
COPIES = (
    "'Without copies': the training of this network held copies of test images. These images are left out, so that "
    "the figure is fair. Home, Predict and this page show the same figure."
)

Ranked = Sequence[tuple[Method, Result | None]]


def show(rows: Sequence[Result]) -> None:
    data, protocol, kept = _narrowed(rows)
    taken = _timings()
    if not kept:
        st.info("No figure is left. Choose more above.", icon=":material/filter_alt_off:")
        return
    ranked = methods.ranked(methods.of(kept), protocol)
    st.subheader(f"{data}: {PROTOCOLS[protocol].lower()}, most accurate first", anchor=False)
    titles = loaders.titles()
    _table(ranked, taken, titles)
    st.caption(f"{COPIES} Choose a row to see all figures of this method.")
    method.details([one for one, _ in ranked], rows, titles)
    _download(ranked, titles)
    st.subheader("Accuracy against size or time", anchor=False)
    _plot(ranked, taken, titles)


def _narrowed(rows: Sequence[Result]) -> tuple[str, str, list[Result]]:
    """Dataset, protocol, and the figures that pass the filters."""
    data = list(dict.fromkeys(row.data for row in rows))
    wanted = st.pills("Dataset", data, default=data[0], required=True, key="data", bind="query-params", wrap=True)
    protocol = st.segmented_control(
        "Protocol",
        list(PROTOCOLS),
        default=ONE,
        required=True,
        format_func=PROTOCOLS.__getitem__,
        key="protocol",
        bind="query-params",
        wrap=True,
        help="Averaging the answers over flipped and cropped views adds about one percent and multiplies the time. "
        "Figures of the two kinds are not mixed in one order.",
    )
    with st.popover("Filter", icon=":material/filter_alt:"):
        groups = st.pills("From", GROUPS, selection_mode="multi", default=GROUPS, key=state.widget("groups"), wrap=True)
        trusted = st.pills(
            "How far to trust",
            list(TRUST),
            selection_mode="multi",
            default=list(TRUST),
            format_func=lambda key: f"{TRUST[key].sign} {TRUST[key].word}",
            key=state.widget("trust"),
            wrap=True,
        )
    kept = [row for row in rows if row.data == wanted and row.group in groups and row.trust in trusted]
    return str(wanted), protocol or ANY, kept


def _plot(ranked: Ranked, taken: dict[str, float], titles: Mapping[str, str]) -> None:
    rows = [figure or one.other for one, figure in ranked]
    along = st.segmented_control(
        "Accuracy against", ["parameters", MEASURED], default="parameters", required=True, key=state.widget("along")
    )
    if along == MEASURED:
        _measure(taken)
    places = {
        place: x
        for place, row in enumerate(rows)
        if (x := row.parameters if along == "parameters" else taken.get(row.predictor))
    }
    drawn = [(rows[place], float(x)) for place, x in places.items() if rows[place].accuracy is not None]
    if drawn:
        title = "parameters" if along == "parameters" else "milliseconds per face"
        figure = against(drawn, title, st.context.theme.type or "light", titles)
        alt = "; ".join(f"{method.title(row, titles)} {row.accuracy:.1%} at {x:,.4g} {along}" for row, x in drawn)
        st.plotly_chart(figure, theme=None, key="against", config=NO_TOOLS, alt=alt)
    left_out = len(rows) - len(drawn)
    if left_out:
        st.caption(
            f"One point per method. {left_out} of the {len(rows)} methods are not in this plot: nobody states "
            + ("their parameters." if along == "parameters" else "or measured here how long they take.")
        )
    st.caption(" · ".join(f"{trust.sign} {trust.word}: {trust.meaning}" for trust in TRUST.values()))


def _measure(taken: dict[str, float]) -> None:
    if st.button(
        "Measure on this computer", icon=":material/timer:", help="One face at a time, median. About a second each."
    ):
        for row in loaders.catalogue():
            if row.state.ready and loaders.twin_of(row.info.name) is None:
                taken[row.info.name] = timing.milliseconds(loaders.predictor(row.info.name))
        st.rerun()  # the table above shows them, too
    if not taken:
        st.caption("Nothing is measured yet on this computer. Papers state no time that could be compared.")
        return
    st.caption(
        "The network alone, one face at a time, on this computer. Finding and cropping the face is not included."
    )


def _timings() -> dict[str, float]:
    """What this visit measured, by name of the network."""
    return state.kept(MEASURED)  # type: ignore[return-value]


def _table(ranked: Ranked, taken: dict[str, float], titles: Mapping[str, str]) -> None:
    import pandas as pd

    lines = [_line(one, figure, taken, titles) for one, figure in ranked]
    tints = [TINTS.get((figure or one.other).trust, "") for one, figure in ranked]
    styled = pd.DataFrame(lines).style.apply(
        lambda line: [f"background-color: {tints[line.name]}" if tints[line.name] else ""] * len(line), axis=1
    )
    st.dataframe(
        styled,
        hide_index=True,
        height=min(38 + 35 * len(lines), 720),
        on_select=lambda: method.choose([one for one, _ in ranked]),
        selection_mode="single-row",
        key=method.TABLE,
        placeholder="–",
        column_config={
            "method": st.column_config.TextColumn(width="medium"),
            "accuracy %": st.column_config.NumberColumn(format="%.1f"),
            "under another protocol": st.column_config.TextColumn(width="medium"),
            "parameters": st.column_config.NumberColumn(format="compact"),
            "ms per face": st.column_config.NumberColumn(
                format="%.1f", help="Measured on this computer in this visit."
            ),
            "paper": st.column_config.LinkColumn(display_text="open"),
        },
        alt="One row per method with its accuracy under the chosen protocol",
    )


def _download(ranked: Ranked, titles: Mapping[str, str]) -> None:
    rows = [method.line(row, titles) for one, _ in ranked for row in one.rows]
    st.download_button(
        "Download all figures (CSV)", text.to_csv(rows), "results.csv", "text/csv", on_click="ignore", key="csv"
    )


def _line(one: Method, figure: Result | None, taken: dict[str, float], titles: Mapping[str, str]) -> dict[str, object]:
    shown = figure or one.other
    return {
        "method": method.title(shown, titles),
        "accuracy %": None if figure is None or figure.accuracy is None else round(figure.accuracy * 100, 1),
        "95 %": method.interval(figure) if figure else "",
        "tested on": figure.tested_on if figure else "",
        "trust": f"{TRUST[shown.trust].sign} {TRUST[shown.trust].word}",
        "paper": methods.link(shown.source),
        "under another protocol": "" if figure else _other(one.other),
        "from": shown.group,
        "parameters": shown.parameters,
        "ms per face": taken.get(shown.predictor),
    }


def _other(row: Result) -> str:
    if row.accuracy is None:
        return "no accuracy stated"
    views = "" if methods.views(row) == ONE else f", views: {row.tta}"
    return f"{row.accuracy:.1%} on {row.tested_on}{views}"
