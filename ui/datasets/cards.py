"""The catalogue as cards: what a dataset holds, its terms, and where to get it."""

import streamlit as st

from fer_core import settings
from fer_core.auditing import averages
from fer_core.datasets import Dataset, catalogue
from fer_core.datasets.catalogue import Entry
from fer_core.figures import little_bars
from ui.datasets import source
from ui.shared.text import plain

WIDTH = 285
"""Pixels: three cards in a row on a laptop, one on a phone."""
PICTURE = 60
PICTURES = 4
NO_PICTURE = "No picture here: its terms do not let others show one."


def show() -> None:
    """One card per dataset, those that this program opens first."""
    with st.container(horizontal=True, gap="small"):
        for entry in catalogue.entries():
            with st.container(border=True, width=WIDTH, gap="xsmall", key=f"card:{entry.key}"):
                _card(entry)


def _card(entry: Entry) -> None:
    """Two elements a card: a page of forty more takes a browser noticeably longer."""
    _picture(entry)
    lines = (
        f"**{entry.images:,}** images, {_classes(entry)}, {plain(entry.size)} pixels, {_channels(entry)}",
        plain(entry.taken),
        f"**Licence:** {plain(entry.licence)}",
        f"**How to get it:** {plain(entry.access)}",
        f"[Page of its authors]({entry.link})",
    )
    st.markdown(
        f"#### {plain(entry.title)}\n" + "  \n".join(f":small[{line}]" for line in lines),
        help=f"{plain(entry.notes)}. Figures from: {plain(entry.source)}",
    )


def _picture(entry: Entry) -> None:
    """Pictures of the copy that is open on this computer; else bars of its classes; else a sentence."""
    opened = None if settings.public() else source.opened_kind(entry.key)
    if opened is not None and _pictures(opened, entry):
        return
    counts = _training_counts(entry)
    if counts:
        picture = little_bars.shares(counts, st.context.theme.type or "light", WIDTH - 40)
        words = ", ".join(f"{label} {count:,}" for label, count in counts.items())
        st.image(picture, width=WIDTH - 40, alt=f"Images of {entry.title} by expression: {words}")
    else:
        st.caption(NO_PICTURE)


def _pictures(dataset: Dataset, entry: Entry) -> bool:
    """The first image of some expressions, and whether there was one."""
    firsts = [next(iter((dataset.labels == place).nonzero()[0]), None) for place in range(len(dataset.classes))]
    rows = [int(row) for row in firsts if row is not None][:PICTURES]
    found = list(averages.readable(dataset, rows, 2 * PICTURE, 3))
    with st.container(horizontal=True, gap="xsmall"):
        for row, image in found:
            label = dataset.classes[int(dataset.labels[row])]
            st.image(image, width=PICTURE, alt=f"An image of {entry.title}, labelled {label}")
    return bool(found)


def _training_counts(entry: Entry) -> dict[str, int]:
    """Of its training split, or of its first known split."""
    known = catalogue.counts_of(entry.title)
    first = known.get("train") or next(iter(known.values()), None)
    return dict(first.counts) if first else {}


def _classes(entry: Entry) -> str:
    return f"{entry.classes} expressions" if entry.classes else "no expression classes but action units"


def _channels(entry: Entry) -> str:
    return "gray" if entry.channels == 1 else "colour"
