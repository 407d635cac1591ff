"""What is known of the datasets without having one: figures, access, misprints, and the map between their labels."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from fer_core import text
from fer_core.datasets import balance, catalogue, schemes
from fer_core.datasets.catalogue import ClassCounts
from fer_core.figures import datasets
from ui.datasets import cards
from ui.shared import state
from ui.shared.text import code, plain

NO_TOOLS = {"displayModeBar": False}
FIRST = ("FER2013 train", "RAF-DB train")
"""What is compared before anybody chose."""


def show() -> None:
    cards.show()
    st.subheader("Side by side", anchor=False)
    _compare()
    st.subheader("Misprints", anchor=False)
    _misprints()
    st.subheader("The same expression in each dataset's own labels", anchor=False)
    _labels()


def _compare() -> None:
    columns = {one.title: one for one in catalogue.class_counts() if not one.misprint}
    chosen = st.pills(
        "Datasets and splits",
        list(columns),
        selection_mode="multi",
        default=[title for title in FIRST if title in columns],
        key=state.widget("compared"),
        wrap=True,
    )
    if not chosen:
        st.info("Choose one or more. Their class counts appear here side by side.", icon=":material/bar_chart:")
        return
    with st.container(horizontal=True):
        shares = st.toggle("Percent instead of numbers", value=True, key=state.widget("catalogue_shares"))
        log = st.toggle("Logarithmic axis", key=state.widget("catalogue_log"))
    table = {title: columns[title].counts for title in chosen}
    figure = datasets.counts(table, shares=shares, log=log, theme=st.context.theme.type or "light")
    st.plotly_chart(figure, theme=None, config=NO_TOOLS, alt=datasets.counts_in_words(table))
    _numbers([columns[title] for title in chosen])


def _numbers(chosen: Sequence[ClassCounts]) -> None:
    drift = catalogue.drift()
    rows = []
    for one in chosen:
        found = balance.balance(one.counts)
        rows.append(
            {
                "dataset and split": one.title,
                "images": found.total,
                "imbalance": found.imbalance,
                "largest": found.largest,
                "smallest": found.smallest,
                "different images, smallest": found.effective[found.smallest] if found.smallest else None,
                "drift from training": drift.get(one.title),
                "source": one.source,
            }
        )
    st.dataframe(
        rows,
        hide_index=True,
        column_config={
            "images": st.column_config.NumberColumn(format="localized"),
            "imbalance": st.column_config.NumberColumn(format="%.1f : 1", help="Largest class by smallest."),
            "different images, smallest": st.column_config.NumberColumn(
                format="%.0f",
                help="Effective number of samples of the smallest class (arXiv 1901.05555, β 0.9999): an estimate of "
                "how many different images it holds, because images resemble each other.",
            ),
            "drift from training": st.column_config.NumberColumn(
                format="percent", help="Total variation between the shares of this split and its training split."
            ),
        },
        placeholder="–",
        alt="How even the chosen datasets are",
    )
    counts = pd.DataFrame({one.title: {**one.counts, **one.others} for one in chosen}).astype("Int64")
    with st.expander("Counts"):
        st.dataframe(counts, alt="Images by expression and dataset")
    st.download_button(
        "Download CSV", _csv(chosen), "class_counts.csv", "text/csv", on_click="ignore", key=state.widget("counts_csv")
    )


def _csv(chosen: Sequence[ClassCounts]) -> str:
    lines = [
        (one.dataset, one.split, label, count, one.source)
        for one in chosen
        for label, count in {**one.counts, **one.others}.items()
    ]
    table = pd.DataFrame(lines, columns=["dataset", "split", "expression", "images", "source"])
    return str(table.map(text.harmless).to_csv(index=False))


def _misprints() -> None:
    st.markdown("These published figures are misprints. They are listed here and used nowhere else.")
    st.markdown(
        "\n".join(
            f"- **{plain(one.dataset)}**, {plain(one.where)}: printed {plain(one.printed)}; right: {plain(one.right)} "
            f"({plain(one.source)})."
            for one in catalogue.misprints()
        )
    )
    with st.expander("FER2013's test column as printed: the right numbers under the wrong names"):
        st.table(
            [
                {"printed under": label, "number": f"{count:,}", "is the number of": owner}
                for label, (count, owner) in catalogue.permuted().items()
            ]
        )


def _labels() -> None:
    titles = {entry.key: entry.title for entry in catalogue.entries() if entry.order}
    chosen = st.pills(
        "Datasets",
        list(titles),
        selection_mode="multi",
        default=list(titles),
        format_func=titles.__getitem__,
        key=state.widget("label_map"),
        wrap=True,
    )
    table = schemes.label_map(*chosen)
    st.table(
        [
            {"expression": label, **{titles[key]: code(word) if word else "" for key, word in row.items()}}
            for label, row in table.items()
        ]
    )
    st.caption("An empty cell: the dataset has no such class. Joined datasets are translated by this table.")
