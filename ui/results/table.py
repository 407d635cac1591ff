"""All figures in one table that can be narrowed down, and where they stand against size and time."""

from collections.abc import Sequence

import streamlit as st

from fer_core import text
from fer_core.evaluation import results
from fer_core.evaluation.results import GROUPS, TRUST, Result
from fer_core.figures.results import against
from fer_core.predictors import timing
from ui.shared import loaders, state

TINTS = {"disputed": "rgba(213, 94, 0, 0.22)", "optimistic": "rgba(184, 134, 11, 0.2)"}
NO_TOOLS = {"displayModeBar": False}
MEASURED = "milliseconds"


def show(rows: Sequence[Result]) -> None:
    kept = _narrowed(rows)
    taken = _timings()
    if not kept:
        st.info("No figure is left; choose more above.", icon=":material/filter_alt_off:")
        return
    _plot(kept, taken)
    _table(kept, taken)


def _narrowed(rows: Sequence[Result]) -> list[Result]:
    data = list(dict.fromkeys(row.data for row in rows))
    left, right = st.columns(2, gap="medium")
    with left:
        wanted = st.pills(
            "Data set", data, selection_mode="multi", default=data[:1], key=state.widget("data"), wrap=True
        )
        groups = st.pills("From", GROUPS, selection_mode="multi", default=GROUPS, key=state.widget("groups"), wrap=True)
    with right:
        trusted = st.pills(
            "How far to trust",
            list(TRUST),
            selection_mode="multi",
            default=list(TRUST),
            format_func=lambda key: f"{TRUST[key].sign} {TRUST[key].word}",
            key=state.widget("trust"),
            wrap=True,
        )
        plain = st.toggle(
            "Only without test-time augmentation",
            key=state.widget("plain"),
            help="Averaging over crops and flips adds about one percent and multiplies the time. Figures that do not "
            "say whether they did it are hidden, too.",
        )
    return [
        row
        for row in rows
        if row.data in wanted
        and row.group in groups
        and row.trust in trusted
        and not (plain and row.tta not in ("no", "none"))
    ]


def _plot(figures: Sequence[Result], taken: dict[str, float]) -> None:
    rows = results.one_a_method(figures)
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
        title = "parameters" if along == "parameters" else "milliseconds a face"
        figure = against(drawn, title, st.context.theme.type or "light")
        alt = "; ".join(f"{row.method} {row.accuracy:.1%} at {x:,.4g} {along}" for row, x in drawn)
        st.plotly_chart(figure, theme=None, key="against", config=NO_TOOLS, alt=alt)
    left_out = len(rows) - len(drawn)
    if left_out:
        st.caption(
            f"One figure per method; {left_out} of the {len(rows)} methods are not in this plot: nobody states "
            + ("their parameters." if along == "parameters" else "or measured here how long they take.")
        )
    st.caption(" · ".join(f"{trust.sign} {trust.word}: {trust.meaning}" for trust in TRUST.values()))


def _measure(taken: dict[str, float]) -> None:
    if st.button("Measure here, now", icon=":material/timer:", help="One face at a time, median; about a second each."):
        for row in loaders.catalogue():
            if row.state.ready and loaders.twin_of(row.info.name) is None:
                taken[row.info.name] = timing.milliseconds(loaders.predictor(row.info.name))
    if not taken:
        st.caption("Nothing is measured yet on this computer. Papers state no time that could be compared.")
        return
    st.caption("The network alone, one face a call, on this computer now: no search for faces, no crop.")


def _timings() -> dict[str, float]:
    """What this visit measured, by name of the network."""
    return state.kept(MEASURED)  # type: ignore[return-value]


def _table(rows: Sequence[Result], taken: dict[str, float]) -> None:
    import pandas as pd

    lines = [_line(row, taken) for row in rows]
    frame = pd.DataFrame(lines)
    tints = [TINTS.get(row.trust, "") for row in rows]
    styled = frame.style.apply(
        lambda line: [f"background-color: {tints[line.name]}" if tints[line.name] else ""] * len(line), axis=1
    )
    st.dataframe(
        styled,
        hide_index=True,
        height=min(38 + 35 * len(lines), 720),
        column_config={
            "accuracy %": st.column_config.NumberColumn(format="%.1f"),
            "parameters": st.column_config.NumberColumn(format="compact"),
            "ms a face": st.column_config.NumberColumn(format="%.1f", help="Measured on this computer in this visit."),
            "remark": st.column_config.TextColumn(width="medium"),
            "model chosen on": st.column_config.TextColumn(width="medium"),
            "source": st.column_config.TextColumn(width="medium"),
        },
        alt="All figures that were chosen, with their protocol",
    )
    st.download_button(
        "Download table (CSV)", text.to_csv(lines), "results.csv", "text/csv", on_click="ignore", key="table"
    )


def _line(row: Result, taken: dict[str, float]) -> dict[str, object]:
    ends = "" if row.interval is None else " to ".join(f"{end * 100:.1f}" for end in row.interval)
    return {
        "method": row.method,
        "accuracy %": None if row.accuracy is None else round(row.accuracy * 100, 1),
        "95 %": ends,
        "trust": f"{TRUST[row.trust].sign} {TRUST[row.trust].word}",
        "tested on": row.tested_on,
        "test-time augmentation": row.tta,
        "model chosen on": row.chosen_on,
        "extra data": row.extra_data,
        "parameters": row.parameters,
        "ms a face": taken.get(row.predictor),
        "remark": row.remark,
        "data set": row.data,
        "from": row.group,
        "source": row.source,
    }
