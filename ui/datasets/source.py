"""Which dataset of this computer is looked at. Strangers on a public server have no path to give."""

import contextlib
import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from fer_core import settings
from fer_core.auditing.findings import Audit, audit
from fer_core.datasets import KINDS, Dataset, open_dataset
from fer_core.datasets.store import recent_paths
from ui.shared import address, state
from ui.shared.text import code

PATH, KIND = "dataset_path", "dataset_kind"
KEPT = 4
"""Datasets held at once, those that a subset joins among them: FER2013 is 83 MB."""
LOOKED_AT = 200
"""Entries of a folder whose times tell that it changed: a page answers at once even where 300,000 lie there."""
NONE_YET = (
    "Give the path of a file or folder on this computer: fer2013.csv (or .csv.gz, icml_face_data.csv), FER2013 as "
    "image folders, RAF-DB, AffectNet, ExpW, CK+, or any folder of class folders such as train/happy. Nothing leaves "
    "this computer."
)
TELL = "tell by its layout"


@dataclass
class Held:
    """A dataset, and its audit when somebody asked for it."""

    dataset: Dataset
    audit: Audit | None = None


def pick() -> Dataset | None:
    """The dataset at the path given, or None with a sentence.

    Raises:
        DatasetError: the path holds none.
    """
    if settings.public():
        st.info(
            "This server shows no files of its own. Run the app on your own computer, and this page opens the "
            "datasets that lie there: counts, pictures, duplicates, label errors.",
            icon=":material/folder_off:",
        )
        return None
    path, kind = _asked()
    if not path:
        st.info(NONE_YET, icon=":material/folder_open:")
        return None
    return held(path, kind).dataset


def _asked() -> tuple[str, str | None]:
    """Path and kind in the fields; the latest path stands there at the start of a visit."""
    recent = recent_paths.read()
    chosen = state.kept("datasets")
    first = address.dataset_path() or chosen.get((PATH,), recent[0] if recent else "")
    where, how = st.columns([4, 1], vertical_alignment="bottom")
    path = where.text_input(
        "Path of a dataset on this computer", first, key=state.widget(PATH), placeholder="/data/fer2013.csv"
    ).strip()
    kind = how.selectbox("Kind", [TELL, *KINDS], key=state.widget(KIND), index=_place(chosen.get((KIND,))))
    chosen[PATH,], chosen[KIND,] = path, kind
    address.tell_dataset(path)
    others = [other for other in recent if other != path]
    if others:
        st.caption("Opened before: " + ", ".join(code(other) for other in others))
    return path, None if kind == TELL else kind


def _place(kind: str | None) -> int:
    return [TELL, *KINDS].index(kind) if kind in KINDS else 0


def held(path: str, kind: str | None) -> Held:
    """The opened dataset, read again when its files changed.

    Raises:
        DatasetError: the path holds none.
    """
    store = _store()
    key = (path, kind, _stamp(Path(path).expanduser()))
    if key not in store:
        bar, tell = _bar("Reading the dataset")
        opened = open_dataset(path, kind, tell)
        bar.empty()
        recent_paths.add(path)
        for old in list(store)[: max(0, len(store) + 1 - KEPT)]:
            store.pop(old, None)
        store[key] = Held(opened)
    return store[key]


def opened_kind(kind: str) -> Dataset | None:
    """A dataset of this kind that is open on this computer already; opens nothing."""
    return next((one.dataset for one in _store().values() if one.dataset.kind == kind), None)


def audited(dataset: Dataset) -> Audit | None:
    """The audit of an opened dataset, if it was made."""
    return next((one.audit for one in _store().values() if one.dataset is dataset), None)


def make_audit(dataset: Dataset) -> Audit:
    """The audit, with a bar while the images are read; any click elsewhere ends it."""
    bar, tell = _bar("Looking at every image")
    found = audit(dataset, tell)
    bar.empty()
    for one in list(_store().values()):
        if one.dataset is dataset:
            one.audit = found
    return found


def add_suspects(dataset: Dataset, reasons: Mapping[int, str]) -> None:
    """Put label suspects among the findings."""
    for one in _store().values():
        if one.dataset is dataset and one.audit is not None:
            one.audit = replace(one.audit, suspects=reasons)


def _bar(words: str) -> "tuple[st.delta_generator.DeltaGenerator, Callable[[int, int], None]]":
    bar = st.progress(0.0, f"{words} …")

    def tell(done: int, total: int) -> None:
        bar.progress(min(1.0, done / max(1, total)), f"{words}: {done:,} of {total:,}")

    return bar, tell


@st.cache_resource(max_entries=1, show_spinner=False)
def _store() -> dict[tuple[str, str | None, int], Held]:
    """Of the whole process, which on a computer of one's own has one user."""
    return {}


def stamp(dataset: Dataset) -> str:
    """Tells opened datasets apart in caches."""
    return f"{dataset.path}|{dataset.kind}|{len(dataset)}|{_stamp(dataset.path)}"


def forget(dataset: Dataset) -> None:
    """Read it anew the next time."""
    for key, one in list(_store().items()):
        if one.dataset is dataset:
            del _store()[key]


def _stamp(path: Path) -> int:
    """Changes when the file was replaced, or something directly in the folder; what lies deeper asks for `forget`."""
    try:
        with os.scandir(path) if path.is_dir() else contextlib.nullcontext(()) as entries:
            inside = [entry.stat().st_mtime_ns for entry in itertools.islice(entries, LOOKED_AT)]
        return max([path.stat().st_mtime_ns, *inside])
    except OSError:
        return 0
