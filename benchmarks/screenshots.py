"""Pictures of the pages for the README: `python -m benchmarks.screenshots [FOLDER]`.

Starts the app on a free port with the models that are here, opens it in Debian's chromium, wide in light and narrow in
dark, gives Predict two samples, and writes PNG files to docs/screenshots (or FOLDER). The others are shown as they
open.
"""

import contextlib
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from threading import Event

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")
SIZES = {"wide": (1366, 768), "narrow": (390, 844)}
SCHEMES = {"wide": "light", "narrow": "dark"}
OTHERS = ("Live", "Datasets", "Compare", "Training", "Results")
ASKED = ("Surprise", "Group")
SECONDS = 240


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for size, scheme in SCHEMES.items():
            with opened(browser, size, scheme) as page:
                take(page, address, folder, f"{size}_{scheme}")
        browser.close()


@contextlib.contextmanager
def serving(folder: Path = ROOT, **environment: str) -> Iterator[str]:
    """The address of `streamlit run app.py` in a checkout, up and answering."""
    with started(folder, **environment) as (address, _):
        yield address


@contextlib.contextmanager
def started(folder: Path = ROOT, **environment: str) -> Iterator[tuple[str, int]]:
    """As `serving`, with the id of the server's process."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1", "--server.fileWatcherType=none"]
    server = subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_up(server, f"{address}/_stcore/health")
        yield address, server.pid
    finally:
        end(server)


def end(server: subprocess.Popen[bytes]) -> None:
    """Ask, then insist: a server that waits for a browser to leave would outlive us."""
    server.terminate()
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_up(server: subprocess.Popen[bytes], health: str) -> None:
    pause = Event()
    for _ in range(SECONDS * 5):
        if server.poll() is not None:
            raise RuntimeError(f"streamlit ended with code {server.returncode} before it answered")
        try:
            with urllib.request.urlopen(health, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            pause.wait(0.2)
    raise TimeoutError(f"no answer from {health} within {SECONDS} s")


@contextlib.contextmanager
def opened(browser: Browser, size: str, scheme: str) -> Iterator[Page]:
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_default_timeout(SECONDS * 1000)
    yield page
    page.close()


def take(page: Page, address: str, folder: Path, name: str) -> None:
    page.goto(address)
    page.get_by_role("heading", name="Background").wait_for()
    settle(page)
    shoot(page, folder / f"home_{name}.png")
    page.goto(f"{address}/Predict")
    page.get_by_role("button", name=ASKED[0], exact=True).click()
    page.get_by_alt_text("in boxes").first.wait_for()
    settle(page)
    page.get_by_role("button", name="Add photos").click()
    page.get_by_role("button", name=ASKED[1], exact=True).click()
    page.get_by_alt_text("faces in boxes").first.wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("Why ").first.click()
    settle(page)
    shoot(page, folder / f"predict_{name}.png")
    for title in OTHERS:
        page.goto(f"{address}/{title}")
        page.get_by_role("heading").first.wait_for()
        settle(page)
        shoot(page, folder / f"{title.lower()}_{name}.png")


def settle(page: Page) -> None:
    """Until no script runs and nothing on the page is stale."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")


def shoot(page: Page, path: Path) -> None:
    """The whole page: Streamlit scrolls inside a box, so the window is made as tall as its content."""
    tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    before = page.viewport_size
    page.set_viewport_size({"width": before["width"], "height": min(tall, 6000)})  # type: ignore[index]
    settle(page)
    page.screenshot(path=path)
    page.set_viewport_size(before)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots")
