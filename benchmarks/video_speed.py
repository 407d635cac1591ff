"""Videos: speed against DeepFace, and memory over time: `python -m benchmarks.video_speed [--seconds N] [--minutes N]`.

One made clip of 640x480 with 25 frames per second, a face that moves and changes from neutral to happy. Each program
runs in a process of its own, taking turns, in the same run; medians over the rounds.

- `fer video`: at its default of 5 frames per second, and with every frame read (--fps 25).
- a loop of `DeepFace.analyze` over all frames, as its users write it: OpenCV reads, YuNet finds, the ONNX engine
  answers. Its weights are random stand-ins, good for timing alone (benchmarks/standin.py).

'clip frames per second' is the frames of the clip divided by the seconds that the program took, loading left out. On a
busy computer processor time counts: that of all cores together, per frame of the clip.

With --minutes, a clip so long is read by `fer video`, and its memory after minute 1 and at the end is printed.
"""

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray

from benchmarks.latency import busy
from benchmarks.memory import resident_megabytes
from benchmarks.standin import furnish

ROOT = Path(__file__).resolve().parents[1]
RATE = 25
SIZE = (480, 640)
FACES = (("neutral.jpg", (51, 157, 924, 1030)), ("astronaut.jpg", (141, 37, 309, 205)))
"""Sample, and the square around its face: left, top, right, bottom."""
GOAL = 3.0
MOST_GROWTH = 50.0
Figures = dict[str, float]


def frames(count: int) -> Iterator[NDArray[np.uint8]]:
    """A face that goes to and fro before a plain wall, with the noise of a camera; it changes in the middle."""
    from PIL import Image

    pictures = [
        np.asarray(Image.open(ROOT / "samples" / name).convert("RGB").crop(box).resize((240, 240)))
        for name, box in FACES
    ]
    noise = np.random.default_rng(0).integers(0, 12, (8, *SIZE, 1), np.uint8)
    for number in range(count):
        frame = np.full((*SIZE, 3), 96, np.uint8)
        left = 200 + round(120 * float(np.sin(number / 40)))
        frame[120:360, left : left + 240] = pictures[number * len(pictures) // count]
        yield np.minimum(frame, 243) + noise[number % len(noise)]


def write_clip(path: Path, seconds: int, rate: int = RATE) -> None:
    """An MP4 (H.264)."""
    import av

    with av.open(path, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "veryfast"})
        stream.height, stream.width = SIZE
        stream.pix_fmt = "yuv420p"
        for pixels in frames(seconds * rate):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())


def ours(clip: Path, rate: float) -> Figures:
    from fer_core import predictors
    from fer_core.video.analysis import VideoReading

    network = predictors.load("house")
    next(iter(VideoReading(clip, network)))  # the detector is loaded with the first frame
    return _timed(partial(_read, clip, network, rate))


def _read(clip: Path, network: object, rate: float) -> None:
    from fer_core.video.analysis import VideoReading

    reading = VideoReading(clip, network, rate=rate)  # type: ignore[arg-type]
    for _ in reading:
        pass
    assert reading.timeline().faces


def deepface(clip: Path, _: float) -> Figures:
    import cv2
    from deepface import DeepFace

    def loop(most: int | None = None) -> None:
        film = cv2.VideoCapture(str(clip))
        done = 0
        while done != most:
            there, frame = film.read()
            if not there:
                break
            DeepFace.analyze(frame, actions=["emotion"], detector_backend="yunet", enforce_detection=False, silent=True)
            done += 1

    loop(1)
    return _timed(loop)


def _timed(work: Callable[[], None]) -> Figures:
    start, processor = perf_counter(), process_time()
    work()
    return {"seconds": perf_counter() - start, "processor": process_time() - processor}


PROGRAMS = {
    "fer video": (ours, 5.0),
    "fer video --fps 25": (ours, float(RATE)),
    "DeepFace.analyze, every frame": (deepface, 0.0),
}


def run(program: str, clip: Path, home: Path) -> Figures:
    """One program in a process of its own."""
    environment = {**os.environ, "DEEPFACE_HOME": str(home), "DEEPFACE_BACKEND_ENGINE": "onnx"}
    command = [sys.executable, "-m", "benchmarks.video_speed", "--one", program, str(clip)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{program} failed:\n{done.stderr[-2000:]}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def compare(folder: Path, seconds: int, rounds: int) -> None:
    clip = folder / "clip.mp4"
    write_clip(clip, seconds)
    home = folder / "home"
    notes = [*busy(), *(f"{name}: stand-in with random weights" for name in furnish(home))]
    found: dict[str, list[Figures]] = {name: [] for name in PROGRAMS}
    for turn in range(rounds):
        for name in PROGRAMS:
            print(f"round {turn + 1} of {rounds}: {name}", file=sys.stderr, flush=True)
            found[name].append(run(name, clip, home))
    total = seconds * RATE
    medians = {
        name: {key: statistics.median(figures[key] for figures in rows) for key in ("seconds", "processor")}
        for name, rows in found.items()
    }
    rival = medians["DeepFace.analyze, every frame"]
    print("| program | clip frames per second | processor ms per clip frame | times DeepFace, by processor time |")
    print("|---|---|---|---|")
    for name, row in medians.items():
        ratio = rival["processor"] / row["processor"]
        print(
            f"| {name} | {total / row['seconds']:.0f} ({rival['seconds'] / row['seconds']:.1f} times) | "
            f"{1000 * row['processor'] / total:.1f} | {ratio:.1f} |"
        )
    reached = rival["seconds"] / medians["fer video"]["seconds"]
    print(f"\nfer video, frames of the clip per second: {reached:.1f} times DeepFace's; {GOAL:g} wanted.")
    print(*(f"Note: {note}" for note in notes), sep="\n")


def memory(folder: Path, minutes: int) -> bool:
    """Whether memory stays flat: a clip of two frames per second, all of which are read."""
    from fer_core import predictors
    from fer_core.video.analysis import VideoReading

    clip = folder / "long.mp4"
    command = [sys.executable, "-m", "benchmarks.video_speed", "--write", str(clip), str(60 * minutes)]
    subprocess.run(command, cwd=ROOT, check=True)
    reading = VideoReading(clip, predictors.load("house"))
    after_one = 0.0
    for seconds in reading:
        if not after_one and seconds >= 60:
            after_one = resident_megabytes()
    at_end = resident_megabytes()
    faces = len(reading.timeline().faces)
    print(
        f"memory after minute 1: {after_one:.0f} MB, after minute {minutes}: {at_end:.0f} MB "
        f"({at_end - after_one:+.1f}; at most {MOST_GROWTH:.0f} wanted); {faces} faces"
    )
    return at_end - after_one <= MOST_GROWTH


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20, help="length of the clip")
    parser.add_argument("--rounds", type=int, default=3, help="0 leaves the comparison out")
    parser.add_argument("--minutes", type=int, default=0, help="also measure memory over so many minutes")
    parser.add_argument("--one", nargs=2, metavar=("PROGRAM", "CLIP"), help=argparse.SUPPRESS)
    parser.add_argument("--write", nargs=2, metavar=("CLIP", "SECONDS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        program, rate = PROGRAMS[arguments.one[0]]
        sys.stdout, printed = io.StringIO(), sys.stdout
        figures = program(Path(arguments.one[1]), rate)
        print(json.dumps(figures), file=printed)
        return 0
    if arguments.write:
        write_clip(Path(arguments.write[0]), int(arguments.write[1]), rate=2)
        return 0
    with tempfile.TemporaryDirectory() as place:
        if arguments.rounds:
            compare(Path(place), arguments.seconds, arguments.rounds)
        return 0 if not arguments.minutes or memory(Path(place), arguments.minutes) else 1


if __name__ == "__main__":
    sys.exit(main())
