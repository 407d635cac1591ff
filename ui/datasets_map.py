"""A map of a dataset: images that the network finds alike lie close together."""

import streamlit as st

from fer_core import data_views, figures_data
from fer_core.data_views import Embedding
from fer_core.datasets import Dataset
from fer_core.wording import percent
from ui import datasets_gallery, datasets_numbers, datasets_source, loaders, state

COLOURINGS = ("label", "prediction", "right or wrong")
METHODS = ("PCA", "t-SNE")
COUNTS = (300, 1000, 2000, data_views.MOST_POINTS)


def show(dataset: Dataset) -> None:
    names = [row.info.name for row in loaders.catalogue() if row.state.ready and row.info.name in loaders.ours()]
    if not names:
        st.info("The map needs one of our own networks; train one with `python -m training.train`.")
        return
    first, second, third = st.columns(3, gap="medium", vertical_alignment="bottom")
    with first:
        split = datasets_numbers.split_of(dataset, "map")
    method = second.segmented_control("Method", METHODS, default="PCA", required=True, key=state.widget("map_method"))
    count = third.select_slider("Images, drawn at random", COUNTS, value=1000, key=state.widget("map_count"))
    name = st.selectbox("Network", names, key=state.widget("map_network")) if len(names) > 1 else names[0]
    found = _embedding(dataset, split, method or "PCA", count, name, datasets_source.stamp(dataset))
    _draw(dataset, found)


@st.fragment
def _draw(dataset: Dataset, found: Embedding) -> None:
    colouring = st.segmented_control(
        "Colour", COLOURINGS, default="label", required=True, key=state.widget("map_colour")
    )
    labels = [dataset.classes[number] for number in dataset.labels[found.rows].tolist()]
    right = ["right" if said == label else "wrong" for said, label in zip(found.predictions, labels, strict=True)]
    words = [
        f"{dataset.name_of(row)}: {label}, network: {said}"
        for row, label, said in zip(found.rows.tolist(), labels, found.predictions, strict=True)
    ]
    shown = {"label": labels, "prediction": list(found.predictions), "right or wrong": right}[colouring or "label"]
    figure = figures_data.scatter(found.points, shown, words, found.rows.tolist(), datasets_numbers.theme())
    event = st.plotly_chart(
        figure,
        key=state.widget("map"),
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
        config={"displaylogo": False, "modeBarButtons": [["lasso2d", "select2d", "pan2d", "zoom2d", "resetScale2d"]]},
        alt=f"Map of {len(labels)} images by {found.method}, coloured by {colouring}",
    )
    agreed = right.count("right") / len(right)
    st.caption(
        f"{len(labels):,} images by {found.method} of the network's features; its answer is the label in "
        f"{percent(agreed)}. Draw round points to see their images."
    )
    chosen = [
        int(point["customdata"][0] if isinstance(point["customdata"], list) else point["customdata"])
        for point in event.selection.points
        if "customdata" in point
    ]
    if chosen:
        said = dict(zip(found.rows.tolist(), found.predictions, strict=True))
        notes = {row: f"network: {said[row]}" for row in chosen}
        st.markdown(f"**{len(chosen):,} chosen**")
        datasets_gallery.pages(dataset, chosen, "chosen", notes)


@st.cache_data(max_entries=6, show_spinner="The network reads the images …")
def _embedding(_dataset: Dataset, split: str, method: str, count: int, name: str, stamp: str) -> Embedding:  # noqa: ARG001
    rows = data_views.draw(_dataset.rows(split), count)
    return data_views.embed(_dataset, rows, loaders.predictor(name), method)
