"""Confusion matrices of our networks on FER2013's private test, measured at their release: no run is needed."""

from collections.abc import Mapping, Sequence

import streamlit as st

from fer_core import settings
from fer_core.datasets import Dataset
from fer_core.evaluation import measured, mistakes
from fer_core.evaluation.measured import DATA, Measured
from fer_core.figures import compare
from fer_core.text import percent
from ui.datasets import gallery, source
from ui.shared import layout, loaders, state
from ui.shared.text import plain

FER2013 = "fer2013"
KEPT = "ready"
SHOWN_FIRST = 2
NO_TOOLS = {"displayModeBar": False}


def show() -> None:
    """The matrices of the chosen networks, and the images behind a cell where FER2013 is open on this computer."""
    rows = {row.model: row for row in measured.to_quote(measured.measured(local=False), DATA[FER2013]) if row.confusion}
    if not rows:
        st.info("No network here has a confusion matrix yet. `fer release` measures one.", icon=":material/grid_on:")
        return
    titles = loaders.titles()
    chosen = st.pills(
        "Networks",
        list(rows),
        selection_mode="multi",
        default=list(rows)[:SHOWN_FIRST],
        format_func=titles.__getitem__,
        key="ready",
        bind="query-params",
        wrap=True,
    )
    shown = [row for row in rows.values() if row.model in chosen]
    st.caption(
        "Measured on FER2013's private test when each network was released. A row is a label, a column an answer. "
        "Numbers count images. The stronger the colour, the larger the share of the row."
    )
    for start in range(0, len(shown), 2):
        for column, row in zip(st.columns(2, gap="medium"), shown[start : start + 2], strict=False):
            with column:
                _matrix(row, titles[row.model])
    if shown:
        st.subheader("Look at the mistakes", anchor=False)
        _mistakes(shown, titles)


def _matrix(row: Measured, title: str) -> None:
    left_out = ", without copies of training images" if row.subset else ""
    st.markdown(f"**{plain(title)}**: {percent(row.accuracy)} of {row.images:,} images right{left_out}")
    classes = list(row.recall)
    figure = compare.confusion_of(row.confusion, classes, classes, st.context.theme.type or "light")
    words = "; ".join(f"{label} read as {answer}: {count}" for (label, answer), count in cells(row).items())
    st.plotly_chart(figure, theme=None, key=f"ready:{row.model}", config=NO_TOOLS, alt=f"Confusion matrix. {words}")


def cells(row: Measured) -> dict[tuple[str, str], int]:
    """Label and wrong answer of each cell with an image, the most frequent first."""
    classes = list(row.recall)
    found = {
        (label, answer): row.confusion[place][other]
        for place, label in enumerate(classes)
        for other, answer in enumerate(classes)
        if place != other and row.confusion[place][other]
    }
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _mistakes(shown: Sequence[Measured], titles: Mapping[str, str]) -> None:
    left, right = st.columns([2, 3])
    by_name = {row.model: row for row in shown}
    name = left.selectbox("Model", list(by_name), format_func=titles.__getitem__, key="ready_model")
    found = cells(by_name[name])
    if not found:
        st.success(f"{plain(titles[name])} made no mistake.")
        return
    cell = right.selectbox(
        "Mistakes", list(found), format_func=lambda one: f"{one[0]}, read as {one[1]}: {found[one]:,}", key="ready_cell"
    )
    data = None if settings.public() else source.opened_kind(FER2013)
    if data is None:
        _how_to_see()
    elif by_name[name].split not in data.split_names:
        st.info(f"The FER2013 that is open here has no split '{by_name[name].split}'.")
    else:
        _pictures(data, by_name[name], *cell)


def _how_to_see() -> None:
    if settings.public():
        st.info("The images are research data. They are shown only in the app on your own computer.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("To see these images, open your copy of FER2013 on the page")
        layout.link(layout.page_of("Datasets"))


def _pictures(data: Dataset, row: Measured, label: str, answer: str) -> None:
    kept = state.kept(KEPT)
    key = (row.model, source.stamp(data), label, answer)
    if key not in kept:
        if not st.button("Show these images", icon=":material/image_search:", key="ready_show"):
            return
        kept[key] = _read(data, row, label, answer)
    cell: mistakes.Cell = kept[key]
    notes = {
        int(place): f"read as {answer}, {percent(sure)}"
        for place, sure in zip(cell.rows, cell.confidence.tolist(), strict=True)
    }
    counted = cells(row)[label, answer]
    if len(cell.rows) != counted:
        st.warning(f"This copy of FER2013 gives {len(cell.rows):,} such images. The matrix counted {counted:,}.")
    votes = cell.dataset.votes is not None
    st.caption(
        "The surest mistakes first."
        + (
            " The bars are the votes of FER+'s ten annotators: they tell whether the label looks wrong."
            if votes
            else ""
        )
    )
    gallery.pages(cell.dataset, cell.rows, f"ready:{row.model}:{label}:{answer}", notes, votes=votes)


def _read(data: Dataset, row: Measured, label: str, answer: str) -> mistakes.Cell:
    """With a bar, because some hundred images are read."""
    words = f"The network reads the images labelled {label}"
    bar = st.progress(0.0, f"{words} …")

    def tell(done: int, total: int) -> None:
        bar.progress(done / total, f"{words}: {done:,} of {total:,}")

    found = mistakes.of_cell(loaders.predictor(row.model), data, row, label, answer, tell)
    bar.empty()
    return found
