"""What was found in a video: the player, and per face a timeline, its moments and the share of its time."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

import streamlit as st

from fer_core import text
from fer_core.photos import wording
from fer_core.video import records
from fer_core.video.records import clock
from fer_core.video.timeline import SMOOTHING, UNSURE, FaceTimeline, Timeline
from ui.shared import state
from ui.shared.text import code

FACES_PER_PAGE = 5
THUMBNAIL = 96
PLAYER = 420
"""Pixels of the player's width, so that the first face is on the same screen."""

START = "video_start"

KINDS: Mapping[str, str] = MappingProxyType(
    {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".3gp": "video/mp4"}
    | {".webm": "video/webm", ".mkv": "video/webm"}
)
"""What browsers play, by suffix; they look into the file and not at its name."""
PICTURES = (".gif", ".webp")
NO_TOOLS = {"displayModeBar": False}


def show(name: str, data: bytes, timeline: Timeline) -> None:
    """The player on top, then every face."""
    left, right = st.columns([5, 6], gap="medium")
    with left:
        _player(name, data)
    with right:
        _summary(name, timeline)
    if not timeline.faces:
        st.info(f"**{wording.NO_FACE}** {wording.NO_FACE_ADVICE}", icon=":material/search_off:")
        return
    seen = sorted(timeline.faces, key=lambda face: -face.seconds)
    pages = -(-len(seen) // FACES_PER_PAGE)
    page = st.pagination(pages, key=state.widget("video_page")) if pages > 1 else 1
    for face in seen[(page - 1) * FACES_PER_PAGE : page * FACES_PER_PAGE]:
        with st.container(border=True, key=f"video_face:{face.number}"):
            _face(face, timeline)
    st.caption(SMOOTHING)


def downloads(name: str, timeline: Timeline) -> None:
    """The numbers as files."""
    given = [records.record(name, timeline)]
    st.download_button("Download CSV", records.to_csv(given), "expressions.csv", "text/csv", on_click="ignore")
    st.download_button("Download JSON", text.to_json(given), "expressions.json", "application/json", on_click="ignore")


def _player(name: str, data: bytes) -> None:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in PICTURES:
        st.image(data, width=PLAYER, alt="The animation")
    elif suffix in KINDS:
        st.video(data, KINDS[suffix], start_time=st.session_state.get(START, 0.0), width=PLAYER, alt="The video")
    else:
        st.caption(f"Browsers do not play {suffix.lstrip('.').upper()}. Make an MP4 with boxes below to watch it.")


def _summary(name: str, timeline: Timeline) -> None:
    st.markdown(f"**{code(name)}** · {clock(timeline.seconds)} · {wording.faces_found(len(timeline.faces))}")
    if timeline.stopped:
        st.caption(f"Stopped at {clock(timeline.seconds)}.")
    if timeline.damaged:
        st.caption("Parts of the file are damaged and were passed over.")
    rows = [_row(face) for face in sorted(timeline.faces, key=lambda face: -face.seconds)[:FACES_PER_PAGE]]
    if rows:
        st.table(rows, border="horizontal", hide_index=True, alt="One row per face, with the share of its time")


def _row(face: FaceTimeline) -> dict[str, str]:
    shares = ", ".join(f"{label} {text.percent(share)}" for label, share in list(face.shares.items())[:3])
    return {"Face": str(face.number), "Seen": f"{clock(face.seconds)}", "Share of its time": shares}


def _face(face: FaceTimeline, timeline: Timeline) -> None:
    from fer_core.figures.video import face_figure, in_words  # brings Plotly and pandas, as in details

    st.markdown(f"**Face {face.number}** · {clock(face.start)} to {clock(face.end)}")
    chosen = st.plotly_chart(
        face_figure(face, timeline.classes, timeline.seconds, st.context.theme.type or "light"),
        key=f"video_figure:{face.number}:{timeline.model}:{timeline.rate:g}",
        theme=None,
        config=NO_TOOLS,
        on_select="rerun",
        selection_mode="points",
        alt=in_words(face),
    )
    _jump_to_selected(face.number, chosen)
    with st.container(horizontal=True, gap="small"):
        for place, moment in enumerate(face.thumbnails):
            with st.container(width=THUMBNAIL + 24, gap=None):
                st.image(moment.jpeg, width=THUMBNAIL, alt=f"Face {face.number} at {clock(moment.time)}")
                label = UNSURE if moment.unsure else moment.label
                st.button(
                    f"{clock(moment.time)} {label}",
                    key=f"video_jump:{face.number}:{place}",
                    on_click=_jump,
                    args=(moment.time,),
                    width="stretch",
                    wrap=True,
                    help="Play the video from here.",
                )


def _jump(seconds: float) -> None:
    st.session_state[START] = seconds


def _jump_to_selected(number: int, chosen: Any) -> None:  # noqa: ANN401  (Streamlit's own kind of mapping)
    """A click on a piece of the strip plays the video from its begin; once, as the choice stays."""
    starts = [point.get("customdata") for point in chosen.get("selection", {}).get("points", [])]
    start = next((float(one) for one in starts if isinstance(one, int | float)), None)
    last = f"{START}:{number}"
    if start is not None and st.session_state.get(last) != start:
        st.session_state[last] = start
        _jump(start)
        st.rerun()
