"""All figures of one method: every protocol, seed, source and link."""

from collections.abc import Mapping, Sequence

import streamlit as st

from fer_core.evaluation import methods
from fer_core.evaluation.methods import Method
from fer_core.evaluation.results import TRUST, Result
from ui.shared import loaders
from ui.shared.text import plain

TABLE = "ranking"
CHOSEN = "method"
"""Key of the chosen method; its name in the address."""


def title(row: Result, titles: Mapping[str, str]) -> str:
    """The short name of a network that is here, out of `loaders.titles`; what the source calls the others."""
    return titles.get(row.predictor, row.method)


def choose(shown: Sequence[Method]) -> None:
    """Callback of the table: the method in the row that was chosen."""
    rows = st.session_state[TABLE]["selection"]["rows"]
    if rows and rows[0] < len(shown):
        st.session_state[CHOSEN] = title(shown[rows[0]].other, loaders.titles())


def details(shown: Sequence[Method], rows: Sequence[Result], titles: Mapping[str, str]) -> None:
    """A choice of method, and its figures on every dataset; nothing until one is chosen."""
    names = list(dict.fromkeys(title(one.other, titles) for one in shown))
    chosen = st.selectbox(
        "All figures of",
        names,
        index=None,
        placeholder="Choose a method",
        key=CHOSEN,
        bind="query-params",
    )
    if chosen is None:
        return
    own = [row for row in rows if title(row, titles) == chosen]
    st.dataframe(
        [line(row, titles) for row in own],
        hide_index=True,
        key=f"figures:{chosen}",
        placeholder="–",
        column_order=[name for name in line(own[0], titles) if name != "method"],
        column_config={
            "accuracy %": st.column_config.NumberColumn(format="%.1f"),
            "seed": st.column_config.NumberColumn(format="%d", help="Random seed of the training, where it is known."),
            "parameters": st.column_config.NumberColumn(format="compact"),
            "remark": st.column_config.TextColumn(width="medium"),
            "model chosen on": st.column_config.TextColumn(width="medium"),
            "paper": st.column_config.LinkColumn(display_text="open"),
        },
        alt=f"All figures of {chosen} with their protocols",
    )
    seeds = {row.seed for row in own if row.seed is not None}
    if seeds:
        st.caption(
            plain(
                f"All these figures are of one training (seed {', '.join(map(str, sorted(seeds)))}). A training with "
                "another seed gives slightly other figures."
            )
        )


def interval(row: Result) -> str:
    return "" if row.interval is None else " to ".join(f"{end * 100:.1f}" for end in row.interval)


def line(row: Result, titles: Mapping[str, str]) -> dict[str, object]:
    """A figure with its protocol."""
    return {
        "method": title(row, titles),
        "dataset": row.data,
        "accuracy %": None if row.accuracy is None else round(row.accuracy * 100, 1),
        "95 %": interval(row),
        "tested on": row.tested_on,
        "test-time augmentation": row.tta,
        "trust": f"{TRUST[row.trust].sign} {TRUST[row.trust].word}",
        "seed": row.seed,
        "model chosen on": row.chosen_on,
        "extra data": row.extra_data,
        "parameters": row.parameters,
        "remark": row.remark,
        "from": row.group,
        "source": row.source,
        "paper": methods.link(row.source),
    }
