"""The app as its users meet it: a real server, a real browser, a real photo with two faces."""

import json

import pytest
from brightness import write_network
from contrast import LOW_CONTRAST

from benchmarks.screenshots import CHROMIUM, FLAGS, serving, settle
from fer_core import predictors
from fer_core.labels import SEVEN
from fer_core.photos.analysis import analyse
from fer_core.photos.wording import answer, percent

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"no browser at {CHROMIUM}"),
]

MILLISECONDS = 60_000


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    write_network(folder / "house")
    write_network(folder / "other", classes=SEVEN[::-1], calibration={"threshold": 1.01})
    return folder


@pytest.fixture(scope="module")
def environment(models):
    return {"FER_MODELS": str(models), "FER_YUNET": str(models / "none.onnx"), "FER_PUBLIC": "0"}


@pytest.fixture(scope="module")
def address(environment):
    with serving(**environment) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*FLAGS, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
        )
        yield browser
        browser.close()


@pytest.fixture(params=["light"])
def page(browser, request):
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=request.param)
    page.set_default_timeout(MILLISECONDS)
    expect.set_options(timeout=MILLISECONDS)
    yield page
    page.close()


@pytest.fixture
def answers(monkeypatch, environment, two_faces_jpeg):
    """What the core says about the two faces, by both networks."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return analyse(two_faces_jpeg.read_bytes(), [predictors.load(name) for name in ("house", "other")]).faces


def upload(page, address, path):
    page.goto(f"{address}/Predict")
    page.locator("input[type=file]").first.set_input_files(path)
    expect(page.get_by_role("heading", name="Photo 1:")).to_be_visible()


def test_a_photo_with_two_faces_is_answered(page, address, two_faces_jpeg, answers):
    page.goto(address)
    page.get_by_test_id("stMain").get_by_role("link", name="Predict").click()
    page.locator("input[type=file]").first.set_input_files(two_faces_jpeg)
    for face in answers:
        first = face.predictions[0]
        expect(
            page.get_by_role("heading", name=f"{first.label} {percent(first.confidence)}", exact=True).first
        ).to_be_visible()
    expect(page.get_by_text("2 faces, the largest first.")).to_be_visible()
    expect(page.get_by_alt_text("The photo with 2 faces boxed and numbered")).to_be_visible()
    bars = page.locator(".js-plotly-plot").first.locator("text.bartext, .bars text")
    shares = answers[0].predictions[0].probabilities.values()
    expect(bars).to_have_text([percent(share) for share in shares])


def test_a_second_model_shows_where_they_disagree(page, address, two_faces_jpeg, answers):
    upload(page, address, two_faces_jpeg)
    page.get_by_role("button", name="Brightness (other)").click()
    split = sum(face.disagree for face in answers)
    expect(page.locator(".stMarkdownBadge", has_text="Models disagree")).to_have_count(split)
    expect(page.get_by_role("heading", name=answer(answers[0].predictions[1]), exact=True)).to_be_visible()


def test_downloads_are_files_of_the_answers(page, address, two_faces_jpeg, answers):
    upload(page, address, two_faces_jpeg)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download JSON").click()
    (photo,) = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    labels = [face["predictions"][0]["label"] for face in photo["faces"]]
    assert labels == [face.predictions[0].label for face in answers]


def test_clear_empties_the_page(page, address, two_faces_jpeg):
    upload(page, address, two_faces_jpeg)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("heading", name="Photo 1:")).to_have_count(0)
    expect(page.get_by_text("two_faces.jpg")).to_have_count(0)


def test_the_camera_waits_for_a_click_and_the_notice_stands_above_it(page, address):
    page.goto(f"{address}/Predict")
    page.get_by_role("tab", name="Camera").click()
    expect(page.get_by_text("The camera stays off")).to_be_visible()
    assert page.locator("video").count() == 0
    page.get_by_text("Open the camera").click()
    expect(page.locator("video")).to_be_visible()
    notice = page.get_by_text("Before you use a photo").bounding_box()
    assert notice["y"] < page.locator("video").bounding_box()["y"]


def test_the_keyboard_is_enough(page, address):
    page.goto(f"{address}/Predict")
    page.get_by_role("tab", name="Upload").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Samples")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Grace Hopper", exact=True)).to_be_visible()
    astronaut = page.get_by_role("checkbox", name="Astronaut")
    expect(astronaut).to_be_visible()
    for _ in range(4):  # the panel itself and the pictures' buttons may be stops on the way
        page.keyboard.press("Tab")
        if astronaut.evaluate("box => box === document.activeElement"):
            break
    expect(astronaut).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="Photo 1:")).to_be_visible()


@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
def test_all_text_can_be_read(page, address, two_faces_jpeg):
    page.goto(address)
    expect(page.locator("table").first).to_be_visible()
    settle(page)
    home = page.evaluate(LOW_CONTRAST)
    upload(page, address, two_faces_jpeg)
    page.get_by_role("button", name="Brightness (other)").click()
    expect(page.locator(".js-plotly-plot .bars")).to_have_count(4)
    settle(page)
    predict = page.evaluate(LOW_CONTRAST)
    assert min(home["read"], predict["read"]) > 30
    assert (home["low"], predict["low"]) == ({}, {})


def test_a_trace_is_never_shown(page, address):
    """What nobody foresaw is a sentence of Streamlit's, and the rest is for the log."""
    page.goto(f"{address}/Predict")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "note.jpg", "mimeType": "image/jpeg", "buffer": b"this is no photo"}
    )
    expect(page.get_by_text("not an image that can be read")).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
