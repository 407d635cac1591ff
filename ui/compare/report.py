"""The report of a comparison: figures in tabs, each drawn when it is opened."""

import streamlit as st

from fer_core.compare import tables, verdict
from fer_core.compare.conditions import CONDITIONS
from fer_core.compare.scores import Report
from fer_core.figures import compare
from fer_core.photos import wording
from ui.compare import downloads, pictures, robustness
from ui.compare.sources import Given
from ui.shared.text import plain

NO_TOOLS = {"displayModeBar": False}
TABS = ("Confusion", "Recall", "Confidence", "Kinds of faces", "Whole photo", "Pictures", "Robustness", "Download")


def show(report: Report, given: Given) -> None:
    _opening(report)
    tabs = st.tabs(list(TABS), on_change="rerun", key="compare_tabs", bind="query-params")
    shown = (_confusion, _recall, _confidence, _conditions, _whole, pictures.show, robustness.show)
    for tab, draw in zip(tabs, shown, strict=False):
        if tab.open:
            with tab:
                draw(report)
    if tabs[-1].open:
        with tabs[-1]:
            downloads.show(report, given)


def theme() -> str:
    return st.context.theme.type or "light"


def _opening(report: Report) -> None:
    given = report.comparison
    st.header(plain(given.title), anchor=False)
    st.markdown(f"#### {plain(verdict.in_words(report))}")
    if warning := verdict.warning(report):
        st.warning(plain(warning), icon=":material/groups_2:")
    st.table(_plain(tables.headline(report)), border="horizontal", hide_index=True, alt="Accuracy of each model")
    st.caption("In brackets: the 95 % interval. A photo in which no face was found counts as wrong.")
    with st.expander("How we know", type="compact"):
        st.table(
            _plain(tables.further(report)), border="horizontal", hide_index=True, alt="Further figures of each model"
        )
        st.markdown(plain(tables.HOW_WE_KNOW))
        for line in tables.verdicts(report):
            st.markdown(f"- {plain(line)}")
        st.caption(wording.DETECTORS[given.detector] + _spent(report))
    _notes(given.notes)


def _plain(rows: list[tables.Row]) -> list[tables.Row]:
    """`st.table` reads Markdown, and a network may be called anything."""
    return [row | {"model": plain(str(row["model"]))} for row in rows]


def _spent(report: Report) -> str:
    find = report.comparison.milliseconds.get("find")
    return (
        "" if find is None else f" Reading a photo, finding its face and cutting it out takes {find:.0f} ms (median)."
    )


def _notes(notes: tuple[str, ...]) -> None:
    if not notes:
        return
    with st.expander(f"What was not as expected: {len(notes)}", icon=":material/rule:"):
        st.markdown("\n".join(f"- {plain(note)}" for note in notes))


def _confusion(report: Report) -> None:
    classes = report.comparison.classes
    st.caption(
        "A row is a label, a column an answer. The stronger the colour, the larger the share of the row. Numbers count "
        "photos."
    )
    for start in range(0, len(report.scores), 2):
        for column, scores in zip(st.columns(2, gap="medium"), report.scores[start : start + 2], strict=False):
            with column:
                st.markdown(f"**{plain(report.titles[scores.model])}**")
                figure = compare.confusion(scores, classes, theme())
                _chart(figure, f"confusion:{scores.model}", f"Confusion matrix of {scores.model}")
    st.subheader("Look at the mistakes", anchor=False)
    pictures.mistakes(report)
    if len(report.scores) > 1:
        _difference(report)


def _difference(report: Report) -> None:
    st.subheader("Where two models differ", anchor=False)
    by_name = {scores.model: scores for scores in report.scores}
    names = list(by_name)
    left, right = st.columns(2)
    first = left.selectbox("First", names, format_func=report.titles.__getitem__, key=f"difference:first:{names}")
    second = right.selectbox(
        "Second", names, index=1, format_func=report.titles.__getitem__, key=f"difference:second:{names}"
    )
    if (by_name[first].confusion == by_name[second].confusion).all():
        st.info("These two gave the same answers equally often. There is no difference to show.")
        return
    figure = compare.confusion_difference(by_name[first], by_name[second], report.comparison.classes, theme())
    _chart(figure, "difference", f"Difference of the confusion matrices of {first} and {second}")
    st.caption(
        "Blue: the first model gives this answer more often. Orange: the second one does. Numbers are percentage "
        "points of the row."
    )


def _recall(report: Report) -> None:
    figure = compare.recalls(report, theme())
    _chart(figure, "recall", "Recall of each expression and model")
    st.dataframe(tables.recall(report), hide_index=True, alt="Recall of each expression and model")


def _confidence(report: Report) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Is the confidence right?**")
        _chart(compare.reliability(report, theme()), "reliability", "Reliability diagram")
        st.caption(
            "Larger dots hold more photos. Below the dotted line, a model is less often right than its confidence says."
        )
    with right:
        st.markdown("**What does it help to answer 'unsure'?**")
        _chart(compare.coverage(report, theme()), "coverage", "Accuracy against the share answered")
        st.caption("The ring is the threshold that each model uses. Photos without a face get no answer.")
    for line in tables.unsure_in_words(report):
        st.markdown(f"- {plain(line)}")


def _conditions(report: Report) -> None:
    present = [name for name in CONDITIONS if any(group.condition == name for group in report.groups)]
    names = {name: CONDITIONS[name].title for name in present}
    name = st.segmented_control("Property of the face", present, default=present[0], format_func=names.__getitem__)
    if name:
        _chart(compare.by_condition(report, name, theme()), f"by:{name}", f"Accuracy by {names[name]}")
    st.dataframe(tables.groups(report), hide_index=True, alt="Accuracy by kinds of faces")
    st.caption("In brackets: Wilson's 95 % interval. Turn needs the landmarks that YuNet gives.")


def _whole(report: Report) -> None:
    if report.comparison.whole is None:
        st.info(
            "The photos were not read whole: this was switched off, or the pictures are face crops already.",
            icon=":material/crop:",
        )
        return
    _chart(compare.whole_photo(report, theme()), "whole", "Accuracy with the face cut out and on the whole photo")
    st.markdown(plain(tables.WHY_WHOLE_IS_BAD))
    pictures.whole(report)


def _chart(figure: object, key: str, words: str) -> None:
    st.plotly_chart(figure, theme=None, key=f"compare:{key}", config=NO_TOOLS, alt=words)
