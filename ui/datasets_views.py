"""The views of an opened dataset; only the chosen one computes."""

from collections.abc import Callable

import streamlit as st

from fer_core.datasets import Dataset
from ui import (
    datasets_audit,
    datasets_augmentation,
    datasets_gallery,
    datasets_map,
    datasets_numbers,
    datasets_source,
    datasets_subset,
    state,
)
from ui.text import code, plain

VIEWS: dict[str, Callable[[Dataset], None]] = {
    "Counts": datasets_numbers.counts,
    "Images": datasets_gallery.show,
    "Averages": datasets_numbers.averages,
    "Light and sharpness": datasets_numbers.quality,
    "Votes": datasets_gallery.votes,
    "Map": datasets_map.show,
    "Augmentation": datasets_augmentation.show,
    "Audit": datasets_audit.show,
    "Subset": datasets_subset.show,
}


def show(dataset: Dataset) -> None:
    _heading(dataset)
    view = st.segmented_control(
        "View", list(VIEWS), default="Counts", required=True, key=state.widget("view"), label_visibility="collapsed"
    )
    VIEWS[view or "Counts"](dataset)


def _heading(dataset: Dataset) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{code(dataset.path.name)}: {len(dataset):,} images of {len(dataset.classes)} classes, read as "
            f"{code(dataset.kind)}; splits {', '.join(dataset.split_names)}.",
            width="stretch",
        )
        st.button(
            "Read again",
            icon=":material/refresh:",
            on_click=datasets_source.forget,
            args=(dataset,),
            help="When files deep in its folders have changed.",
        )
    if not dataset.problem_count:
        return
    with st.expander(f"{dataset.problem_count:,} problems: what was left out, and why", icon=":material/warning:"):
        for reason, count in dataset.problem_counts.items():
            st.markdown(f"- {count:,}: {plain(reason)}")
        st.dataframe(
            [{"where": problem.place, "what": problem.reason} for problem in dataset.problems],
            hide_index=True,
            alt="The first problems",
        )
