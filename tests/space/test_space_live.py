"""The Live tab: a real server hands out the engine, a real browser films, and no picture comes back."""

import sys
from urllib.parse import urlsplit

import pytest
from bright_square import write_detector, write_film
from brightness import write_network
from browsers import CHROMIUM, PATIENCE, chromium
from servers import start, stop

from fer_core.browser import export, runtime, site
from space import build, live

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.is_file(), reason=f"needs {CHROMIUM}")]

ANSWERED = "() => Number(document.querySelector('#status').textContent.match(/([\\d.]+) frames per second/)?.[1]) > 0"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A folder with one small network, its detector, and the page built from both."""
    if not runtime.files():
        pytest.skip("needs ONNX Runtime Web: `fer setup --browser` fetches it")
    folder = tmp_path_factory.mktemp("live")
    write_network(folder / "models" / "house")
    detector = write_detector(folder / "detector.onnx")
    variables = {"FER_MODELS": str(folder / "models"), "FER_YUNET": str(folder / "none.onnx")}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        patch.setattr(export, "yunet_path", lambda: detector)
        site.build(folder / "web")
    return variables | {"FER_WEB": str(folder / "web")}


@pytest.fixture(scope="module")
def server(environment, tmp_path_factory):
    running = start([sys.executable, "-m", "space.app"], tmp_path_factory.mktemp("server"), **environment)
    yield running
    stop(running)


def test_the_camera_is_read_in_the_tab_and_nothing_is_sent(server, tmp_path):
    film = write_film(tmp_path / "square.y4m", [(64, 128)] * 4)
    with chromium(film) as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        page.set_default_timeout(PATIENCE)
        requests = []
        page.on("request", lambda asked: requests.append(asked))
        page.goto(server.address, wait_until="domcontentloaded")
        page.get_by_role("tab", name="Live").click()
        frame = page.frame_locator("iframe.fer-live")
        frame.locator("#start:enabled").wait_for()
        assert {urlsplit(asked.url).netloc for asked in requests} <= {urlsplit(server.address).netloc, ""}
        del requests[:]
        frame.locator("#start").click()
        frame.locator(".face").wait_for()
        (inside,) = [one for one in page.frames if "/live/" in one.url]
        inside.wait_for_function(ANSWERED)
        assert [asked.url for asked in requests if asked.post_data or "/live/" in asked.url] == []
        high = page.locator("iframe.fer-live").bounding_box()["height"]
        assert abs(high - inside.evaluate("document.body.getBoundingClientRect().height")) < 20


def test_the_folder_of_the_space_holds_the_page(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert {"build/web/index.html", "build/web/engine/worker.js", "build/web/networks/house.onnx"} <= set(build.files())


def test_without_the_folder_the_tab_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("FER_WEB", str(tmp_path))
    assert live.routes() == []
    assert not live.ready()
    assert "make web" in live.MISSING
