"""A subset as the data section of a training recipe, its balance before one's eyes."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from fer_core.auditing import findings
from fer_core.auditing.findings import Audit
from fer_core.auditing.kinds import KINDS
from fer_core.datasets import Dataset
from fer_core.datasets.balance import balance
from fer_core.errors import FerError
from fer_core.figures import datasets
from fer_core.recipes import subsets
from fer_core.recipes.schema import Data
from ui.datasets import augmentation, numbers, source
from ui.shared import state
from ui.shared.text import code, plain

NO_TOOLS = {"displayModeBar": False}
RECIPES = augmentation.RECIPES
NOTHING = "data section alone"


def show(dataset: Dataset) -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        classes, cap = _cut(dataset)
        joined = _joined()
        found, kinds = _findings(dataset)
    if classes is None:
        right.info("Keep at least one class.", icon=":material/checklist:")
        return
    asked = subsets.section(dataset, classes=classes, cap=cap, joined=joined)
    rows = {row for kind in kinds for row in found.findings[kind]} if found else set()
    given = subsets.shares(asked, dataset, joined, [found.reading.same] if found else (), rows)
    with right:
        _balance(given)
    _recipe(dataset, asked, found, kinds)


def _cut(dataset: Dataset) -> tuple[list[str] | None, int | None]:
    """Classes to keep, empty for all and None for none; and the cap."""
    kept = st.pills(
        "Classes to keep",
        list(dataset.classes),
        selection_mode="multi",
        default=list(dataset.classes),
        key=state.widget("kept"),
        wrap=True,
    )
    capped = st.toggle("Cap each class", key=state.widget("capped"))
    most = st.number_input(
        "At most this many images per class", 1, 1_000_000, 1000, 100, key=state.widget("cap"), disabled=not capped
    )
    classes = [] if len(kept) == len(dataset.classes) else kept or None
    return classes, int(most) if capped else None


def _joined() -> list[Dataset]:
    paths = st.text_area(
        "Join further datasets: one path per line",
        key=state.widget("join"),
        height=80,
        help="Their training images are added; labels meet by name, as the table in the catalogue shows.",
    )
    return [source.held(path.strip(), None).dataset for path in paths.splitlines() if path.strip()]


def _findings(dataset: Dataset) -> tuple[Audit | None, list[str]]:
    found = source.audited(dataset)
    if found is None:
        st.caption(
            "Run the audit first to leave out its findings here. Exact copies of test images are always left out of "
            "training. The audit counts them."
        )
        return None, []
    offered = [kind for kind in found.findings if kind != "leaks"]
    return found, st.pills(
        "Findings to leave out",
        offered,
        selection_mode="multi",
        format_func=lambda name: KINDS[name].title,
        key=state.widget("subset_findings"),
        wrap=True,
    )


def _balance(given: Sequence[subsets.Share]) -> None:
    table = subsets.total(given)
    after = balance(table["after"])
    with st.container(horizontal=True, gap="large"):
        st.metric("Training images", f"{after.total:,}", width="content")
        if after.imbalance is not None:
            st.metric("Largest class by smallest", f"{after.imbalance:.1f}", width="content")
    st.plotly_chart(
        datasets.counts(table, theme=numbers.theme()),
        theme=None,
        config=NO_TOOLS,
        key=state.widget("balance"),
        alt=datasets.counts_in_words(table),
    )
    reasons = [
        {"dataset": share.title, "left out": count, "why": reason}
        for share in given
        for reason, count in share.left_out.items()
    ]
    if reasons:
        st.dataframe(pd.DataFrame(reasons), hide_index=True, alt="What is left out, and why")


def _recipe(dataset: Dataset, asked: Data, found: Audit | None, kinds: list[str]) -> None:
    st.subheader("As a recipe", anchor=False)
    first, second = st.columns(2, gap="medium")
    files = {path.stem: path for path in sorted(RECIPES.glob("*.toml"))}
    base = first.selectbox("Everything else as in", [NOTHING, *files], key=state.widget("base"))
    name = subsets.file_name(second.text_input("Name", "subset", key=state.widget("subset_name")))
    exclusions = findings.to_csv(found, kinds) if found and kinds else ""
    list_file = RECIPES / f"{name}_exclude.csv"
    if exclusions:
        asked = asked.model_copy(update={"exclude": (str(list_file),)})
    try:
        text = _text(asked, files.get(base), name)
    except FerError as error:
        st.error(plain(str(error)))
        return
    st.code(text, language="toml")
    if len(dataset.split_names) == 1:
        st.warning("This dataset has one split only. The accuracy would come from training images and be too high.")
    with st.container(horizontal=True):
        st.download_button("Download recipe", text, f"{name}.toml", "application/toml", on_click="ignore")
        if exclusions:
            st.download_button(
                "Download exclusion file", exclusions, list_file.name, "text/csv", on_click="ignore", key="subset_csv"
            )
        if st.button("Save in training/recipes", disabled=base == NOTHING, key=state.widget("save_recipe")):
            _save(RECIPES / f"{name}.toml", text, list_file, exclusions)


def _text(asked: Data, base: Path | None, name: str) -> str:
    if base is None:
        return subsets.to_toml(asked)
    return subsets.into_recipe(base.read_text(encoding="utf-8"), asked, name)


def _save(path: Path, text: str, list_file: Path, exclusions: str) -> None:
    try:
        if exclusions:
            subsets.write(list_file, exclusions)
        subsets.write(path, text)
    except FerError as error:
        st.error(plain(str(error)))
        return
    st.success(f"Saved. Run {code(f'fer train training/recipes/{path.name}')}.")
