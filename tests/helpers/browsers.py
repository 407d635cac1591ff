"""A file server that remembers what it was asked for, and Debian's Chromium with a film for a camera."""

import contextlib
import functools
import http.server
import threading
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
PATIENCE = 60_000
"""Milliseconds until a page has failed."""


class Remembering(http.server.SimpleHTTPRequestHandler):
    """What `python -m http.server` is, and a list of what it was asked for."""

    def __init__(self, *arguments, asked, **options):
        self.asked = asked
        super().__init__(*arguments, **options)

    def parse_request(self):
        understood = super().parse_request()
        self.asked.append(getattr(self, "path", "?"))
        return understood

    def log_message(self, *_):
        """The tests read `asked`."""


@contextlib.contextmanager
def file_server(folder):
    """The address of a folder, and the list of paths that were asked for so far."""
    asked = []
    handler = functools.partial(Remembering, directory=str(folder), asked=asked)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", asked
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def chromium(film=None):
    """A running Chromium; `film` is what its camera sees."""
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"] if film else []
    camera += [f"--use-file-for-fake-video-capture={film}"] if film else []
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *camera])
        yield browser
        browser.close()
