"""Many visits of the pages, each with a photo, closed without a word: what is left of them a minute later.

    python -m benchmarks.attack.tabs [--tabs 40] [--megabytes 5] [--at-once 4]

Debian's chromium opens Predict so many times, gives it a photo of its own and waits for the answer; some visits press
Clear, the others are just closed. Prints the memory of the server, its open files and the uploads in Streamlit's store:
before, at the highest, and 60 s after the last visit. Exit code 1 where uploads are left, open files have grown, or the
memory is 100 MB above that before. Linux only.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.screenshots import CHROMIUM, FLAGS, SECONDS, started
from benchmarks.space.load import portraits
from benchmarks.space.server import megabytes

FORGOTTEN_AFTER = 60
MOST_MEGABYTES, MOST_FILES = 100.0, 5
WARM = 2
"""Visits before the first look, in which libraries and networks are loaded."""
ANSWERED = "[data-testid=stMain] h3, [data-testid=stMain] h4"


@dataclass(frozen=True)
class Look:
    """What the server holds: memory in MB, open files, and bytes of uploads."""

    megabytes: float
    files: int
    uploads: int

    def __str__(self) -> str:
        return f"{self.megabytes:.0f} MB, {self.files} open files, {self.uploads / 1e6:.1f} MB of uploads"


def look(address: str, process: int) -> Look:
    with urlopen(f"{address}/_stcore/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    uploads = sum(int(float(line.split()[-1])) for line in lines if "UploadedFileManager" in line)
    return Look(megabytes(process), len(list(Path(f"/proc/{process}/fd").iterdir())), uploads)


def visit(browser: Browser, address: str, photos: Sequence[Path]) -> None:
    """So many visits at once, each with a photo; every second one presses Clear, then all are closed."""
    pages = [browser.new_page() for _ in photos]
    for page, photo in zip(pages, photos, strict=True):
        page.set_default_timeout(1000 * SECONDS)
        page.goto(f"{address}/Predict")
        page.locator("input[type=file]").first.set_input_files(photo)
    for number, page in enumerate(pages):
        page.locator(ANSWERED).first.wait_for()
        if number % 2:
            _clear(page)
    for page in pages:
        page.close()


def _clear(page: Page) -> None:
    page.get_by_role("button", name="Clear").first.click()


def heavy(photos: Sequence[Path], weight: float) -> Sequence[Path]:
    """Photos of so many megabytes: what follows the end of a JPEG is read by nobody, but held by everybody."""
    for photo in photos:
        content = photo.read_bytes()
        photo.write_bytes(content + bytes(max(0, round(1e6 * weight) - len(content))))
    return photos


class Highest(threading.Thread):
    """Looks at the memory all the time."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.process, self.found, self.ended = process, 0.0, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.05):
            self.found = max(self.found, megabytes(self.process))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tabs", type=int, default=40)
    parser.add_argument("--megabytes", type=float, default=5.0)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0, help="for make attack; nothing is drawn here")
    known = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, started() as (address, process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        photos = heavy(portraits(Path(folder), known.at_once), known.megabytes)
        for _ in range(WARM):
            visit(browser, address, photos)
        time.sleep(FORGOTTEN_AFTER)
        before, highest = look(address, process), Highest(process)
        highest.start()
        for _ in range(0, known.tabs, known.at_once):
            visit(browser, address, photos)
        highest.ended.set()
        time.sleep(FORGOTTEN_AFTER)
        after = look(address, process)
        browser.close()
    rise = highest.found - before.megabytes
    print(f"{known.tabs} visits with a photo of {known.megabytes:g} MB, {known.at_once} at once")
    print(f"before {before}; {FORGOTTEN_AFTER} s after the last one {after}")
    print(f"at the highest {rise:.0f} MB over before, {rise / known.at_once:.0f} MB per visit")
    grown = after.files - before.files > MOST_FILES or after.megabytes - before.megabytes > MOST_MEGABYTES
    return int(bool(after.uploads) or grown)


if __name__ == "__main__":
    sys.exit(main())
