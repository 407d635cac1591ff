"""Pictures of a dataset, page by page; they stay in memory while they are shown."""

from collections.abc import Mapping, Sequence

import streamlit as st

from fer_core.auditing import averages
from fer_core.auditing.averages import Rows
from fer_core.datasets import Dataset
from fer_core.figures import little_bars
from fer_core.text import percent
from ui.shared import state
from ui.shared.text import plain

A_PAGE = 48
GROUPS_A_PAGE = 12
MOST_OF_A_GROUP = 12
WIDTH = 84
SHOWN = 96
"""Side of the pictures as they are sent."""
ORDERS = ("in order", "at random")


def show(dataset: Dataset) -> None:
    """Images by class and split."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        splits = _several("Splits", dataset.split_names, "gallery_splits")
        order = st.segmented_control("Order", ORDERS, default="in order", required=True, key=state.widget("order"))
    with right:
        labels = _several("Classes", dataset.classes, "gallery_classes")
    rows = averages.rows_of(dataset, splits, labels)
    if order == "at random":
        rows = averages.shuffled(rows)
    st.caption(f"{len(rows):,} images")
    pages(dataset, rows, "gallery", {})


def votes(dataset: Dataset) -> None:
    """FER+: most contested first."""
    if dataset.votes is None:
        st.info(
            "This dataset has no votes. FER2013 has them when fer2013new.csv (github.com/microsoft/FERPlus) lies "
            "beside its CSV.",
            icon=":material/how_to_vote:",
        )
        return
    splits = _several("Splits", dataset.split_names, "vote_splits")
    labels = _several("Classes", dataset.classes, "vote_classes")
    rows = averages.most_contested(dataset.votes, averages.rows_of(dataset, splits, labels))
    if not len(rows):
        st.info("No image is of these classes and splits.")
        return
    agreed = averages.agreement(dataset.votes[rows])
    with st.container(horizontal=True, gap="large"):
        st.metric("Mean agreement", percent(float(agreed.mean())), width="content", help="Share of the top answer.")
        st.metric(
            "No majority", percent(float((agreed <= 0.5).mean())), width="content", help="Top answer at half or less."
        )
        st.metric("All agree", percent(float((agreed == 1).mean())), width="content")
    st.caption(
        "The images that people disagree on most come first. The label is that of the dataset. The bars are the votes "
        "of the ten people who labelled it for FER+."
    )
    pages(dataset, rows, "votes", {}, votes=True)


def pages(
    dataset: Dataset, rows: Sequence[int] | Rows, name: str, words: Mapping[int, str], *, votes: bool = False
) -> None:
    """A grid of pictures with its pager.

    Args:
        dataset: an opened one.
        rows: what to show, in order.
        name: of the grid, for its widgets.
        words: what stands below a picture beside its label.
        votes: FER+'s votes stand below.
    """
    number_of_pages = max(1, -(-len(rows) // A_PAGE))
    page = _pager(number_of_pages, f"{name}:{len(rows)}") if number_of_pages > 1 else 1
    shown = [int(row) for row in rows[(page - 1) * A_PAGE : page * A_PAGE]]
    grid(dataset, shown, words, votes=votes)


def groups(dataset: Dataset, found: Sequence[Rows], name: str) -> None:
    """Images that belong together, side by side in a frame."""
    number_of_pages = max(1, -(-len(found) // GROUPS_A_PAGE))
    page = _pager(number_of_pages, f"{name}:{len(found)}") if number_of_pages > 1 else 1
    for group in found[(page - 1) * GROUPS_A_PAGE : page * GROUPS_A_PAGE]:
        with st.container(border=True):
            ordered = sorted(group.tolist(), key=lambda row: -dataset.splits[row])  # what training leaks into, first
            shown = ordered[:MOST_OF_A_GROUP]
            words = {row: dataset.split_names[int(dataset.splits[row])] for row in shown}
            grid(dataset, shown, words)
            if len(group) > len(shown):
                st.caption(f"and {len(group) - len(shown)} more")


def grid(dataset: Dataset, rows: Sequence[int], words: Mapping[int, str], *, votes: bool = False) -> None:
    """Pictures with their label and a few words; with `votes`, what the annotators said as bars below each."""
    found = dict(averages.readable(dataset, rows, SHOWN, 3))
    wide = votes or any(words.get(row) for row in rows)
    with st.container(horizontal=True, gap="small"):
        for row in rows:
            with st.container(width=WIDTH + 60 if wide else WIDTH + 12, gap=None):
                if row in found:
                    st.image(found[row], width=WIDTH, alt=f"{dataset.name_of(row)}, {_label(dataset, row)}")
                else:
                    st.markdown(":material/broken_image: cannot be read")
                st.caption("  \n".join(map(plain, _words(dataset, row, words.get(row, "")))), width="stretch")
                if votes and dataset.votes is not None:
                    given = dataset.votes[row]
                    drawn = little_bars.votes(given, st.context.theme.type or "light", WIDTH + 60)
                    st.image(drawn, width=WIDTH + 60, alt=f"Votes: {averages.votes_in_words(given)}")


def _words(dataset: Dataset, row: int, more: str) -> list[str]:
    """One line or two."""
    name = dataset.name_of(row).rpartition("/")[2]
    short = name if len(name) <= 24 else f"…{name[-22:]}"
    return [f"{_label(dataset, row)}, {short}", *([more] if more else [])]


def _label(dataset: Dataset, row: int) -> str:
    return dataset.classes[int(dataset.labels[row])]


def _several(title: str, options: Sequence[str], name: str) -> list[str]:
    """Any of them; none chosen is all."""
    if len(options) < 2:
        return []
    return st.pills(
        f"{title} (none chosen: all)", list(options), selection_mode="multi", key=state.widget(name), wrap=True
    )


def _pager(count: int, name: str) -> int:
    return st.pagination(count, key=state.widget(f"page:{name}"))
