"""Results on the page: the numbered photo, a card a face, models side by side, numbers, downloads."""

from collections.abc import Mapping, Sequence

import streamlit as st

from fer_core import text
from fer_core.errors import FerError
from fer_core.figures import bars
from fer_core.photos import drawing, wording
from fer_core.photos.analysis import FaceAnalysis, Prediction
from fer_core.photos.records import rows, to_csv
from ui.predict import reading
from ui.predict.reading import Result
from ui.shared import snapshots, state
from ui.shared.text import code, plain

PHOTOS_A_PAGE = 5
MOST_FACES = 8
CROP_WIDTH = 96
NO_TOOLS = {"displayModeBar": False}


def _clear() -> None:
    state.clear()
    snapshots.throw_away()


def show(results: Sequence[Result]) -> None:
    _toolbar(results)
    number_of_pages = -(-len(results) // PHOTOS_A_PAGE)
    page = st.pagination(number_of_pages, key=state.widget("page")) if number_of_pages > 1 else 1
    first = (page - 1) * PHOTOS_A_PAGE
    for number, result in enumerate(results[first : first + PHOTOS_A_PAGE], start=first + 1):
        _photo(number, result)


def _toolbar(results: Sequence[Result]) -> None:
    records = [result.record for result in results]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button("Download CSV", to_csv(records), "expressions.csv", "text/csv", on_click="ignore")
        st.download_button(
            "Download JSON", text.to_json(records), "expressions.json", "application/json", on_click="ignore"
        )
        st.button("Clear", on_click=_clear, icon=":material/delete:", help="Forget all photos and answers.")


def _photo(number: int, result: Result) -> None:
    st.subheader(f"Photo {number}: {code(result.name)}", anchor=False)
    if result.picture is None:
        st.error(plain(result.record["error"]))
        return
    side_by_side = max((len(face.predictions) for face in result.faces), default=1) <= 2
    left, right = st.columns([2, 3], gap="medium") if side_by_side else (st.container(), st.container())
    with left:
        st.image(result.picture, width="stretch" if side_by_side else 640, alt=_picture_in_words(result))
        _numbers(result)
    with right:
        _faces(result)


def _faces(result: Result) -> None:
    if not result.faces:
        st.info(f"**{wording.NO_FACE}** {wording.NO_FACE_ADVICE}", icon=":material/search_off:")
        return
    count = len(result.faces)
    everything = count <= MOST_FACES or st.toggle(f"Show all {count} faces", key=state.widget(f"all:{result.key}"))
    for number, face in enumerate(result.faces if everything else result.faces[:MOST_FACES], start=1):
        with st.container(border=True):
            _face(number, face, result)


def _face(number: int, face: FaceAnalysis, result: Result) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Face {number}**", width="content")
        if face.disagree:
            st.badge("Models disagree", icon=":material/call_split:", color="orange")
        elif len(face.predictions) > 1:
            st.badge("Models agree", icon=":material/check:", color="green")
    for column, prediction in zip(st.columns(len(face.predictions)), face.predictions, strict=True):
        with column:
            _prediction(number, prediction, result, alone=len(face.predictions) == 1)


def _prediction(number: int, prediction: Prediction, result: Result, *, alone: bool) -> None:
    model = result.models[prediction.model]
    beside, below = st.columns([4, 5], gap="medium") if alone else (st.container(), st.container())
    with beside, st.container(horizontal=True, vertical_alignment="center"):
        seen = f"Face {number} as {prediction.model} saw it"
        st.image(drawing.enlarged(prediction.crop), width=CROP_WIDTH, alt=seen)
        with st.container(width="stretch", gap=None):
            st.caption(plain(model.title))
            st.markdown(f"#### {wording.answer(prediction)}")
    below.plotly_chart(
        bars.bars(prediction.probabilities, st.context.theme.type or "light"),
        key=f"bars:{result.key}:{number}:{prediction.model}",
        config=NO_TOOLS,
        alt=bars.bars_in_words(prediction.probabilities),
    )
    if model.explainable:
        with beside:
            _explanation(number, prediction, result)


def _explanation(number: int, prediction: Prediction, result: Result) -> None:
    asked = st.button(
        f"What spoke for '{prediction.label}'?",
        key=f"heat:{result.key}:{number}:{prediction.model}",
        help="Grad-CAM: the regions of the face that raised this answer.",
    )
    if not asked and (number, prediction.model) not in result.heat:
        return
    try:
        heat = reading.heat(result, number, prediction)
    except FerError as error:
        st.error(plain(str(error)))
        return
    st.image(
        drawing.heated(prediction.crop, heat),
        width=drawing.ENLARGED,
        caption=f"Grad-CAM: yellow regions spoke for '{prediction.label}', blue ones did not.",
        alt=f"Heat map over face {number}",
    )


def _numbers(result: Result) -> None:
    st.caption(_count_in_words(result))
    with st.expander("Numbers and milliseconds"):
        if result.faces:
            st.dataframe(_table(result), hide_index=True, alt="All probabilities of this photo")
        st.table(_stages(result.milliseconds))


def _table(result: Result) -> list[dict[str, object]]:
    flat = rows([result.record])
    hidden = ("photo", "error", "x", "y", "width", "height")
    return [{name: _rounded(value) for name, value in row.items() if name not in hidden} for row in flat]


def _rounded(value: object) -> object:
    return round(value, 3) if isinstance(value, float) else value


def _stages(milliseconds: Mapping[str, float]) -> dict[str, list[str]]:
    return {"stage": list(milliseconds), "milliseconds": [f"{value:.1f}" for value in milliseconds.values()]}


def _picture_in_words(result: Result) -> str:
    return f"The photo with {wording.faces_found(len(result.faces))} boxed and numbered"


def _count_in_words(result: Result) -> str:
    count = wording.faces_found(len(result.faces)).capitalize() + ", the largest first." * (len(result.faces) > 1)
    split = sum(face.disagree for face in result.faces)
    return f"{count} Models disagree on {split}." if split else count
