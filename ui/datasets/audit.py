"""What is wrong with a dataset: each finding as pictures, as CSV, and as a file that training reads."""

from pathlib import Path

import streamlit as st

from fer_core.auditing import findings, suspects
from fer_core.auditing.findings import Audit
from fer_core.auditing.kinds import KINDS
from fer_core.datasets import Dataset
from fer_core.errors import FerError
from fer_core.text import percent
from ui.datasets import gallery, source
from ui.shared import state
from ui.shared.text import plain

TELLING = ("conflicts", "suspects", "leaks")
"""What the page opens on, the first that was found: the same picture under two labels needs no explanation."""
COMMAND = "fer out-of-sample training/recipes/house.toml"


def show(dataset: Dataset) -> None:
    found = source.audited(dataset)
    if found is None:
        st.markdown(
            "The audit reads every image once. It looks for copies, for copies with different labels, for images that "
            "are blank, dark or blurred, and for generated images. FER2013 takes about half a minute. The figures stay "
            "in your cache folder, the pictures do not. A click elsewhere stops the audit."
        )
        if not st.button("Look at every image", type="primary", icon=":material/search:", key=state.widget("audit")):
            return
        found = source.make_audit(dataset)
        st.rerun()
    _summary(found)
    _suspects(dataset)
    _finding(dataset, found)
    _exclusions(found)


def _summary(found: Audit) -> None:
    counts = found.to_json()
    with st.container(horizontal=True, gap="medium"):
        for split, count in counts["leaks"].items():
            near = (counts["near_leaks"] or {}).get(split, 0)
            st.metric(
                f"{split} also in train",
                _of(count, found.split_sizes[split]),
                width="content",
                help=f"Images of {split} with an exact copy in train. {near:,} more have a near copy there.",
            )
        st.metric("Groups of exact copies", f"{counts['exact_groups']:,}", width="content")
        st.metric("with conflicting labels", _of(counts["conflicting_groups"], counts["exact_groups"]), width="content")
        if counts["near_groups"] is not None:
            st.metric("Groups of near copies", f"{counts['near_groups']:,}", width="content")
    st.caption(plain(f"Near copies: {counts['methods']['near_groups']}."))


def _of(count: int, total: int) -> str:
    return f"{count:,} of {total:,}"


def _finding(dataset: Dataset, found: Audit) -> None:
    sizes = {kind: len(rows) for kind, rows in found.findings.items()}
    if not sizes:
        st.success("Nothing was found.", icon=":material/check:")
        return
    kind = st.pills(
        "Findings",
        list(sizes),
        default=next((kind for kind in TELLING if kind in sizes), next(iter(sizes))),
        required=True,
        format_func=lambda name: f"{KINDS[name].title} {sizes[name]:,}",
        key=state.widget("finding"),
        wrap=True,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(plain(_told(found, kind)), width="stretch")
        st.download_button(
            "Download CSV",
            findings.to_csv(found, [kind]),
            f"{kind}.csv",
            "text/csv",
            on_click="ignore",
            key=state.widget(f"csv:{kind}"),
        )
    groups = found.telling_groups(kind)
    if groups:
        gallery.groups(dataset, groups, kind)
    else:
        gallery.pages(dataset, found.rows(kind), kind, found.findings[kind])


def _told(found: Audit, kind: str) -> str:
    """What the finding means, and how many images it is out of how many that it could be."""
    count, total = len(found.findings[kind]), found.total(kind)
    whose = "training images" if KINDS[kind].in_training else "images"
    return f"{KINDS[kind].title}: {KINDS[kind].meaning}. {_of(count, total)} {whose} ({percent(count / total)})."


def _suspects(dataset: Dataset) -> None:
    with st.expander("Label suspects: give a file of out-of-sample probabilities"):
        st.markdown(
            "Networks that never saw an image say how probable each label is (confident learning, arXiv 1911.00068). "
            f"`{COMMAND}` makes the file. It trains two networks, each on one half of the images. Each network judges "
            "the half that it did not see."
        )
        path = st.text_input("Path of the file", key=state.widget("probabilities"), placeholder="probabilities.csv")
        if path and st.button("Find suspects", key=state.widget("suspects")):
            try:
                source.add_suspects(dataset, suspects.reasons(Path(path.strip()).expanduser(), dataset))
            except FerError as error:
                st.error(plain(str(error)))
                return
            st.rerun()


def _exclusions(found: Audit) -> None:
    st.subheader("Leave them out of training", anchor=False)
    kinds = st.pills(
        "Findings to leave out",
        list(found.findings),
        selection_mode="multi",
        default=[kind for kind in found.findings if KINDS[kind].offered],
        format_func=lambda name: KINDS[name].title,
        key=state.widget("left_out"),
        wrap=True,
    )
    text = findings.to_csv(found, kinds)
    images = text.count(chr(10)) - 1
    st.markdown(
        f'{images:,} images. A recipe names the file: `[data]`, `exclude = ["exclude.csv"]`. The subset builder '
        "writes both."
    )
    st.download_button(
        "Download exclusion file",
        text,
        "exclude.csv",
        "text/csv",
        on_click="ignore",
        disabled=not kinds,
        key=state.widget("exclusions"),
    )
