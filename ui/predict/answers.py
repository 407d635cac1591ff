"""Answers on the page: the photo with its boxes, one table of faces and models beside it, details on demand."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from fer_core import text
from fer_core.photos import records, wording
from fer_core.photos.analysis import FaceAnalysis, Prediction
from ui.predict import details, reading
from ui.predict.reading import Result
from ui.shared import loaders, photos, state
from ui.shared.text import code, plain

PHOTOS_PER_PAGE = 5
MOST_ROWS = 12
TALLEST = 440
"""Pixels of a photo on the page, so that its answer is on the same screen."""


def show(results: Sequence[Result], models: tuple[str, ...]) -> None:
    """Newest photo first."""
    pages = -(-len(results) // PHOTOS_PER_PAGE)
    page = st.pagination(pages, key=state.widget("page")) if pages > 1 else 1
    for result in results[(page - 1) * PHOTOS_PER_PAGE : page * PHOTOS_PER_PAGE]:
        with st.container(border=len(results) > 1, key=f"photo:{result.key}"):
            photo(result, models)
            if len(results) > 1:
                _remove(result)


def downloads(results: Sequence[Result]) -> None:
    """The answers of all photos as files."""
    given = [result.record for result in results]
    st.download_button("Download CSV", records.to_csv(given), "expressions.csv", "text/csv", on_click="ignore")
    st.download_button("Download JSON", text.to_json(given), "expressions.json", "application/json", on_click="ignore")


def photo(result: Result, models: tuple[str, ...], below: Callable[[], None] | None = None) -> None:
    """The photo on the left, what was found in it on the right; below each other on a phone.

    Args:
        result: of one photo.
        models: those chosen.
        below: draws what stands below the answer.
    """
    if result.reading.error:
        st.error(f"{code(result.name)}: {plain(result.reading.error)}")
        return
    left, right = st.columns([5, 6], gap="medium")
    with left:
        _picture(result, models)
    with right:
        if not result.faces:
            st.info(f"**{wording.NO_FACE}** {wording.NO_FACE_ADVICE}", icon=":material/search_off:")
        elif len(result.faces) == 1:
            _headline(result.faces[0])
        if len(result.faces) > 1 or len(models) > 1:
            _table(result)
        if result.faces:
            details.show(result)
        if below:
            below()
        with st.expander("How long it took", type="compact"):
            st.markdown(_stages(result.reading.milliseconds))


def _picture(result: Result, models: tuple[str, ...]) -> None:
    words = [f"{number} {_on_box(face)}".strip() for number, face in enumerate(result.faces, start=1)]
    if len(words) == 1:
        words = [_on_box(result.faces[0])]
    shown = reading.picture(result, models, words)
    st.image(shown, width=_width(shown), alt=f"The photo with {wording.faces_found(len(result.faces))} in boxes")


def _width(jpeg: bytes) -> int:
    import io

    from PIL import Image

    with Image.open(io.BytesIO(jpeg)) as opened:
        wide, tall = opened.size
    return round(min(640, TALLEST * wide / tall))


def _on_box(face: FaceAnalysis) -> str:
    """What is written on the box: the label of all sure models, else that it is not clear."""
    sure = {one.label for one in face.predictions if not one.unsure}
    if not face.predictions:
        return ""
    if not sure:
        return f"unsure: {face.predictions[0].label}?"
    return sure.pop() if len(sure) == 1 else "models differ"


def _headline(face: FaceAnalysis) -> None:
    """The answer of the first model in large type."""
    first = face.predictions[0]
    st.markdown(f"### {in_words(first)}")
    for sentence in _remarks(first):
        st.caption(plain(sentence))


def in_words(prediction: Prediction) -> str:
    """'Happy 92 %', or 'Unsure: sad 41 %, or neutral 33 %'."""
    said = wording.answer(prediction)
    return said[0].upper() + said[1:]


def _remarks(prediction: Prediction) -> list[str]:
    reason = wording.because(prediction)
    return [reason] if reason else []


def _table(result: Result) -> None:
    """One row per face, one column per model."""
    titles = loaders.titles()
    rows = [_row(number, face, titles) for number, face in enumerate(result.faces[:MOST_ROWS], start=1)]
    st.table(rows, border="horizontal", hide_index=True, alt="One row per face, one column per model")
    if len(result.faces) > MOST_ROWS:
        st.caption(f"The {MOST_ROWS} largest of {len(result.faces)} faces. The downloads hold all of them.")


def _row(number: int, face: FaceAnalysis, titles: Mapping[str, str]) -> dict[str, str]:
    cells = {titles[one.model]: _cell(one) for one in face.predictions}
    agreement = {"together": agreement_of(face)} if len(face.predictions) > 1 else {}
    return {"Face": str(number), **cells, **agreement}


def _cell(prediction: Prediction) -> str:
    said = f"{prediction.label} {text.percent(prediction.confidence)}".replace(" %", "\N{NO-BREAK SPACE}%")
    return f":gray[unsure: {said}]" if prediction.unsure else f"**{said}**"


def agreement_of(face: FaceAnalysis) -> str:
    """Whether the sure models say the same. An unsure model neither agrees nor disagrees."""
    sure = [one.label for one in face.predictions if not one.unsure]
    if len(set(sure)) > 1:
        return "models differ"
    if len(sure) == len(face.predictions):
        return "all agree"
    return f"{len(sure)} of {len(face.predictions)} sure"


def _stages(milliseconds: Mapping[str, float]) -> str:
    """A table in Markdown: `st.table` would bring pandas, most of a second of the first answer."""
    rows = [f"| {plain(stage)} | {value:.1f} |" for stage, value in milliseconds.items()]
    return "\n".join(["| stage | milliseconds |", "|:--|--:|", *rows])


def _remove(result: Result) -> None:
    st.button("Remove this photo", key=f"remove:{result.key}", on_click=photos.remove, args=(result.key,))
