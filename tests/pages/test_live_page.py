"""The Live page in Streamlit: the frame, and snapshots that go on to Predict and Compare."""

import pytest
from brightness import write_network
from browsers import CHROMIUM, PATIENCE, chromium
from paths import ROOT, SAMPLES, SHARED
from streamlit.testing.v1 import AppTest

from benchmarks.screenshots import serving
from fer_core.browser import runtime
from fer_core.photos import wording
from ui.live import frame
from ui.shared import photos

SECONDS = 60


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """One small network, a cache of its own, no detector."""
    write_network(tmp_path / "models" / "house")
    variables = {
        "FER_MODELS": str(tmp_path / "models"),
        "FER_CACHE": str(tmp_path / "cache"),
        "FER_YUNET": str(tmp_path / "none.onnx"),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.mark.usefixtures("environment")
def test_the_page_opens_and_shows_no_error():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS).run()
    page = app.switch_page("pages/1_Live.py").run()
    assert [one.value for one in page.header] == ["Live"]
    assert not page.exception
    assert not page.error


def test_a_snapshot_is_taken_once(monkeypatch):
    """Streamlit gives a component's last value on each run; what was cleared must not come back."""
    state = {}
    monkeypatch.setattr(frame.st, "session_state", state)
    assert frame._once(b"picture") is not None
    assert frame._once(b"picture") is None
    assert frame._once(b"another") is not None


def test_snapshots_stand_among_the_photos_of_the_visit():
    def handed_over():
        from fer_core import settings
        from ui.shared import photos

        photos.add([("snapshot.jpg", (settings.CHECKOUT / "samples" / "astronaut.jpg").read_bytes())])

    app = AppTest.from_function(handed_over, default_timeout=SECONDS).run()
    (photo,) = app.session_state["kept:" + photos.STORE].values()
    assert photo.data == (SAMPLES / "astronaut.jpg").read_bytes()


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.is_file(), reason=f"needs {CHROMIUM}")
def test_without_a_detector_the_frame_says_what_to_do(environment):
    if not runtime.files():
        pytest.skip("needs ONNX Runtime Web: `fer setup --browser` fetches it")
    with serving(**environment) as address, chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}/Live")
        inside = page.frame_locator("iframe")
        inside.get_by_role("alert").get_by_text(wording.LIVE["no_detector"]).wait_for()
        assert inside.get_by_text(wording.LIVE_NOTICE_LINE).is_visible()
        assert inside.get_by_role("tab").count() == 0  # photos and videos have pages of their own here


@pytest.mark.shared
@pytest.mark.browser
def test_a_face_is_read_and_only_a_pressed_button_sends_a_picture(environment, tmp_path, astronaut):
    if not runtime.files() or not CHROMIUM.is_file():
        pytest.skip("needs ONNX Runtime Web and Chromium")
    film = write_portrait(tmp_path / "portrait.y4m", astronaut)
    environment["FER_YUNET"] = str(SHARED / "models" / "face_detection_yunet_2023mar.onnx")
    with serving(**environment) as address, chromium(film) as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        page.set_default_timeout(PATIENCE)
        sent, requests = [], []
        page.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(len(data))))
        page.on("request", lambda asked: requests.append(asked.url))
        page.goto(f"{address}/Live")
        inside = page.frame_locator("iframe")
        inside.locator("#start:enabled").wait_for()
        del sent[:], requests[:]
        inside.get_by_role("button", name="Open the camera").click()
        inside.locator(".face").wait_for()
        inside.get_by_role("button", name="Snapshot").click()
        inside.get_by_role("link", name="Save on this device").wait_for()
        assert [url for url in requests if not url.startswith("blob:")] == []
        assert sum(sent) < 2000  # Streamlit's own heartbeat; a picture has 20 times as much
        inside.get_by_role("button", name="Use in Predict and Compare").click()
        page.get_by_test_id("stMain").get_by_role("link", name="Predict").click()
        page.get_by_role("button", name="Clear").wait_for()
        assert sum(sent) > 10_000


def write_portrait(path, pixels):
    """A film of 640x480 of one picture."""
    import cv2

    shown = cv2.copyMakeBorder(cv2.resize(pixels, (480, 480)), 0, 0, 80, 80, cv2.BORDER_REPLICATE)
    planes = cv2.cvtColor(shown, cv2.COLOR_RGB2YUV_I420).tobytes()
    path.write_bytes(b"YUV4MPEG2 W640 H480 F5:1 Ip A1:1 C420jpeg\n" + (b"FRAME\n" + planes) * 5)
    return path
