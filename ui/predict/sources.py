"""Where photos come from: files, the camera, the gallery. All of them end up in the photos of the visit."""

from urllib.parse import urlsplit

import streamlit as st

from fer_core.photos import formats, wording
from fer_core.photos.images import MAX_BYTES, MAX_PIXELS
from fer_core.photos.samples import SAMPLES, Sample
from fer_core.video import formats as formats_of_video
from ui.predict import video
from ui.shared import photos
from ui.shared.text import plain

SUFFIXES = tuple(suffix.lstrip(".") for one in formats.READ for suffix in one.suffixes)
VIDEO_SUFFIXES = tuple(
    sorted(suffix.lstrip(".") for suffix in formats_of_video.SUFFIXES - formats_of_video.ALSO_PICTURES)
)
UPLOAD_MEGABYTES = MAX_BYTES // 10**6
THUMBNAIL = 96
UPLOADS = "uploads"
CAMERA = "camera"
CAMERA_ON = "camera_on"


def first() -> None:
    """All ways to give the first photo, on the page itself."""
    _uploader()
    _camera("Use your camera")
    samples("Or try one of these pictures")


def more() -> None:
    """The same ways behind one button, beside the photos that are there."""
    with st.popover("Add photos", icon=":material/add_a_photo:", key="add"):
        _uploader()
        _camera("Use your camera")
        samples("Or add one of these pictures")


def samples(label: str) -> None:
    """One picture per sample; a click adds it."""
    st.caption(label)
    with st.container(horizontal=True, gap="small", key="samples"):
        for sample in SAMPLES:
            _sample(sample)


def _sample(sample: Sample) -> None:
    with st.container(width=THUMBNAIL + 8, gap=None):
        st.image(thumbnail(sample.file), width=THUMBNAIL, alt=sample.description)
        st.button(sample.title, key=f"sample:{sample.file}", on_click=_add, args=(sample,), width="stretch", wrap=True)


@st.cache_data(max_entries=32, show_spinner=False)
def thumbnail(file: str) -> bytes:
    """JPEG of a sample, square, cut from the middle of its upper part where the faces are."""
    import io

    from PIL import Image

    from fer_core.photos.samples import FOLDER

    with Image.open(FOLDER / file) as opened:
        picture = opened.convert("RGB")
    side = min(picture.size)
    left = (picture.width - side) // 2
    cut = picture.crop((left, 0, left + side, side)).resize((2 * THUMBNAIL, 2 * THUMBNAIL))
    stream = io.BytesIO()
    cut.save(stream, "JPEG", quality=88)
    return stream.getvalue()


def _add(sample: Sample) -> None:
    photos.add([(sample.file, sample.path.read_bytes())])


def _uploader() -> None:
    st.file_uploader(
        "Upload photos",
        type=(*SUFFIXES, *VIDEO_SUFFIXES),
        accept_multiple_files=True,
        key=photos.inbox(UPLOADS),
        on_change=_received,
        max_upload_size=video.most_megabytes(),
        help=f"Photos up to {UPLOAD_MEGABYTES} MB and {MAX_PIXELS // 10**6} megapixels each. A video, up to "
        f"{video.most_megabytes()} MB, opens under Video.",
    )


def _received() -> None:
    """Photos join the photos; a video among them opens the tab of videos."""
    given = st.session_state.get(photos.inbox(UPLOADS)) or []
    films = [file for file in given if formats_of_video.is_video(file.name)]
    if films:
        video.add(films[-1].name, films[-1].getvalue())
    if len(films) > 1:
        st.toast(f"{len(films)} videos came; one is read at a time. This is the last one.")
    photos.received(UPLOADS, leave_out=films)


def _camera(label: str) -> None:
    if not st.toggle(label, key=CAMERA_ON):
        return
    if is_insecure(st.context.url or ""):
        st.warning(plain(wording.LIVE["insecure"]), icon=":material/no_photography:")
        return
    st.caption(plain("The picture is taken when you press the button. It is dropped when you press Clear."))
    st.camera_input(
        "Take a photo",
        key=photos.inbox(CAMERA),
        on_change=photos.received,
        args=(CAMERA,),
        resolution="1080p",
        label_visibility="collapsed",
    )


def is_insecure(url: str) -> bool:
    """Whether a browser refuses the camera on this page: plain http from another computer."""
    address = urlsplit(url)
    host = address.hostname or ""
    return address.scheme == "http" and not (host in ("localhost", "::1") or host.startswith("127."))
