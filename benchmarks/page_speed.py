"""How long each page takes to stand, here and in another checkout, in one run.

    python -m benchmarks.page_speed --against FOLDER [--rounds 3] [--pages Home Predict ...] [--script-only]

FOLDER is a checkout of an older commit (`git worktree add FOLDER COMMIT`). Both apps run at once and are asked in turn,
by Debian's chromium in a window of 1366x768. A page begins when a heading or the grey place of something to come is in
view. It stands when its script has ended and nothing on it is stale. Then:

- photo to answer: from the upload on Predict until the answer is on the page;
- heat map: from the click on 'Why ...?' until the map is on the page;
- away and Back: from Predict to Datasets and Back until the answer is on the page again; '-' where it was lost;
- cold start: a new server, until Predict has answered a photo.

First of all the script of each page is run without a browser, and its Python calls are counted: this number is the same
on a busy machine. --script-only stops there.

Each but the cold start is warm: the first time does not count. Prints median seconds, ratios, and 'off screen' where
one has to scroll to see what came.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Locator, Page, TimeoutError, sync_playwright

from benchmarks.screenshots import CHROMIUM, FLAGS, ROOT, serving, settle

PAGES = ("Home", "Predict", "Compare", "Datasets", "Training", "Results")
SAMPLE = ROOT / "samples" / "astronaut.jpg"
ANSWER = "[data-testid=stMain] h3, [data-testid=stMain] h4"
"""What says the expression: a heading of the third or, in older commits, fourth level."""
MAPS = "[data-testid=stMain] img"
BEGUN = "[data-testid=stMain] :is(h1, h2, h3, [data-testid=stSkeleton])"
LONGEST = 120_000
LOST = 10_000
"""Milliseconds after which an answer that has not come back is lost."""
IN_VIEW = """element => {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.top >= 0 && box.top < innerHeight;
}"""

SCRIPT = """
import cProfile, pstats, sys
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(sys.argv[1], default_timeout=600)
app = (app.switch_page(sys.argv[2]) if sys.argv[2] else app).run().run()
plain, profile = ScriptRunner._run_script, cProfile.Profile()
ScriptRunner._run_script = lambda self, *given: profile.runcall(plain, self, *given)
app.run()
print(pstats.Stats(profile).total_calls)
"""
"""Prints the Python calls of the third run of a page's script: the same number on a busy machine and on a quiet one."""


class Taken(NamedTuple):
    """Seconds, and whether what came is in the window as it is scrolled."""

    seconds: float
    in_view: bool = True


Timed = Callable[[Page, str], Taken | None]


def main() -> int:
    options = _arguments()
    for name in options.pages:
        here_calls, there_calls = (_script(folder, name) for folder in (ROOT, options.against))
        print(
            f"script, {name:10} here {here_calls:,} calls, there {there_calls:,}, ratio {here_calls / there_calls:.2f}"
        )
    if options.script_only:
        return 0
    with contextlib.ExitStack() as stack:
        here, there = (stack.enter_context(serving(folder)) for folder in (ROOT, options.against))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(LONGEST)
        for name in options.pages:
            path = "" if name == "Home" else name
            pages: tuple[tuple[str, Timed], ...] = ((f"{name} begins", _begun), (name, _standing))
            for words, timed in pages:
                _tell(words, *(_median(timed, page, f"{address}/{path}", options.rounds) for address in (here, there)))
        for what, act in (("photo to answer", _answered), ("heat map", _mapped), ("away and Back", _back)):
            _tell(what, *(_median(act, page, address, options.rounds) for address in (here, there)))
        stack.pop_all().close()
    _tell("cold start", *(_cold(folder) for folder in (ROOT, options.against)))
    return 0


def _script(folder: Path, name: str) -> int:
    """Python calls of a page's script on the server, once everything is loaded."""
    page = next((f"pages/{path.name}" for path in (folder / "pages").glob(f"[0-9]*_{name}.py")), "")
    command = [sys.executable, "-c", SCRIPT, str(folder / "app.py"), page]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    told = done.stdout.split()  # an old commit may be aborted at its end, with a network half loaded
    if not told:
        raise SystemExit(f"{folder}: the script of {name} gave no figure.\n{done.stderr[-2000:]}")
    return int(told[-1])


def _median(timed: Timed, page: Page, address: str, rounds: int) -> Taken | None:
    """Of all rounds but the first; None when one of them gave nothing."""
    spent = [timed(page, address) for _ in range(rounds + 1)][1:]
    known = [taken for taken in spent if taken is not None]
    if len(known) < len(spent):
        return None
    return Taken(statistics.median(taken.seconds for taken in known), all(taken.in_view for taken in known))


def _begun(page: Page, address: str) -> Taken:
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    return _seen(page.locator(BEGUN).first, start)


def _standing(page: Page, address: str) -> Taken:
    start = time.perf_counter()
    page.goto(address)
    settle(page)
    return Taken(time.perf_counter() - start)


def _answered(page: Page, address: str) -> Taken:
    """From a photo to its answer."""
    page.goto(f"{address}/Predict")
    settle(page)
    start = time.perf_counter()
    page.locator("input[type=file]").first.set_input_files(SAMPLE)
    return _seen(_answer(page), start)


def _mapped(page: Page, address: str) -> Taken | None:
    """From 'Why ...?' to one picture more; None when none came."""
    _answered(page, address)
    settle(page)
    button = page.get_by_text("Why ").or_(page.get_by_text("What spoke for"))
    before = page.locator(MAPS).count()
    try:
        start = time.perf_counter()
        button.first.click(timeout=LOST)
        return _seen(page.locator(MAPS).nth(before), start)
    except TimeoutError:
        return None


def _back(page: Page, address: str) -> Taken | None:
    """From leaving Predict to its answer again; None when the answer was lost."""
    _answered(page, address)
    settle(page)
    start = time.perf_counter()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Datasets").click()
    page.get_by_role("heading", name="Datasets").first.wait_for()
    page.go_back()
    try:
        return _seen(_answer(page), start, LOST)
    except TimeoutError:
        return None


def _cold(folder: Path) -> Taken:
    """From the start of a server to its first answer."""
    start = time.perf_counter()
    with serving(folder) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(LONGEST)
        page.goto(f"{address}/Predict")
        page.locator("input[type=file]").first.set_input_files(SAMPLE)
        taken = _seen(_answer(page), start)
        browser.close()
    return taken


def _answer(page: Page) -> Locator:
    return page.locator(ANSWER).filter(has_text="%").first


def _seen(element: Locator, start: float, patience: int = LONGEST) -> Taken:
    """Wait until it is on the page."""
    element.wait_for(timeout=patience)
    seconds = time.perf_counter() - start
    return Taken(seconds, bool(element.evaluate(IN_VIEW)))


def _tell(name: str, here: Taken | None, there: Taken | None) -> None:
    ratio = f"{here.seconds / there.seconds:.2f}" if here and there else "-"
    print(f"{name:16} here {_in_words(here):18} there {_in_words(there):18} ratio {ratio}", flush=True)


def _in_words(taken: Taken | None) -> str:
    if taken is None:
        return "-"
    return f"{taken.seconds:5.2f} s" + ("" if taken.in_view else ", off screen")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page_speed", description=__doc__)
    parser.add_argument("--against", type=Path, required=True, help="a checkout of an older commit")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", nargs="*", default=list(PAGES))
    parser.add_argument("--script-only", action="store_true", help="no browser: the scripts of the pages alone")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
