"""The app as its users meet it: a real server, a real browser, a real photo with two faces."""

import json

import pytest
from brightness import write_network
from clips import encoded, scene
from contrast import LOW_CONTRAST

from benchmarks.screenshots import CHROMIUM, FLAGS, serving, settle
from fer_core import predictors
from fer_core.labels import SEVEN
from fer_core.photos.analysis import analyse
from fer_core.photos.wording import NOTICE_LINE
from fer_core.text import percent

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"no browser at {CHROMIUM}"),
]

MILLISECONDS = 30_000


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
    expect(page.get_by_alt_text("The photo with 2 faces in boxes")).to_be_visible()


def ask_the_other_model_too(page):
    page.get_by_role("button", name="Models: Brightness").click()
    page.get_by_role("button", name="Brightness (other)").click()
    expect(page.get_by_role("columnheader", name="Brightness (other)")).to_be_visible()
    page.keyboard.press("Escape")


def cell(prediction):
    said = f"{prediction.label} {percent(prediction.confidence)}".replace(" %", "\N{NO-BREAK SPACE}%")
    return f"unsure: {said}" if prediction.unsure else said


def test_a_photo_with_two_faces_is_answered_on_the_first_screen(page, address, two_faces_jpeg, answers):
    page.goto(address)
    page.get_by_test_id("stMain").get_by_role("link", name="Predict").click()
    page.locator("input[type=file]").first.set_input_files(two_faces_jpeg)
    shown = page.get_by_alt_text("The photo with 2 faces in boxes")
    expect(shown).to_be_visible()
    for face in answers:
        answer = page.get_by_role("cell", name=cell(face.predictions[0]), exact=True).first
        expect(answer).to_be_visible()
        assert answer.bounding_box()["y"] < page.viewport_size["height"]
    assert shown.bounding_box()["y"] < page.viewport_size["height"] / 2
    page.get_by_text("Probabilities").click()
    bars = page.locator(".js-plotly-plot").first.locator("text.bartext, .bars text")
    shares = answers[0].predictions[0].probabilities.values()
    expect(bars).to_have_text([percent(share) for share in shares])


def test_a_second_model_stands_in_the_same_table(page, address, two_faces_jpeg, answers):
    upload(page, address, two_faces_jpeg)
    ask_the_other_model_too(page)
    expect(page.get_by_role("cell", name=cell(answers[0].predictions[1]), exact=True).first).to_be_visible()
    expect(page.get_by_role("cell", name="1 of 2 sure")).to_have_count(2)
    assert page.url.endswith("/Predict?models=house&models=other")


def test_photos_and_choices_survive_a_change_of_page_and_back(page, address, two_faces_jpeg):
    upload(page, address, two_faces_jpeg)
    ask_the_other_model_too(page)
    page.get_by_role("link", name="Results").click()
    expect(page.get_by_role("heading", name="Results", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_alt_text("The photo with 2 faces in boxes")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Brightness (other)")).to_be_visible()


def test_after_a_reload_the_choice_comes_back_and_the_photo_does_not(page, address, two_faces_jpeg):
    upload(page, address, two_faces_jpeg)
    ask_the_other_model_too(page)
    page.reload()
    expect(page.get_by_text("Your result appears here.")).to_be_visible()
    page.locator("input[type=file]").first.set_input_files(two_faces_jpeg)
    expect(page.get_by_role("columnheader", name="Brightness (other)")).to_be_visible()


def test_downloads_are_files_of_the_answers(page, address, two_faces_jpeg, answers):
    upload(page, address, two_faces_jpeg)
    page.get_by_role("button", name="Options").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download JSON").click()
    (photo,) = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    labels = [face["predictions"][0]["label"] for face in photo["faces"]]
    assert labels == [face.predictions[0].label for face in answers]


def test_clear_empties_the_page(page, address, two_faces_jpeg):
    upload(page, address, two_faces_jpeg)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Your result appears here.")).to_be_visible()
    expect(page.get_by_alt_text("The photo with 2 faces in boxes")).to_have_count(0)
    expect(page.get_by_text("two_faces.jpg")).to_have_count(0)


def test_the_camera_waits_for_a_click_and_the_notice_stands_above_it(page, address):
    page.goto(f"{address}/Predict")
    expect(page.get_by_text("Use your camera")).to_be_visible()
    assert page.locator("video").count() == 0
    page.get_by_text("Use your camera").click()
    expect(page.locator("video")).to_be_visible()
    notice = page.get_by_text(NOTICE_LINE).bounding_box()
    assert notice["y"] < page.locator("video").bounding_box()["y"]


def test_the_keyboard_is_enough(page, address):
    page.goto(f"{address}/Predict")
    surprise = page.get_by_role("button", name="Surprise", exact=True)
    expect(surprise).to_be_visible()
    page.get_by_role("button", name="Happy", exact=True).focus()
    for _ in range(4):  # the pictures' own buttons may be stops on the way
        page.keyboard.press("Tab")
        if surprise.evaluate("button => button === document.activeElement"):
            break
    expect(surprise).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_alt_text("The photo with 1 face in boxes")).to_be_visible()


@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
def test_all_text_can_be_read(page, address, two_faces_jpeg):
    page.goto(address)
    expect(page.get_by_role("cell", name="mini-Xception")).to_be_visible()
    settle(page)
    home = page.evaluate(LOW_CONTRAST)
    upload(page, address, two_faces_jpeg)
    ask_the_other_model_too(page)
    page.get_by_text("Probabilities").click()
    expect(page.locator(".js-plotly-plot .bars")).to_have_count(2)
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


def test_a_video_among_photos_is_read_and_played_from_a_moment(page, address, astronaut, tmp_path):
    """Dropped where photos go, read in view of its progress, with a timeline and moments to jump to."""
    small = astronaut[:400, 20:420]
    (tmp_path / "clip.mp4").write_bytes(encoded([scene([(100, 40, small)])] * 8, rate=4))
    page.goto(f"{address}/Predict")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "clip.mp4", timeout=4 * MILLISECONDS)
    expect(page.get_by_text("Face 1", exact=False).first).to_be_visible(timeout=4 * MILLISECONDS)
    expect(page.get_by_role("radio", name="Video")).to_be_checked()
    expect(page.get_by_test_id("stPlotlyChart")).to_be_visible(timeout=4 * MILLISECONDS)
    page.wait_for_function("document.querySelector('video')?.videoWidth === 640", timeout=4 * MILLISECONDS)
    page.get_by_role("button", name="0:0").first.click()
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
