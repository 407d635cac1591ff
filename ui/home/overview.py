"""What stands on the home page: the models, and the background."""

import streamlit as st

from fer_core.facts import background
from fer_core.predictors import PredictorInfo
from ui.home import mistakes
from ui.shared import loaders
from ui.shared.loaders import Listed
from ui.shared.text import code, plain

TOPICS = {"application": "Applications", "market": "Market", "challenge": "Challenges", "remedy": "Remedies"}


def models() -> None:
    """Which can run now, how well each was measured, and what to do about the others."""
    listed = loaders.catalogue()
    if not any(row.info.name == loaders.DEFAULT and row.state.ready for row in listed):
        st.warning(
            f"Our own network, {code(loaders.DEFAULT)}, cannot run here yet: train one with "
            "`fer train` and put it into `models/` with `fer release`, or take a checkout that has it.",
            icon=":material/build:",
        )
    shown = [row for row in listed if loaders.twin_of(row.info.name) is None]
    titles = loaders.titles(listed)
    weakest = mistakes.weakest()
    st.table([_row(row, titles[row.info.name], weakest.get(row.info.name, "")) for row in shown], hide_index=True)
    st.caption(
        "Accuracy: the share of right answers on the private test of FER2013, one view per image. If the training of a "
        "network held copies of test images, its figure leaves these out. 'Finds least': of 100 faces with this label, "
        "the network finds this many."
    )
    with st.expander("Their names in commands, how they were measured, licences, and how to get those that do not run"):
        st.markdown("\n".join(f"- {code(row.info.name)}: {_note(row)}" for row in shown))
        if len(shown) < len(listed):
            st.caption(
                "On the command line, `:keras` after a name runs that network with Keras. The answer is the same."
            )


def backgrounds() -> None:
    for tab, topic in zip(st.tabs(list(TOPICS.values())), TOPICS, strict=True):
        with tab:
            st.table(
                [
                    {"": plain(row.item), "what is said": plain(row.statement), "source": plain(row.source)}
                    for row in background.statements(topic)
                ]
            )
    st.caption(plain(background.SOURCES))


def _row(row: Listed, title: str, weakest: str) -> dict[str, str]:
    info = row.info
    return {
        "model": f"**{plain(title)}**",
        "accuracy": _accuracy(info),
        "finds least": plain(weakest),
        "what it is": plain(info.about) + ("" if row.state.ready else "; does not run here"),
    }


def _accuracy(info: PredictorInfo) -> str:
    return "not measured" if info.accuracy is None else f"{info.accuracy:.1%}".replace("%", " %")


def _note(row: Listed) -> str:
    info = row.info
    notes = [f"classes {', '.join(info.classes)}."] if info.classes else []
    if info.accuracy_note:
        notes.append(f"Accuracy: {info.accuracy_note}.")
    notes.append(f"Licence: {info.licence}.")
    if not row.state.ready:
        notes.append(f"Cannot run: {row.state.reason}")
    return plain(" ".join(notes))
