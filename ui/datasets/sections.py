"""The sections of an opened dataset; only the chosen one computes."""

from collections.abc import Callable

import streamlit as st

from fer_core.datasets import Dataset
from ui.datasets import audit, augmentation, feature_map, gallery, numbers, source, subset
from ui.shared.text import code, plain

SECTIONS: dict[str, Callable[[Dataset], None]] = {
    "Counts": numbers.counts,
    "Images": gallery.show,
    "Averages": numbers.averages,
    "Light and sharpness": numbers.quality,
    "Votes": gallery.votes,
    "Map": feature_map.show,
    "Augmentation": augmentation.show,
    "Audit": audit.show,
    "Subset": subset.show,
}


def show(dataset: Dataset) -> None:
    _heading(dataset)
    section = st.segmented_control(
        "Section",
        list(SECTIONS),
        default="Counts",
        required=True,
        key="section",
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
        wrap=True,
    )
    SECTIONS[section](dataset)


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
            on_click=source.forget,
            args=(dataset,),
            help="When files deep in its folders have changed.",
        )
    for note in dataset.notes:
        st.caption(plain(note))
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
