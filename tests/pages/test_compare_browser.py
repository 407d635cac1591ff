"""The Compare page in a real browser: upload, report, every tab, the HTML file that stands alone."""

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from brightness import write_network
from contrast import LOW_CONTRAST
from paths import ROOT

from benchmarks.screenshots import CHROMIUM, FLAGS, serving, settle
from fer_core.labels import SEVEN

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import expect, sync_playwright

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"no browser at {CHROMIUM}"),
]

MILLISECONDS = 120_000


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    write_network(folder / "house")
    write_network(folder / "other", classes=SEVEN[::-1], calibration={"threshold": 0.3})
    with serving(FER_MODELS=str(folder), FER_YUNET=str(folder / "none.onnx"), FER_PUBLIC="0") as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(MILLISECONDS)
    expect.set_options(timeout=MILLISECONDS)
    yield page
    page.close()


@pytest.fixture
def given(tmp_path):
    """A photo with its label in the name, and a zip of folders: a photo, a copy, and a wall."""
    photo = tmp_path / "Anna_happy.jpg"
    photo.write_bytes((ROOT / "samples" / "astronaut.jpg").read_bytes())
    wall = cv2.imencode(".png", np.full((120, 160, 3), 90, np.uint8))[1].tobytes()
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.write(ROOT / "samples" / "grace_hopper.jpg", "neutral/hopper.jpg")
        archive.write(photo, "neutral/copy.jpg")
        archive.writestr("sad/wall.png", wall)
    return [photo, tmp_path / "set.zip"]


def test_from_upload_to_report(page, address, given, tmp_path):
    page.goto(f"{address}/Compare")
    page.locator("input[type=file]").first.set_input_files(given)
    expect(page.get_by_text("Labels: 3 photos, 3 with a label")).to_be_visible()
    expect(page.get_by_text("is an exact copy of")).to_be_visible()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", name="3 labelled photos")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(3)  # two matrices and their difference
    page.get_by_role("tab", name="Pictures").click()
    expect(page.get_by_text("no face found").first).to_be_visible()
    page.get_by_role("tab", name="Download").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Report as HTML").click()
    settle(page)
    file = tmp_path / "comparison.html"
    waiting.value.save_as(file)
    _stands_alone(page, file)


def test_the_primary_button_can_be_read_in_the_dark(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    page.set_default_timeout(MILLISECONDS)
    page.goto(f"{address}/Compare?from=Samples")  # the address opens the samples
    expect(page.get_by_role("button", name="Compare", exact=True)).to_be_visible()
    settle(page)
    seen = page.evaluate(LOW_CONTRAST)
    assert (seen["read"] > 10, seen["low"]) == (True, {})
    page.close()


def _stands_alone(page, file):
    """Opened from the disk without a network, the report draws its figures and asks for nothing."""
    asked, faults = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.context.set_offline(True)
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", name="Comparison: 3 labelled photos")).to_be_visible()
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    page.context.set_offline(False)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert faults == []
