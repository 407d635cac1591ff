"""The Video tab of Predict, run by Streamlit itself without a browser."""

import csv
import hashlib
import io
import json

import numpy as np
import pytest
from bright_square import SIDE, write_detector
from brightness import write_network
from clips import encoded, scene, sound_only
from opened_page import opened, said, widget
from paths import ROOT

from fer_core.photos.detection import yunet
from fer_core.predictors import downloads
from fer_core.video import frames
from ui.predict import video

PREDICT = "pages/2_Predict.py"
CLASSES = ("angry", "disgust", "fear", "sad", "surprise", "happy", "neutral")


@pytest.fixture(scope="module")
def film():
    """Two seconds neutral, two seconds happy: a bright square that the detector below takes for a face."""
    pattern = np.random.default_rng(0).integers(-15, 16, (SIDE, SIDE, 1))
    one, other = (np.clip(level + pattern, 0, 255).astype(np.uint8).repeat(3, axis=2) for level in (240, 200))
    return encoded([scene([(80, 144, one if number < 20 else other)], background=0) for number in range(40)])


@pytest.fixture(autouse=True)
def networks(tmp_path, monkeypatch):
    detector = write_detector(tmp_path / "squares.onnx")
    for module in (yunet, downloads):
        monkeypatch.setattr(module, "YUNET_SHA256", hashlib.sha256(detector.read_bytes()).hexdigest())
    monkeypatch.setenv("FER_YUNET", str(detector))
    write_network(tmp_path / "models" / "house", classes=CLASSES, calibration={"threshold": 0.5})
    write_network(tmp_path / "models" / "other", classes=CLASSES[::-1], calibration={"threshold": 1.01})
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    monkeypatch.delenv("FER_PUBLIC", raising=False)


@pytest.fixture
def downloaded(monkeypatch):
    """What the download buttons hold, by label."""
    import streamlit

    given = {}
    real = streamlit.download_button

    def kept(label, data, *rest, **options):
        given[label] = data
        return real(label, data, *rest, **options)

    monkeypatch.setattr(streamlit, "download_button", kept)
    return given


@pytest.fixture
def page():
    app = opened(PREDICT)
    app.segmented_control(key=video.VIEW).set_value(video.VIDEO)
    return app.run()


def give(app, data, name="clip.mp4"):
    widget(app, "file_uploader", "video").upload(name, data)
    return app.run()


def button(app, label):
    return next(one for one in app.button if one.label == label)


def test_nothing_given_says_what_to_do(page):
    assert "The timeline of each face appears here." in said(page)


def test_a_face_has_its_timeline_its_moments_and_its_shares(page, film):
    give(page, film)
    assert not page.error
    assert "1 face" in said(page)
    assert "Smoothed:" in said(page)
    (table,) = [one.value for one in page.table if "Share of its time" in one.value.columns]
    assert table["Share of its time"].iloc[0].startswith(("neutral 5", "happy 5"))
    assert len(page.get("plotly_chart")) == 1
    assert len(page.get("video")) == 1
    moments = [one.label for one in page.button if (one.key or "").startswith("video_jump:")]
    assert [label.split()[-1] for label in moments] == ["neutral", "happy"]


def test_a_moment_can_be_jumped_to(page, film):
    give(page, film)
    happy = next(one for one in page.button if one.label.endswith(" happy"))
    happy.click().run()
    start = page.session_state["video_start"]
    assert 1.9 <= start < 4
    assert page.get("video")[0].proto.start_time == int(start)


def test_downloads_hold_the_numbers(page, film, downloaded):
    give(page, film, "=clip.mp4")
    rows = list(csv.DictReader(io.StringIO(downloaded["Download CSV"])))
    (found,) = json.loads(downloaded["Download JSON"])
    assert len(rows) == found["frames_read"] == 20
    assert rows[0]["video"] == "'=clip.mp4"
    assert [rows[0]["label"], rows[-1]["label"]] == ["neutral", "happy"]


def test_an_mp4_with_boxes_is_made_on_request(page, film, downloaded):
    give(page, film)
    assert "Download MP4" not in downloaded
    button(page, "Make an MP4 with boxes").click().run()
    with frames.opened(downloaded["Download MP4"]) as opened_video:
        assert len(list(opened_video.all())) == 40


def test_it_is_read_once_per_model_and_rate(page, film, monkeypatch):
    asked = []
    real = video.VideoReading

    def counted(data, predictor, **options):
        asked.append((predictor.name, options["rate"]))
        return real(data, predictor, **options)

    monkeypatch.setattr(video, "VideoReading", counted)
    give(page, film)
    page.run()
    page.selectbox(key="video_model").set_value("other").run()
    assert "unsure 100 %" in str([one.value for one in page.table])
    page.selectbox(key="video_model").set_value("house").run()
    page.selectbox(key="video_rate").set_value(2).run()
    assert asked == [("house", 5), ("other", 5), ("house", 2)]


def test_a_video_among_photos_leads_here(film):
    app = opened(PREDICT)
    photo = (ROOT / "samples" / "astronaut.jpg").read_bytes()
    uploads = widget(app, "file_uploader", "uploads")
    uploads.upload("a.jpg", photo)
    uploads.upload("clip.mp4", film)
    app.run()
    assert app.segmented_control(key=video.VIEW).value == video.VIDEO
    assert "1 face" in said(app)
    assert [one.name for one in app.session_state["kept:photos"].values()] == ["a.jpg"]
    app.segmented_control(key=video.VIEW).set_value(video.PHOTOS).run()
    assert not app.get("video")


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "empty"), (b"no video" * 20, "cannot be read as a video"), (sound_only(), "sound but no picture")],
)
def test_what_is_no_video_has_its_sentence(page, data, words):
    give(page, data, "x [y](z).mp4")
    for _ in range(2):  # it stays when the page runs again
        (error,) = page.error
        assert words in error.value
        assert error.value.startswith("`x [y](z).mp4`: ")
        page.run()


def test_a_video_without_a_face(page):
    give(page, encoded([scene([], background=0)] * 4))
    assert "No face was found" in said(page)


def test_clear_forgets_the_video(page, film):
    give(page, film)
    button(page, "Clear").click().run()
    assert not page.session_state["kept:video"]
    assert "The timeline of each face appears here." in said(page)


def test_another_video_takes_the_place_of_the_first(page, film):
    give(page, film)
    button(page, "Clear").click().run()
    give(page, encoded([scene([], background=0)] * 4), "other.mp4")
    assert [one.name for key, one in page.session_state["kept:video"].items() if key == video.GIVEN] == ["other.mp4"]


def read_a_second(page, film):
    """A film that was read up to its first second; gives what was asked."""
    reading = video.VideoReading(film, video.loaders.predictors.load("house"))
    steps = iter(reading)
    while next(steps) < 1:
        pass
    asked = video.Asked("house", 5)
    given = video.Given("key", "clip.mp4", film)
    page.session_state["kept:video"] = {video.GIVEN: given, ("job", asked): video.Job(reading, steps)}
    return asked


def test_stop_shows_what_was_found_so_far(page, film):
    """Streamlit cuts off the run of the page when a button is pressed; the reading waits in the session."""
    asked = read_a_second(page, film)
    page.session_state["video_stopped"] = True
    page.run()
    assert "Stopped at 0:01" in said(page)
    assert len(page.get("plotly_chart")) == 1
    assert ("job", asked) not in page.session_state["kept:video"]


def test_a_run_that_was_cut_off_reads_on(page, film):
    asked = read_a_second(page, film)
    page.run()
    assert "Stopped" not in said(page)
    assert page.session_state["kept:video"][("timeline", asked)].frames == 20


def test_strangers_may_give_a_minute(page, film, monkeypatch):
    monkeypatch.setenv("FER_PUBLIC", "1")
    monkeypatch.setattr("fer_core.video.formats.PUBLIC_SECONDS", 2.0)
    give(page, film)
    assert "longer than 2 seconds" in page.error[0].value
    assert video.most_megabytes() == 50
