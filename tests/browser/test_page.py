"""The page as visitors meet it: Debian's Chromium, a film of bright squares for a camera, and a plain file server."""

import csv
import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from bright_square import SIDE, write_film
from browsers import PATIENCE, chromium, file_server
from clips import encoded
from contrast import LOW_CONTRAST
from paths import ROOT
from PIL import Image

from fer_core.photos import wording

pytestmark = pytest.mark.browser

ANSWERED = "() => Number(document.querySelector('#status').textContent.match(/([\\d.]+) frames per second/)?.[1]) > 0"
LINES = "(least) => Number(document.querySelector('#status').textContent.match(/(\\d+) lines/)?.[1]) >= least"


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A square that stands still on the left."""
    return write_film(tmp_path_factory.mktemp("film") / "square.y4m", [(64, 128)] * 4)


@pytest.fixture(scope="module")
def browser(bright_site, film):  # noqa: ARG001
    with chromium(film) as browser:
        yield browser


@pytest.fixture(scope="module")
def served(bright_site):
    with file_server(bright_site) as server:
        yield server


@pytest.fixture(params=[(1366, 768, "light")])
def page(browser, served, request):
    """The page, ready; `requests` and `errors` are filled as it goes on."""
    width, height, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.requests, page.errors = [], []
    context.on("request", lambda asked: page.requests.append(asked.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    open_page(page, served[0])
    yield page
    assert page.errors == []
    context.close()


def open_page(page, address):
    page.goto(address)
    page.wait_for_selector("html[data-ready]", state="attached")


def film_on(page):
    page.get_by_role("button", name="Open the camera").click()
    page.locator(".face").first.wait_for()
    page.wait_for_function(ANSWERED)


def kept_by_the_browser(page):
    """Everything that a page can store: names of caches' entries, databases, and storages."""
    return page.evaluate(
        """async () => ({
          files: (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys())
            .map(({ url }) => new URL(url).pathname.slice(1))))).flat(),
          databases: await indexedDB.databases(),
          storages: localStorage.length + sessionStorage.length,
          cookies: document.cookie,
        })"""
    )


def test_the_camera_waits_for_a_click_and_the_notice_stands_above_it(page):
    assert not page.evaluate("document.querySelector('video').srcObject")
    notice = page.get_by_text(wording.LIVE_NOTICE_LINE)
    assert notice.bounding_box()["y"] < page.get_by_role("button", name="Open the camera").bounding_box()["y"]
    notice.click()
    page.get_by_text("No picture is sent, stored or logged.", exact=False).wait_for()


def test_a_face_is_boxed_answered_and_followed(page):
    film_on(page)
    card = page.locator(".face")
    assert card.count() == 1
    assert re.match(r"1\s*(Unsure: )?\w+ (> )?\d+ %", card.locator("h3").inner_text())
    drawn = page.evaluate(
        "() => document.querySelector('#overlay').getContext('2d')"
        ".getImageData(0, 0, ...['width', 'height'].map((side) => document.querySelector('#overlay')[side]))"
        ".data.some((value, index) => index % 4 === 3 && value > 0)"
    )
    assert drawn
    assert "1 face." in page.locator("#status").inner_text()


def test_while_it_runs_not_one_request_leaves_and_nothing_is_stored(page, served, bright_site):
    """The promise: from the first picture of the camera on, the page asks nobody for anything."""
    page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
    page.get_by_role("checkbox", name="Raw answers").check()
    asked = served[1]
    del asked[:], page.requests[:]
    film_on(page)
    page.get_by_role("button", name="Record numbers").click()
    page.wait_for_function(LINES, arg=10)
    page.get_by_role("button", name="Stop recording").click()
    page.get_by_role("button", name="Snapshot").click()
    page.get_by_role("link", name="Save on this device").wait_for()
    elsewhere = [url for url in page.requests if not url.startswith("blob:")]
    assert elsewhere == []
    assert set(asked) <= {"/service-worker.js"}  # Chromium itself looks whether there is a newer one
    kept = kept_by_the_browser(page)
    own = {path.relative_to(bright_site).as_posix() for path in bright_site.rglob("*")} | {""}
    assert kept["files"]
    assert set(kept["files"]) <= own
    assert (kept["databases"], kept["storages"], kept["cookies"]) == ([], 0, "")


BOTH_WAYS = """async (base) => {
  const { Engine } = await import(base + "engine/engine.js");
  const engine = await Engine.start(base, "wasm");
  const canvas = new OffscreenCanvas(320, 240);
  const context = canvas.getContext("2d");
  context.fillStyle = "rgb(230, 230, 230)";
  context.fillRect(64, 96, SIDE, SIDE);
  const labels = [];
  for (const model of ["house", "other"]) {
    await engine.load(model, { film: true });
    await engine.forget();
    const filmed = await engine.film(canvas.transferToImageBitmap(), model, 0);
    context.fillRect(64, 96, SIDE, SIDE);
    const photo = await engine.look(canvas.transferToImageBitmap(), model);
    context.fillRect(64, 96, SIDE, SIDE);
    labels.push([filmed.faces[0].raw.label, photo.faces[0].answer.label]);
  }
  return labels;
}""".replace("SIDE", str(SIDE))


def test_a_film_is_read_in_8_bits_where_there_is_such_a_file_and_a_photo_never(page, served):
    address = served[0]
    house, other = page.evaluate(BOTH_WAYS, address)
    assert house[0] == house[1]
    assert set(other) == {"angry", "neutral"}
    assert f"{address}networks/other.int8.onnx" in page.requests
    assert f"{address}networks/other.onnx" in page.requests


def test_a_recording_is_a_table_of_numbers(page):
    film_on(page)
    page.get_by_role("button", name="Record numbers").click()
    page.wait_for_function(LINES, arg=3)
    page.get_by_role("button", name="Stop recording").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Save the numbers").click()
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    assert len(rows) >= 3
    for row in rows:
        assert (row["model"], row["face"]) == ("house", "1")
        assert abs(int(row["x"]) - 64) <= 32
        assert abs(int(row["width"]) - SIDE) <= 2
        shares = [float(value) for name, value in row.items() if name.endswith("_raw")]
        assert sum(shares) == pytest.approx(1, abs=1e-3)


def test_a_snapshot_is_the_picture_of_the_camera(page):
    film_on(page)
    page.get_by_role("button", name="Snapshot").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Save on this device").click()
    picture = np.asarray(Image.open(waiting.value.path()).convert("L"))
    assert picture.shape == (480, 640)
    assert picture[128 : 128 + SIDE, 64 : 64 + SIDE].mean() > 200  # on the left, not as in a mirror
    assert picture[:, 320:].mean() < 20


def test_freeze_holds_the_picture_and_its_answer(page):
    film_on(page)
    page.get_by_role("button", name="Freeze").click()
    page.wait_for_function("document.querySelector('video').paused")
    page.get_by_role("combobox", name="Model").select_option("other")
    page.get_by_text("Unsure:", exact=False).first.wait_for()
    page.get_by_role("button", name="Freeze").click()
    page.wait_for_function("!document.querySelector('video').paused")


def test_out_of_sight_the_camera_is_off(page):
    film_on(page)
    track = page.evaluate_handle("document.querySelector('video').srcObject.getTracks()[0]")
    hide = "(hidden) => { Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});"
    hide += " document.dispatchEvent(new Event('visibilitychange')); }"
    page.evaluate(hide, True)
    assert track.evaluate("track => track.readyState") == "ended"
    page.get_by_text(wording.LIVE["camera_paused"]).wait_for()
    page.evaluate(hide, False)
    page.locator(".face").first.wait_for()


def test_it_works_without_its_server_after_the_first_visit(browser, bright_site):
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    with file_server(bright_site) as (address, _):
        open_page(page, address)
        page.wait_for_function("navigator.serviceWorker.controller !== null")
    open_page(page, address)
    assert page.evaluate("crossOriginIsolated")  # the worker's headers, which threads need
    film_on(page)
    context.close()


def test_photos_are_answered_and_a_file_that_is_none_has_a_sentence(page, tmp_path):
    page.get_by_role("tab", name="Photos").click()
    (tmp_path / "note.jpg").write_bytes(b"this is no photo")
    page.locator("#photo-files").set_input_files([ROOT / "samples" / "astronaut.jpg", tmp_path / "note.jpg"])
    page.get_by_text("cannot be read as a photo").wait_for()
    page.get_by_role("checkbox", name="Each photo is one face").check()
    page.locator(".photo .face").first.wait_for()


@pytest.mark.parametrize(("format", "codec"), [("webm", "libvpx-vp9"), ("mp4", "libx264")])
def test_a_video_file_is_played_and_answered(page, served, tmp_path, format, codec):
    """Not one request leaves for it."""
    frame = np.zeros((480, 640, 3), np.uint8)
    frame[128 : 128 + SIDE, 64 : 64 + SIDE] = 230
    path = tmp_path / f"film.{format}"
    path.write_bytes(encoded([frame] * 100, format=format, codec=codec))
    page.get_by_role("tab", name="Video file").click()
    asked = served[1]
    page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
    del asked[:]
    page.locator("#video-file").set_input_files(path)
    page.locator(".face").first.wait_for()
    page.wait_for_function(ANSWERED)
    assert "1 face." in page.locator("#status").inner_text()
    assert page.evaluate("document.querySelector('video').videoWidth") == 640
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Nothing yet.").wait_for()
    assert set(asked) <= {"/service-worker.js"}


def test_a_file_that_is_no_video_has_a_sentence(page, tmp_path):
    (tmp_path / "note.mp4").write_bytes(b"no video")
    page.get_by_role("tab", name="Video file").click()
    page.locator("#video-file").set_input_files(tmp_path / "note.mp4")
    page.get_by_role("alert").get_by_text("cannot be played by this browser").wait_for()


def test_the_keyboard_is_enough(page):
    page.get_by_role("tab", name="Camera").focus()
    page.keyboard.press("ArrowLeft")
    assert page.get_by_role("tab", name="Photos").get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Open the camera").focus()
    page.keyboard.press("Enter")
    page.locator(".face").first.wait_for()


@pytest.mark.parametrize("page", [(1366, 768, "light"), (390, 844, "dark")], indirect=True)
def test_all_text_can_be_read_and_nothing_sticks_out(page):
    film_on(page)
    page.locator("footer summary").click()
    found = page.evaluate(LOW_CONTRAST)
    assert found["read"] > 25
    assert found["low"] == {}
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_on_plain_http_from_elsewhere_the_page_says_what_to_do(browser, bright_site):
    """Browsers refuse the camera there; the stage is set by taking the secure context away."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', {get: () => false})")
    with file_server(bright_site) as (address, _):
        open_page(page, address)
        page.get_by_role("button", name="Open the camera").click()
        page.get_by_role("alert").get_by_text(wording.LIVE["insecure"]).wait_for()
    page.close()


def test_without_the_runtime_the_page_says_what_to_do(browser, bright_site, tmp_path):
    shutil.copytree(bright_site, tmp_path / "web", ignore=shutil.ignore_patterns("runtime"))
    says(browser, tmp_path / "web", wording.LIVE["no_runtime"])


def test_without_the_detector_the_page_says_what_to_do(browser, bright_site, tmp_path):
    shutil.copytree(bright_site, tmp_path / "web")
    settings = json.loads((tmp_path / "web" / "settings.json").read_text(encoding="utf-8"))
    settings["detector"]["file"] = None
    (tmp_path / "web" / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    says(browser, tmp_path / "web", wording.LIVE["no_detector"])


def says(browser, folder, sentence):
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    with file_server(folder) as (address, _):
        page.goto(address)
        page.get_by_role("alert").get_by_text(sentence).wait_for()
        assert page.get_by_role("button", name="Open the camera").is_disabled()
    page.close()
