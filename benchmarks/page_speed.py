"""How long each page takes to stand, here and in another checkout, in one run.

    python -m benchmarks.page_speed --against FOLDER [--rounds 3]

FOLDER is a checkout of an older commit (`git worktree add FOLDER COMMIT`). Both apps run at once and are asked in turn,
warm, by Debian's chromium. A page stands when its script has ended and nothing on it is stale. Then a photo is given to
Predict, and the time until its answer can be seen without scrolling is taken. Prints seconds and ratios.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.screenshots import CHROMIUM, FLAGS, ROOT, serving, settle

PAGES = ("", "Predict", "Compare", "Datasets", "Training", "Results")
SAMPLE = ROOT / "samples" / "astronaut.jpg"
ANSWER = "[data-testid=stMain] h3, [data-testid=stMain] h4"
"""What says the expression: a heading of the third or, in older commits, fourth level."""
LONGEST = 120_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page_speed", description=__doc__)
    parser.add_argument("--against", type=Path, required=True, help="a checkout of an older commit")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with serving(ROOT) as here, serving(options.against) as there, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(LONGEST)
        for name in PAGES:
            _tell(name or "Home", _taken(page, here, name, options.rounds), _taken(page, there, name, options.rounds))
        _tell("photo to answer", _answered(page, here, options.rounds), _answered(page, there, options.rounds))
        browser.close()
    return 0


def _taken(page: Page, address: str, name: str, rounds: int) -> float:
    """Median seconds until a page stands; the first time does not count."""
    spent = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        page.goto(f"{address}/{name}")
        settle(page)
        spent.append(time.perf_counter() - start)
    return statistics.median(spent[1:])


def _answered(page: Page, address: str, rounds: int) -> float:
    """Median seconds from a photo to its answer on the page; the first time does not count."""
    spent = []
    for _ in range(rounds + 1):
        page.goto(f"{address}/Predict")
        settle(page)
        start = time.perf_counter()
        page.locator("input[type=file]").first.set_input_files(SAMPLE)
        page.locator(ANSWER).filter(has_text="%").first.wait_for()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent[1:])


def _tell(name: str, here: float, there: float) -> None:
    print(f"{name:16} here {here:5.2f} s   there {there:5.2f} s   ratio {here / there:.2f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
