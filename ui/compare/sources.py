"""Test sets: photos of the visitor's own with their labels, the samples, a local dataset, a set that was kept."""

import base64
import contextlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from fer_core import settings
from fer_core.compare import kept_sets, testsets
from fer_core.compare.testsets import LabelledSet, PhotoSet
from fer_core.datasets import archives
from fer_core.datasets.store import recent_paths
from fer_core.errors import FerError, PhotoError, unforeseen
from fer_core.labels import EIGHT
from fer_core.photos import drawing, images
from fer_core.photos.analysis import UNFORESEEN
from fer_core.photos.samples import FOLDER, SAMPLES
from ui.compare import ready
from ui.datasets import source as local
from ui.predict import sources
from ui.shared import address, photos, state
from ui.shared.text import plain

KEPT = "testset"
READY = "FER2013, measured already"
ARCHIVES = tuple(dict.fromkeys(suffix.rpartition(".")[2] for suffix in archives.READ))
TABLES = tuple(suffix.lstrip(".") for suffix in testsets.TABLE_SUFFIXES)
"""Suffixes that the browser offers beside those of photos."""
PUBLIC_PHOTOS = 100
LIMITS = archives.Limits(entries=6000, total_bytes=300_000_000)
PUBLIC_LIMITS = archives.Limits(entries=500, total_bytes=100_000_000)
UPLOAD_MEGABYTES = 100
"""Of the largest file; all that Streamlit's server takes (server.maxUploadSize)."""
MOST_THUMBNAILS = 60
THUMBNAIL = 72
SAMPLE_LABELS = {sample.file: sample.expression for sample in SAMPLES if sample.expression}
DATASET_LIMIT = 5000
LARGEST_CROP = 256
"""Pixels a side: larger images of a dataset are probably photos, not face crops."""


@dataclass(frozen=True)
class Given:
    """A test set and what tells it from others; `photos` when it came as files, and so can be kept."""

    key: Hashable
    labelled: LabelledSet
    photos: PhotoSet | None = None


def pick() -> Given | None:
    """Widgets for the test set; None until there is one.

    Raises:
        FerError: what was given cannot be used at all.
    """
    ways: dict[str, Callable[[], Given | None]] = {"Your photos": _uploads, "Samples": _samples, READY: _ready}
    if photos.newest_first():
        ways["Photos of this visit"] = _visit
    if not settings.public():
        ways |= {"A dataset on this computer": _dataset, "A test set you kept": _kept}
    way = st.segmented_control(
        "Test set", list(ways), default="Your photos", required=True, key="from", bind="query-params", wrap=True
    )
    return ways[way or "Your photos"]()


def _ready() -> None:
    """Shows what was measured already; there is nothing to run."""
    ready.show()


def _uploads() -> Given | None:
    given = st.file_uploader(
        "Photos with labels: drop files, a zip or tar.gz of folders, or both with a CSV",
        type=[*sources.SUFFIXES, *ARCHIVES, *TABLES],
        accept_multiple_files=True,
        max_upload_size=UPLOAD_MEGABYTES,
        key=state.widget("testset"),
        help="The label may stand in the file name (happy_01.jpg, Anna-surprised.png), in the name of the folder "
        "(sad/photo.jpg in a zip), or in a CSV with the columns file and label. What is missing is picked in a table. "
        f"Up to {UPLOAD_MEGABYTES} MB each.",
    )
    if not given:
        st.info(
            "Drop labelled photos above: names such as `happy_01.jpg`, a zip with a folder for each expression, or "
            "photos and a CSV with the columns file and label. Photos without a label get one in a table. "
            "Or look at the samples first.",
            icon=":material/add_photo_alternate:",
        )
        return None
    key = tuple(file.file_id for file in given)
    return _with_table(key, _read(key, lambda: [(file.name, file.getvalue()) for file in given]))


def _read(key: Hashable, files: Callable[[], Sequence[testsets.File]]) -> PhotoSet:
    """Each upload is read once a visit."""
    kept = state.kept(KEPT)
    if (key,) not in kept:
        kept.clear()
        with st.spinner("Reading the files …"):
            kept[key,] = _assembled(files())
    photos: PhotoSet = kept[key,]
    return photos


def _assembled(files: Sequence[testsets.File]) -> PhotoSet:
    """Photos of all files and archives, then the labels of every table."""
    notes, given = [], []
    for name, data in files:
        if not archives.is_archive(name):
            given.append((name, data))
            continue
        try:
            given += archives.entries(data, PUBLIC_LIMITS if settings.public() else LIMITS, f"'{name}'")
        except FerError as error:
            notes.append(f"{error} '{name}' was left out.")
    labels = [file for file in given if testsets.is_table(file[0])]
    photos = testsets.from_files(
        (file for file in given if not testsets.is_table(file[0])),
        most=PUBLIC_PHOTOS if settings.public() else testsets.MOST_PHOTOS,
    )
    for name, data in labels:
        try:
            photos = testsets.with_csv(photos, data, f"'{name}'")
        except FerError as error:
            notes.append(f"'{name}' gave no labels. {error}")
    return testsets.noted(photos, notes)


def _with_table(key: Hashable, photos: PhotoSet) -> Given | None:
    """The set with the labels as they stand in the table."""
    if not photos.photos:
        _tell(photos.notes)
        return None
    missing = len(photos.photos) - photos.labelled
    words = f"{len(photos.photos):,} photos, {photos.labelled:,} with a label"
    with st.expander(f"Labels: {words}", expanded=missing > 0, icon=":material/sell:"):
        photos = testsets.relabelled(photos, _table(key, photos))
    for sentence in photos.assumed:
        st.caption(plain(sentence))
    _tell(testsets.all_notes(photos))
    labels = tuple(photo.label for photo in photos.photos)
    return Given((key, labels), testsets.labelled(photos, _title(photos)), photos)


def _table(key: Hashable, photos: PhotoSet) -> dict[str, str | None]:
    import pandas as pd

    pictures = _thumbnails(key, photos)
    rows = pd.DataFrame(
        {
            "picture": [pictures.get(photo.name, "") for photo in photos.photos],
            "file": [photo.name for photo in photos.photos],
            "label": [photo.label for photo in photos.photos],
        }
    )
    edited = st.data_editor(
        rows,
        column_config={
            "picture": st.column_config.ImageColumn("", width="small"),
            "file": st.column_config.TextColumn("File", disabled=True),
            "label": st.column_config.SelectboxColumn("Perceived expression", options=list(EIGHT), width="medium"),
        },
        column_order=("picture", "file", "label") if pictures else ("file", "label"),
        hide_index=True,
        row_height=THUMBNAIL if pictures else None,
        height=min(380, 42 + (THUMBNAIL if pictures else 35) * len(rows)),
        key=state.widget(f"labels:{hash(key)}"),
        alt="Photos and their labels",
    )
    st.caption("Click a cell in the right column to pick or change a label. A photo without one is not scored.")
    labels = [label if isinstance(label, str) else None for label in edited["label"]]  # an empty cell is nan
    return dict(zip(edited["file"], labels, strict=True))


def _thumbnails(key: Hashable, photos: PhotoSet) -> dict[str, str]:
    """Small pictures as data addresses, for sets that are small enough to look at; unreadable ones have none."""
    if len(photos.photos) > MOST_THUMBNAILS:
        return {}
    kept = state.kept(KEPT)
    if (key, "thumbnails") not in kept:
        with st.spinner("Drawing the table …"):
            found = {photo.name: _thumbnail(photo.data) for photo in photos.photos}
        kept[key, "thumbnails"] = {name: picture for name, picture in found.items() if picture}
    pictures: dict[str, str] = kept[key, "thumbnails"]
    return pictures


def _thumbnail(data: bytes) -> str:
    with contextlib.suppress(FerError), unforeseen(PhotoError, UNFORESEEN):
        photo, _ = images.decode_reduced(data, 4 * THUMBNAIL)
        return "data:image/jpeg;base64," + base64.b64encode(drawing.to_jpeg(drawing.shrunk(photo, THUMBNAIL))).decode()
    return ""


def _title(photos: PhotoSet) -> str:
    return f"{photos.labelled:,} labelled photos"


def _samples() -> Given:
    files = [(name, (FOLDER / name).read_bytes()) for name in SAMPLE_LABELS]
    photos = testsets.relabelled(testsets.from_files(files), dict(SAMPLE_LABELS))
    st.caption("The sample pictures of the app. They are enough to see a report, but too few to judge a model.")
    return Given("samples", testsets.labelled(photos, "Samples"))


def _visit() -> Given | None:
    """What Predict shows, and what the Live page handed over."""
    given = photos.newest_first()
    key = ("visit", *(photo.key for photo in given))
    return _with_table(key, _read(key, lambda: [(photo.name, photo.data) for photo in given]))


def _dataset() -> Given | None:
    place, part, most = st.columns([4, 2, 2], vertical_alignment="bottom")
    path = place.text_input(
        "Path of the dataset",
        _offered(),
        key=state.widget("path"),
        placeholder="folder or file, such as ~/data/fer2013.csv",
        help="FER2013's CSV, RAF-DB, AffectNet, CK+, ExpW, or a folder with a folder for each expression: face crops. "
        "The dataset that you opened on the Datasets page stands here already.",
    ).strip()
    address.tell_dataset(path)
    if not path:
        st.info(
            "Give the path of a dataset on this computer. Nothing is copied or sent.", icon=":material/folder_open:"
        )
        return None
    data = local.held(path, None).dataset
    last = len(data.split_names) - 1
    split = part.selectbox("Split", data.split_names, index=last, key="split", bind="query-params")
    limit = most.number_input("Images at most", 1, 100_000, DATASET_LIMIT, key=state.widget("limit"))
    crops = st.toggle(
        "The images are face crops already",
        value=bool(np.median(data.sizes.max(axis=1)) <= LARGEST_CROP),
        key=state.widget(f"crops:{path}"),
        help="On: no face is searched. Off for photos in which the face is only a part.",
    )
    given = testsets.from_split(data, split, int(limit), already_face=crops)
    return Given((path, _changed(path), split, limit, crops), given)


def _offered() -> str:
    """The dataset in the address, the one open on the Datasets page, or the latest that was opened there."""
    opened = state.kept("datasets").get(("dataset_path",), "")
    return address.dataset_path() or opened or next(iter(recent_paths.read()), "")


def _changed(path: str) -> float:
    try:
        return Path(path).expanduser().stat().st_mtime
    except OSError:
        return 0.0


def _kept() -> Given | None:
    names = kept_sets.listed()
    if not names:
        st.info(
            "Nothing is kept yet. Give photos of your own, and press 'Keep this test set' below the report.",
            icon=":material/inventory_2:",
        )
        return None
    chosen, drop = st.columns([5, 2], vertical_alignment="bottom")
    name = chosen.selectbox("Kept test set", names, key=state.widget("kept"))
    drop.button(
        "Delete it", on_click=kept_sets.delete, args=(name,), icon=":material/delete:", key=state.widget("drop")
    )
    key = ("kept", name)
    return _with_table(key, _read(key, lambda: kept_sets.files(name)))


def _tell(notes: Sequence[str]) -> None:
    if notes:
        st.warning("\n".join(f"- {plain(note)}" for note in notes), icon=":material/rule:")
