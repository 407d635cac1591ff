"""Whether a browser gives Python's answers: `python -m benchmarks.browser.parity [--browser COMMAND] [--photos DIR]`.

The tests hold Chromium to Python (tests/browser/test_parity.py). This is for a browser that they do not drive, such as
Firefox (`apt-get install firefox-esr`): it is started without a window, opens one page, reads every photo with the
engine, and sends the answers back to this program, which compares them. Half precision, WebAssembly. Each photo comes
twice: as PNG of at most 640 pixels, so that no two decoders differ, and as the file itself, as `fer predict` reads it.
Prints how many faces are the same (overlap of the boxes at least 0.9) and the largest difference of a probability. The
exit code is 1 when a face or a label differs.

    --browser COMMAND   default: firefox-esr --headless --no-remote --profile DIR; {profile} and {address} are filled in
    --photos DIR        more photos, one folder per kind, beside those in samples/
"""

import argparse
import functools
import http.server
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.screenshots import ROOT
from fer_core import predictors
from fer_core.browser import site
from fer_core.photos import images
from fer_core.photos.analysis import Analysis, analyse
from fer_core.video.tracking import shared

COMMAND = "firefox-esr --headless --no-remote --profile {profile} {address}"
SAME = 0.9
CLEAR = 0.04
"""Labels may differ where the two most probable expressions are closer than twice what half precision may cost."""
LONGEST = 640
PATIENCE = 600
PAGE = """<!doctype html><meta charset="utf-8"><title>parity</title><script type="module">
const report = (body) => fetch("/report", { method: "POST", body: JSON.stringify(body) });
try {
  const { Engine, decodePhoto } = await import("/engine/engine.js");
  const engine = await Engine.start(location.origin + "/", "wasm");
  const model = engine.networks[0].name;
  await engine.load(model);
  const found = {};
  for (const name of await (await fetch("/photos.json")).json()) {
    const blob = await (await fetch(`/photos/${name}`)).blob();
    found[name] = (await engine.look(await decodePhoto(blob), model)).faces;
  }
  await report({ found, browser: navigator.userAgent });
} catch (error) {
  await report({ error: String(error.stack ?? error) });
}
</script>"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--browser", default=COMMAND)
    parser.add_argument("--photos", type=Path, default=ROOT.parent / "shared" / "photos")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "web"
        site.build(folder)
        photos = write_photos(folder, arguments.photos)
        report = asked(folder, arguments.browser, Path(place) / "profile")
    if "error" in report:
        raise SystemExit(report["error"])
    house = predictors.load("house")
    same = [
        compare(words, {name: analyse(photo, [house]) for name, photo in some.items()}, report["found"])
        for words, some in photos.items()
    ]
    print(report["browser"])
    return 0 if all(same) else 1


def write_photos(folder: Path, more: Path) -> dict[str, dict[str, NDArray[np.uint8] | bytes]]:
    """The photos where the browser fetches them; by name, what Python reads: the pixels of the PNG, or the file."""
    (folder / "photos").mkdir()
    pictures: dict[str, NDArray[np.uint8] | bytes] = {}
    files: dict[str, NDArray[np.uint8] | bytes] = {}
    for number, path in enumerate(sorted([*(ROOT / "samples").glob("*.jpg"), *more.glob("*/*.jp*g")])):
        data, name = path.read_bytes(), f"{number:02}-{path.stem}.png"
        pixels, _ = images.decode_reduced(data, LONGEST)
        cv2.imwrite(str(folder / "photos" / name), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
        pictures[name] = pixels
        files[f"{number:02}-{path.name}"] = data
        (folder / "photos" / f"{number:02}-{path.name}").write_bytes(data)
    (folder / "photos.json").write_text(json.dumps([*pictures, *files]), encoding="utf-8")
    (folder / "parity.html").write_text(PAGE, encoding="utf-8")
    return {"as PNG": pictures, "as files": files}


def asked(folder: Path, browser: str, profile: Path) -> Any:  # noqa: ANN401  (JSON)
    """What the browser reports; it is ended then."""
    profile.mkdir()
    answer: list[Any] = []
    done = threading.Event()

    class Server(http.server.SimpleHTTPRequestHandler):
        def do_POST(self) -> None:
            answer.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            done.set()

        def log_message(self, *_: object) -> None:
            """The result is enough."""

    handler = functools.partial(Server, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/parity.html"
        command = [part.format(profile=profile, address=address) for part in browser.split()]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            came = done.wait(PATIENCE)
            process.terminate()
        server.shutdown()
    if not came:
        raise SystemExit(f"{command[0]} did not answer within {PATIENCE} seconds.")
    return answer[0]


def compare(words: str, expected: dict[str, Analysis], found: dict[str, Sequence[Any]]) -> bool:
    """Prints what differs, and the sums; `words` tell how the photos came."""
    total = alike = near = 0
    apart, where = 0.0, ""
    for name, analysis in expected.items():
        total += len(analysis.faces)
        if len(analysis.faces) != len(found[name]):
            print(f"{name}: {len(found[name])} faces in the browser, {len(analysis.faces)} in Python")
            continue
        for row, seen in zip(analysis.faces, found[name], strict=True):
            (prediction,) = row.predictions
            box = type(row.face)(tuple(seen["face"]["box"]), 1.0)
            difference = np.abs(np.subtract(seen["answer"]["probabilities"], list(prediction.probabilities.values())))
            apart, where = max((apart, where), (float(difference.max()), name))
            near += difference.max() <= CLEAR / 2
            clear = prediction.confidence - prediction.probabilities[prediction.runner_up] > CLEAR
            label = seen["answer"]["label"] == prediction.label or not clear
            alike += shared(row.face, box) >= SAME and label
    print(
        f"{alike} of {total} faces in {len(expected)} photos {words} are the same; "
        f"{near} with all probabilities within {CLEAR / 2}, the farthest {apart:.4f} apart ({where})"
    )
    return alike == total


if __name__ == "__main__":
    sys.exit(main())
