"""A map of a dataset: images that the network finds alike lie close together."""

import streamlit as st

from fer_core.auditing import averages
from fer_core.auditing.averages import Embedding
from fer_core.datasets import Dataset
from fer_core.figures import datasets
from fer_core.recipes import selection
from fer_core.text import percent
from ui.datasets import gallery, numbers, source
from ui.shared import loaders, state

COLOURINGS = ("label", "prediction", "right or wrong")
METHODS = ("PCA", "t-SNE")
KEPT = 6
COUNTS = (300, 1000, 2000, averages.MOST_POINTS)


def show(dataset: Dataset) -> None:
    names = [row.info.name for row in loaders.catalogue() if row.state.ready and row.info.name in loaders.ours()]
    if not names:
        st.info("The map needs one of our own networks; train one with `fer train`.")
        return
    split = numbers.split_of(dataset)
    second, third = st.columns([1, 2], gap="medium")
    method = second.segmented_control("Method", METHODS, default="PCA", required=True, key=state.widget("map_method"))
    count = third.select_slider("Images, drawn at random", COUNTS, value=COUNTS[0], key=state.widget("map_count"))
    name = st.selectbox("Network", names, key=state.widget("map_network")) if len(names) > 1 else names[0]
    found = _embedding(dataset, split, method or "PCA", count, name)
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
    figure = datasets.scatter(found.points, shown, words, found.rows.tolist(), numbers.theme())
    event = st.plotly_chart(
        figure,
        theme=None,
        key=state.widget("map"),
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
        config={"displaylogo": False, "modeBarButtons": [["lasso2d", "select2d", "pan2d", "zoom2d", "resetScale2d"]]},
        alt=f"Map of {len(labels)} images by {found.method}, coloured by {colouring}",
    )
    agreed = right.count("right") / len(right)
    st.caption(
        f"Each of the {len(labels):,} points is an image. Points that are close look alike to the network "
        f"({found.method} of its features). Its answer equals the label for {percent(agreed)}. Draw a line around "
        "points to see their images."
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
        gallery.pages(dataset, chosen, "chosen", notes)


def _embedding(dataset: Dataset, split: str, method: str, count: int, name: str) -> Embedding:
    """A map of this visit, made once; any click elsewhere ends it."""
    kept = state.kept("maps")
    key = (source.stamp(dataset), split, method, count, name)
    if key not in kept:
        bar = st.progress(0.0, "The network reads the images …")
        rows = selection.draw(dataset.rows(split), count)

        def tell(done: int, total: int) -> None:
            bar.progress(done / total, f"The network reads the images: {done:,} of {total:,}")

        found = averages.embed(dataset, rows, loaders.predictor(name), method, tell)
        bar.empty()
        for old in list(kept)[: max(0, len(kept) + 1 - KEPT)]:
            del kept[old]
        kept[key] = found
    embedding: Embedding = kept[key]
    return embedding
