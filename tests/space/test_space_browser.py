"""A real browser: a photo from a file, one from the camera, and nothing fetched from elsewhere."""

from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest
from paths import ROOT

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 90_000
FILMING = "document.querySelector('video')?.readyState >= 2 && document.querySelector('video').videoWidth > 0"

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.is_file(), reason=f"needs {CHROMIUM}")]


@pytest.fixture(scope="module")
def camera(hopper, tmp_path_factory):
    """A film of the portrait, as Chromium's fake camera takes it: 640x480, Y4M, written by hand."""
    portrait = cv2.resize(hopper[60:444], (640, 480), interpolation=cv2.INTER_AREA)
    luma, blue, red = np.split(cv2.cvtColor(portrait, cv2.COLOR_RGB2YUV_I420).ravel(), [640 * 480, 640 * 480 * 5 // 4])
    frame = b"FRAME\n" + luma.tobytes() + blue.tobytes() + red.tobytes()
    path = tmp_path_factory.mktemp("camera") / "portrait.y4m"
    path.write_bytes(b"YUV4MPEG2 W640 H480 F5:1 Ip A1:1 C420jpeg\n" + frame * 5)
    return path


@pytest.fixture(scope="module")
def browser(camera):
    sync = pytest.importorskip("playwright.sync_api")
    options = [
        "--no-sandbox",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    ]
    with sync.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield chromium
        chromium.close()


@pytest.fixture(params=[(1280, 900, "light"), (390, 844, "dark")], ids=["wide-light", "narrow-dark"])
def page(request, browser, server):
    width, height, theme = request.param
    shown = browser.new_page(viewport={"width": width, "height": height})
    shown.set_default_timeout(PATIENCE)
    shown.hosts = set()
    shown.on("request", lambda asked: shown.hosts.add(urlsplit(asked.url).netloc))
    shown.goto(f"{server.address}?__theme={theme}", wait_until="domcontentloaded")
    yield shown
    shown.close()


def test_a_photo_and_another_model(page, server):
    page.get_by_text("Before you use a photo").first.wait_for()
    page.set_input_files("input[type=file] >> nth=0", ROOT / "samples" / "astronaut.jpg")
    page.locator(".fer-card").wait_for()
    assert "1 face." in page.locator(".fer-answer").inner_text()
    page.get_by_label("second").check()
    page.locator(".fer-card >> nth=1").wait_for()
    assert "Unsure" in page.locator(".fer-card >> nth=1").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.hosts - {""} == {urlsplit(server.address).netloc}


def test_a_sample(page):
    page.get_by_role("button", name="thumbnail").or_(page.locator(".gallery-item")).first.click()
    page.locator(".fer-card").wait_for()
    assert "1 face." in page.locator(".fer-answer").inner_text()


def test_a_photo_that_cannot_be_read(page, tmp_path):
    (tmp_path / "broken.jpg").write_bytes((ROOT / "samples" / "astronaut.jpg").read_bytes()[:20_000])
    page.set_input_files("input[type=file] >> nth=0", tmp_path / "broken.jpg")
    page.get_by_role("alert").get_by_text("damaged or was cut short").wait_for()


def test_the_camera(page):
    page.get_by_label("Capture from camera").or_(page.get_by_label("webcam")).first.click()
    page.get_by_text("Click to Access Webcam").click()
    page.wait_for_function(FILMING)
    page.get_by_label("capture photo").click()
    page.locator(".fer-card").wait_for()
    assert "1 face." in page.locator(".fer-answer").inner_text()


def test_many_photos_with_names_that_are_not_only_names(page, tmp_path):
    hostile = tmp_path / "{{7}}${7*7}<b>.jpg"
    hostile.write_bytes(b"no photo")
    page.get_by_role("tab", name="Many photos").click()
    page.locator("input[type=file]").last.set_input_files([ROOT / "samples" / "astronaut.jpg", hostile])
    table = page.locator(".fer-scroll")
    table.wait_for()
    assert "{{7}}${7*7}<b>.jpg" in table.inner_text()
    with page.expect_download() as download:
        page.get_by_text("Download as CSV").click()
    assert "astronaut.jpg" in Path(download.value.path()).read_text(encoding="utf-8-sig")
