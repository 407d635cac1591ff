"""Photos per second of `fer batch` against DeepFace in one run: `python -m benchmarks.scale.throughput [--photos N]`.

- a loop of `DeepFace.analyze`, a photo per call
- DeepFace's own batch call, `DeepFace.analyze` with a list of photos
- `fer batch --engine local`

Same photos (the samples at 0.35 to 12 megapixels), same detector (YuNet), DeepFace on its ONNX engine with the weights
of `benchmarks.standin` where its own are not here. The photos are cut into blocks, and the programs take turns with
each block in a process of their own. So a busy computer slows all of them. Start-up counts for all. Seconds on the
clock, and seconds of all cores together, which other programs disturb less.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.scale import photos
from benchmarks.standin import furnish
from fer_core.predictors.downloads import yunet_path

ROOT = Path(__file__).resolve().parents[2]
WANTED = 3.0

DEEPFACE = """
import sys
from deepface import DeepFace
paths = open(sys.argv[1]).read().split()
options = dict(actions=["emotion"], detector_backend="yunet", enforce_detection=False, silent=True)
found = DeepFace.analyze(paths, **options) if sys.argv[2] == "batch" else [
    DeepFace.analyze(path, **options) for path in paths]
assert len(found) == len(paths)
"""


@dataclass
class Taken:
    """Seconds on the clock, and of all cores together."""

    clock: float = 0.0
    processor: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--blocks", type=int, default=4)
    arguments = parser.parse_args()
    if yunet_path() is None:
        raise SystemExit("The same detector is needed on both sides: run fer setup or set FER_YUNET.")
    programs = {"DeepFace.analyze in a loop": "loop", "DeepFace.analyze of a list": "batch", "fer batch": "fer"}
    taken = {title: Taken() for title in programs}
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        standins = furnish(place / "home")
        paths = sorted(map(str, photos.make(place / "photos", arguments.photos).rglob("*.jpg")))
        for block in range(arguments.blocks):
            listed = place / f"block{block}.txt"
            listed.write_text("\n".join(paths[block :: arguments.blocks]))
            for title, kind in programs.items():
                measure(taken[title], command(kind, listed, place / f"out{block}"), place / "home")
                print(f"block {block + 1} of {arguments.blocks}, {title}", file=sys.stderr, flush=True)
    show(taken, arguments.photos)
    print("".join(f"Note: {name} is a stand-in with random weights, for timing alone\n" for name in standins), end="")


def command(kind: str, listed: Path, out: Path) -> list[str]:
    if kind == "fer":
        return [sys.executable, "-m", "fer_core", "batch", str(listed), "--out", str(out)]
    return [sys.executable, "-c", DEEPFACE, str(listed), kind]


def measure(taken: Taken, words: list[str], home: Path) -> None:
    """Run one program to its end and add what it took."""
    environment = {**os.environ, "DEEPFACE_HOME": str(home), "DEEPFACE_BACKEND_ENGINE": "onnx"}
    before, start = os.times(), perf_counter()
    done = subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{words} failed:\n{done.stderr[-2000:]}")
    after = os.times()
    taken.clock += perf_counter() - start
    taken.processor += after.children_user + after.children_system - before.children_user - before.children_system


def show(taken: dict[str, Taken], count: int) -> None:
    own = taken["fer batch"]
    print(f"{count:,} photos, {os.cpu_count()} cores\n")
    print("| | photos per second | processor seconds per photo | fer batch is faster | by processor time |")
    print("|---|---:|---:|---:|---:|")
    for title, one in taken.items():
        ratios = f"{one.clock / own.clock:.1f} times | {one.processor / own.processor:.1f} times"
        print(f"| {title} | {count / one.clock:.2f} | {one.processor / count:.3f} | {ratios} |")
    least = min(one.clock for title, one in taken.items() if title != "fer batch") / own.clock
    print(f"\nat least {WANTED:.0f} times wanted, measured {least:.1f}: {'met' if least >= WANTED else 'MISSED'}")


if __name__ == "__main__":
    main()
