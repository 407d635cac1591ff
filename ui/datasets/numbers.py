"""Counts, mean faces, and how bright, sharp and large the images are."""

import pandas as pd
import streamlit as st

from fer_core.auditing.averages import AVERAGED, GAIN, MEASURED, Average, Rows, of_classes
from fer_core.auditing.quality import MEASURES, Quality
from fer_core.datasets import Dataset, balance
from fer_core.figures import datasets
from fer_core.recipes import selection
from fer_core.text import percent
from ui.datasets import source
from ui.shared import state

NO_TOOLS = {"displayModeBar": False}


def counts(dataset: Dataset) -> None:
    with st.container(horizontal=True):
        shares = st.toggle("Percent instead of numbers", key=state.widget("shares"))
        log = st.toggle("Logarithmic axis", key=state.widget("log"))
    table = dataset.counts()
    figure = datasets.counts(table, shares=shares, log=log, theme=theme())
    st.plotly_chart(figure, theme=None, config=NO_TOOLS, alt=datasets.counts_in_words(table))
    frame = pd.DataFrame(table).T
    frame.insert(0, "all", frame.sum(axis=1))
    st.dataframe(frame, alt="Images by split and class")
    st.markdown("\n".join(_balance(table)))
    st.download_button("Download CSV", frame.to_csv(), "counts.csv", "text/csv", on_click="ignore")


def _balance(table: dict[str, dict[str, int]]) -> list[str]:
    lines = []
    for split, row in table.items():
        found = balance.balance(row)
        if found.imbalance is None:
            continue
        drift = "" if split == "train" or "train" not in table else _drift(table["train"], row)
        lines.append(
            f"- **{split}**: {found.largest} has {found.imbalance:.1f} times the images of {found.smallest}{drift}."
        )
    return lines


def _drift(train: dict[str, int], other: dict[str, int]) -> str:
    return f"; its class shares differ from those of train by {percent(balance.total_variation(train, other))} in total"


def averages(dataset: Dataset) -> None:
    split = split_of(dataset)
    found = _averages(dataset, split, source.stamp(dataset))
    if not found:
        st.info("No image of this split can be read.")
        return
    st.caption(
        f"Mean of at most {AVERAGED} images per class, drawn at random. Below it: the difference between this mean and "
        f"the mean of all classes, made {GAIN} times stronger."
    )
    for column, average in zip(st.columns(len(found)), found, strict=True):
        with column:
            st.markdown(f"**{average.label}**")
            st.image(average.mean, width="stretch", alt=f"Mean face of {average.label}")
            st.image(average.difference, width="stretch", alt=f"What sets {average.label} apart")
            st.caption(f"{average.count} images, contrast {average.contrast:.1f}")


def quality(dataset: Dataset) -> None:
    split = split_of(dataset)
    rows, found = _quality(dataset, split, source.stamp(dataset))
    st.caption(
        f"{len(rows):,} images of {split}, drawn at random, in gray at 48x48 pixels. A box holds the middle half of "
        "the images. The lines reach to all but a few."
    )
    for place, name in enumerate(MEASURES):
        if place % 2 == 0:
            columns = st.columns(2, gap="medium")
        values = found.measure(name)
        labels = dataset.labels[rows]
        by_class = {label: values[labels == number] for number, label in enumerate(dataset.classes)}
        by_class = {label: column for label, column in by_class.items() if len(column)}
        with columns[place % 2]:
            st.plotly_chart(
                datasets.spread(by_class, MEASURES[name], theme()),
                theme=None,
                config=NO_TOOLS,
                key=state.widget(f"spread:{name}"),
                alt=f"{name}, median by class: "
                + ", ".join(f"{label} {pd.Series(column).median():.3g}" for label, column in by_class.items()),
            )
    _sizes(dataset)


def _sizes(dataset: Dataset) -> None:
    sizes = pd.DataFrame(dataset.sizes, columns=["height", "width"])
    common = sizes.value_counts().head(10).reset_index(name="images")
    if len(common) == 1:
        height, width = dataset.sizes[0]
        st.markdown(f"All images are {width} x {height} pixels.")
        return
    st.plotly_chart(
        datasets.histogram(sizes.min(axis=1), "shorter side in pixels", theme()),
        theme=None,
        config=NO_TOOLS,
        alt="How large the images are",
    )
    st.dataframe(common, hide_index=True, alt="The most frequent sizes")


def split_of(dataset: Dataset) -> str:
    """One split, the same in every section that looks at one."""
    if len(dataset.split_names) == 1:
        return dataset.split_names[0]
    chosen = st.segmented_control(
        "Split",
        list(dataset.split_names),
        default=dataset.split_names[0],
        required=True,
        key="split",
        bind="query-params",
    )
    return chosen or dataset.split_names[0]


def theme() -> str:
    return st.context.theme.type or "light"


@st.cache_data(max_entries=12, show_spinner="Averaging …")
def _averages(_dataset: Dataset, split: str, stamp: str) -> list[Average]:  # noqa: ARG001
    return of_classes(_dataset, _dataset.rows(split))


@st.cache_data(max_entries=6, show_spinner="Measuring …")
def _quality(_dataset: Dataset, split: str, stamp: str) -> tuple[Rows, Quality]:  # noqa: ARG001
    from fer_core.auditing import reading

    rows = selection.draw(_dataset.rows(split), MEASURED)
    return rows, reading.quality(_dataset, rows)
