"""How often the answer of a still face changes: `python -m benchmarks.browser.flicker [--frames N] [PHOTO]...`.

A still photo becomes a film of ten frames per second: each frame is moved by up to two pixels and gets the noise of a
webcam in a dim room (standard deviation 10 of 255). The engine follows the face in headless Chromium. Prints how often
per minute the label changes, and how often 'unsure' comes or goes, in each frame alone and smoothed.
"""

import argparse
import base64
import functools
import http.server
import itertools
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.browser.speed import Quiet
from benchmarks.screenshots import CHROMIUM, FLAGS, ROOT
from fer_core.browser import site

RATE = 10
FILM = """async ([file, frames, rate]) => {
  const { Engine } = await import('/engine/engine.js');
  const engine = await Engine.start(location.origin + '/', 'wasm');
  const model = engine.networks[0].name;
  await engine.load(model, { film: true });
  const bytes = Uint8Array.from(atob(file), (char) => char.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const canvas = new OffscreenCanvas(640, 480);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const noise = () => 10 * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const scale = Math.min(640 / bitmap.width, 480 / bitmap.height);
  const answers = [];
  for (let i = 0; i < frames; i++) {
    const [x, y] = [4 * random() - 2, 4 * random() - 2];
    context.drawImage(bitmap, x, y, bitmap.width * scale, bitmap.height * scale);
    const picture = context.getImageData(0, 0, 640, 480);
    picture.data.forEach((value, at) => { if (at % 4 < 3) picture.data[at] = value + noise(); });
    const frame = { pixels: picture.data, width: 640, height: 480, channels: 4 };
    const { faces } = await engine.film(frame, model, i / rate);
    if (faces.length) answers.push(['raw', 'smoothed'].map((kind) => [faces[0][kind].label, faces[0][kind].unsure]));
  }
  return answers;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser.flicker", description=__doc__)
    parser.add_argument("photos", nargs="*", type=Path, default=[ROOT / "samples" / "grace_hopper.jpg"])
    parser.add_argument("--frames", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site.build(Path(folder))
        handler = functools.partial(Quiet, directory=folder)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/settings.json")
            for photo in options.photos:
                file = base64.b64encode(photo.read_bytes()).decode()
                answers = page.evaluate(FILM, [file, options.frames, RATE])
                print(
                    f"{photo.name}: {len(answers)} of {options.frames} frames with the face; {report(answers)}",
                    flush=True,
                )
            browser.close()
            server.shutdown()


def report(answers: list[list[list[object]]]) -> str:
    """Changes per minute of label and of 'unsure', raw and smoothed."""
    minutes = len(answers) / RATE / 60
    parts = []
    for place, kind in enumerate(("raw", "smoothed")):
        pairs = [answer[place] for answer in answers]
        label, unsure = (changes([pair[which] for pair in pairs]) / minutes for which in (0, 1))
        parts.append(f"{kind}: {label:.0f} label changes and {unsure:.0f} changes of 'unsure' per minute")
    return "; ".join(parts)


def changes(values: list[object]) -> int:
    return sum(one != other for one, other in itertools.pairwise(values))


if __name__ == "__main__":
    main()
