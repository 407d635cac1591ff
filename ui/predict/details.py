"""One face in detail: the probabilities of all models in one figure, and why each gave its answer."""

import streamlit as st

from fer_core.errors import FerError
from fer_core.photos import drawing, explain
from fer_core.photos.analysis import FaceAnalysis
from ui.predict import reading
from ui.predict.reading import Result
from ui.shared import loaders
from ui.shared.text import plain

NO_TOOLS = {"displayModeBar": False}
CROP = 150


def show(result: Result) -> None:
    """Buttons first, so that what they open appears right below them."""
    face = result.faces[0]
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(result.faces) > 1:
            number = st.selectbox(
                "Details of face",
                range(1, len(result.faces) + 1),
                key=f"face:{result.key}",
                width=120,
                label_visibility="collapsed",
                format_func="Face {}".format,
            )
            face = result.faces[number - 1]
        number = result.faces.index(face) + 1
        probabilities = st.toggle("Probabilities", key=f"bars:{result.key}")
        why = st.toggle(f"Why {face.predictions[0].label}?", key=f"why:{result.key}")
    if why:
        _why(result, number, face)
    if probabilities:
        _bars(result, number, face)


def _bars(result: Result, number: int, face: FaceAnalysis) -> None:
    from fer_core.figures.bars import bars, bars_in_words  # brings Plotly and pandas: a second of the first answer

    titles = loaders.titles()
    models = [(titles[one.model], one.probabilities) for one in face.predictions]
    st.plotly_chart(
        bars(models, st.context.theme.type or "light"),
        key=f"figure:{result.key}:{number}",
        theme=None,
        config=NO_TOOLS,
        alt=bars_in_words(models),
    )


def _why(result: Result, number: int, face: FaceAnalysis) -> None:
    titles = loaders.titles()
    with st.container(horizontal=True, gap="small"):
        for prediction in face.predictions:
            with st.container(width=CROP, gap=None):
                if not explain.can_explain(prediction.model):
                    st.image(drawing.enlarged(prediction.crop, CROP), width=CROP, alt="What the network saw")
                    st.caption(plain(f"{titles[prediction.model]}: this network cannot tell why."))
                    continue
                try:
                    heat = reading.heat(result.reading, number, prediction)
                except FerError as error:
                    st.caption(plain(f"{titles[prediction.model]}: {error}"))
                    continue
                st.image(drawing.heated(prediction.crop, heat, CROP), width=CROP, alt=f"Heat map over face {number}")
                st.caption(plain(f"{titles[prediction.model]}: {prediction.label}"))
    st.caption("Yellow parts of the face raised the answer most.")
