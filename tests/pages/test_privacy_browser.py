"""What the notice promises, held against a real server and a real browser."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from brightness import write_network
from paths import ROOT
from tracing import outside, traced

from benchmarks.screenshots import CHROMIUM, FLAGS, free_port, settle, wait_until_up
from fer_core import telemetry

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import expect, sync_playwright

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"no browser at {CHROMIUM}"),
]

MILLISECONDS = 60_000
PAGES = ("", "Predict", "Compare", "Datasets", "Training", "Results")
IMPATIENT = """
import gc, os, sys, threading, time
from pathlib import Path
from streamlit.web.cli import main
from ui.shared import visits
from ui.shared.photos import Photo
visits.LEFT_SECONDS, visits.SWEEP_SECONDS = 5.0, 0.2

def tell():
    count = Path(os.environ["PHOTOS_HELD"])
    while True:
        held = sum(len(one.data) for one in gc.get_objects() if type(one) is Photo)
        count.with_suffix(".new").write_text(str(held))
        count.with_suffix(".new").replace(count)
        time.sleep(0.2)

threading.Thread(target=tell, daemon=True).start()
sys.exit(main(sys.argv[1:]))
"""
"""The app with a sweeper that nobody has to wait for; it tells how many bytes of photos live in its memory."""


@contextlib.contextmanager
def running(models, log=None):
    """The address of the app, started without a window, as on a server; `log` takes the trace."""
    port = free_port()
    command = ["run", "app.py", "--server.headless=true", f"--server.port={port}", "--server.fileWatcherType=none"]
    environment = {name: value for name, value in os.environ.items() if name not in telemetry.VARIABLES}
    environment |= {"FER_MODELS": str(models), "FER_YUNET": str(models / "none.onnx"), "FER_PUBLIC": "0"}
    environment["PHOTOS_HELD"] = str(_count(models))
    server = subprocess.Popen(
        [*(traced(log) if log else ()), sys.executable, "-c", IMPATIENT, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_up(server, f"{address}/_stcore/health")
        yield address
    finally:
        os.killpg(server.pid, signal.SIGKILL)  # strace passes no polite signal on
        server.wait()


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    write_network(folder / "house")
    return folder


@pytest.fixture(scope="module")
def address(models):
    with running(models) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        expect.set_options(timeout=MILLISECONDS)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(MILLISECONDS)
    yield page
    page.close()


def upload(page, address, path):
    page.goto(f"{address}/Predict")
    page.locator("input[type=file]").first.set_input_files(path)
    expect(page.get_by_alt_text("The photo with 2 faces")).to_be_visible()


def _count(models):
    return models / "photos_held"


def uploads_held(address):
    """Bytes of uploads in Streamlit's own store, as it counts them itself."""
    with urlopen(f"{address}/_stcore/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return sum(int(float(line.split()[-1])) for line in lines if "UploadedFileManager" in line)


def until_held(page, address, models, expected):
    """Until so many bytes of photos live in the server's memory, and none in Streamlit's own store."""
    held = None
    for _ in range(600):
        held = int(_count(models).read_text()), uploads_held(address)
        if held == (expected, 0):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{held} bytes of photos and uploads are in memory; expected {expected} and none")


def test_every_page_asks_no_other_host_and_the_server_neither(browser, models, two_faces_jpeg, tmp_path):
    log = tmp_path / "trace"
    hosts = set()
    with running(models, log) as address:
        page = browser.new_page()
        page.set_default_timeout(MILLISECONDS)
        page.on("request", lambda asked: hosts.add(urlsplit(asked.url).netloc))
        for name in PAGES:
            page.goto(f"{address}/{name}")
            expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()
            settle(page)
        upload(page, address, two_faces_jpeg)
        settle(page)
        page.close()
    assert hosts - {""} == {urlsplit(address).netloc}
    assert outside(log) == set()


def test_clear_empties_the_servers_memory(page, address, models, two_faces_jpeg):
    upload(page, address, two_faces_jpeg)
    until_held(page, address, models, two_faces_jpeg.stat().st_size)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_alt_text("The photo with 2 faces")).to_have_count(0)
    until_held(page, address, models, 0)


def test_a_photo_is_held_once_across_pages(page, address, models, two_faces_jpeg):
    upload(page, address, two_faces_jpeg)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Results").click()
    expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()
    settle(page)
    until_held(page, address, models, two_faces_jpeg.stat().st_size)


def test_a_closed_page_is_forgotten_though_nobody_else_comes(browser, page, address, models, two_faces_jpeg):
    until_held(page, address, models, 0)
    visitor = browser.new_page()
    visitor.set_default_timeout(MILLISECONDS)
    upload(visitor, address, two_faces_jpeg)
    until_held(page, address, models, two_faces_jpeg.stat().st_size)
    visitor.close()
    until_held(page, address, models, 0)


def test_the_window_has_an_icon_of_our_own(page, address):
    page.goto(address)
    settle(page)
    icons = page.evaluate("[...document.querySelectorAll('link[rel*=icon]')].map(link => link.href)")
    assert any(icon.startswith("data:image/svg+xml") for icon in icons)
