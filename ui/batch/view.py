"""What a batch found, from the folder that `fer batch` wrote: on one's own computer only."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from fer_core import extras, settings
from fer_core.batch import faces
from fer_core.batch.summary import Results, Summary, Table
from fer_core.errors import FerError
from fer_core.figures import batch as figures
from ui.shared import state
from ui.shared.text import code, plain

PATH = "batch_folder"
EACH = 6
"""Sample faces per expression."""
SIDE = 110
"""Pixels that a sample face is shown at."""
NO_TOOLS = {"displayModeBar": False}
PERCENT = st.column_config.NumberColumn(format="percent")
NUMBER = st.column_config.NumberColumn(format="localized")


def show() -> None:
    """The folder's field, and below it what the batch found."""
    if settings.public():
        st.info(
            "This server shows no files of its own. Run the app on your own computer, and this tab opens the results "
            "of `fer batch` that lie there.",
            icon=":material/folder_off:",
        )
        return
    folder = st.text_input(
        "Folder that fer batch wrote", key=state.widget(PATH), placeholder="/data/results", help="The DIR of `--out`."
    ).strip()
    if not folder:
        st.info("Give the folder of a batch: `fer batch photos/ --out results`.", icon=":material/folder_open:")
        return
    try:
        with st.spinner("Counting"), extras.explained():
            results = _results(folder)
            found = results.summary()
        _found(results, found)
    except FerError as error:
        st.error(plain(str(error)))


def _results(folder: str) -> Results:
    """The opened results, for this visit; opened again when a part was added."""
    store = state.kept("batch")
    changed = max((path.stat().st_mtime_ns for path in Path(folder).expanduser().glob("part-*")), default=0)
    if (folder, changed) not in store:
        store.clear()
        store[folder, changed] = Results(folder)
    opened: Results = store[folder, changed]
    return opened


def _found(results: Results, found: Summary) -> None:
    counts = found.counts
    if not found.done:
        st.warning("The batch is not finished: these are the parts that are written.", icon=":material/hourglass_top:")
    columns = st.columns(4)
    for column, title, number in zip(
        columns,
        ("Photos", "Faces", "Without a face", "Could not be read"),
        (counts.photos, counts.faces, counts.without_face, counts.failed),
        strict=True,
    ):
        column.metric(title, f"{number:,}")
    models = list(dict.fromkeys(row["model"] for row in found.shares))
    if models:
        _of_model(
            results,
            found,
            models[0] if len(models) == 1 else st.selectbox("Model", models, key=state.widget("batch_model")),
        )
    _table("Slowest photos", found.slowest, milliseconds=NUMBER)
    _table(f"Photos that could not be read: {counts.failed:,}, the first of them", found.failed)


def _of_model(results: Results, found: Summary, model: str) -> None:
    theme = st.context.theme.type or "light"
    shares, folders, months = (_only(rows, model) for rows in (found.shares, found.folders, found.months))
    st.subheader("Which expressions?", anchor=False)
    st.plotly_chart(figures.shares(shares, theme), config=NO_TOOLS, key=f"batch_shares_{theme}")
    st.caption("Share of all faces. The paler part of a bar is unsure.")
    _rows(shares, share=PERCENT, unsure=PERCENT, confidence=PERCENT, faces=NUMBER)
    st.subheader("Where?", anchor=False)
    st.caption("The folders with most faces. 'most' is the most frequent expression, 'share' its share.")
    _rows(folders, share=PERCENT, unsure=PERCENT, faces=NUMBER, group="folder")
    if months:
        st.subheader("When?", anchor=False)
        st.caption("By the month in which the camera says the photo was taken.")
        st.plotly_chart(figures.months(months, theme), config=NO_TOOLS, key=f"batch_months_{theme}")
    _samples(results, model)


def _samples(results: Results, model: str) -> None:
    """Faces are read from their photos again, which takes a moment: only when asked."""
    st.subheader("Sample faces", anchor=False)
    if not st.toggle("Show a few faces of each expression", key=state.widget("batch_samples")):
        return
    for label, rows in results.samples(model, EACH).items():
        st.markdown(f"**{label}**")
        with st.container(horizontal=True):
            for row in rows:
                _face(row)


def _face(row: Mapping[str, Any]) -> None:
    pixels = faces.cut(row)
    if pixels is None:
        st.caption(f"{code(row['photo'])} is not there any more")
        return
    doubt = ", unsure" if row["unsure"] else ""
    st.image(pixels, width=SIDE, caption=f"{row['confidence']:.0%}{doubt}")


def _only(rows: Table, model: str) -> Table:
    return [{name: value for name, value in row.items() if name != "model"} for row in rows if row["model"] == model]


def _table(title: str, rows: Table, **columns: Any) -> None:  # noqa: ANN401  (Streamlit's own column types)
    if rows:
        with st.expander(title):
            _rows(rows, **columns)


def _rows(rows: Table, **columns: Any) -> None:  # noqa: ANN401
    st.dataframe(rows, hide_index=True, column_config=columns)
