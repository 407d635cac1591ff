"""Time and memory of an audit of 300,000 images: `python -m benchmarks.scale.audit [--images N] [--folder DIR]`.

Makes class folders of small gray PNG files, each of its own noise, among them planted copies: exact ones, and near ones
that are darker, noisier or mirrored. Then `fer datasets audit` reads them in a process of its own, with probabilities
for the label suspects. Prints seconds, largest resident memory, and how many of the planted copies were found.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.labels import SEVEN

ROOT = Path(__file__).resolve().parents[2]
SIDE = 48
EXACT, NEAR = 0.03, 0.03
"""Shares of the images that are copies of another one."""
MINUTES, MEGABYTES = 15, 2000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=300_000)
    parser.add_argument("--folder", type=Path, help="keep the images there, and take those that are there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = arguments.folder or Path(temporary)
        if not (place / "planted.json").is_file():
            make(place, arguments.images)
        planted = json.loads((place / "planted.json").read_text())
        start, before = perf_counter(), os.times()
        found, megabytes = audited(place)
        taken, after = perf_counter() - start, os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    print(
        f"{found['images']:,} images: {taken / 60:.1f} min ({processor / 60:.1f} min of processor), {megabytes:.0f} MB"
    )
    print(f"exact copies: {found['exact_copies']:,} of {planted['exact']:,} planted")
    print(f"groups of near copies: {found['near_groups']:,} for {planted['near']:,} planted pairs")
    print(f"label suspects: {found['suspects']:,} of {planted['suspects']:,} planted")
    print(f"near copies: {found['methods']['near_groups']}")
    met = taken < 60 * MINUTES and megabytes < MEGABYTES
    print(f"at most {MINUTES} min and {MEGABYTES:,} MB wanted: {'met' if met else 'MISSED'}")


def audited(place: Path) -> tuple[dict[str, Any], float]:
    """The audit's JSON and its largest resident memory in MB of 10^6 bytes."""
    code = (
        "import sys; from fer_core.cli.main import main; from benchmarks.contenders import peak_megabytes\n"
        "code = main(sys.argv[1:]); print(peak_megabytes(), file=sys.stderr); sys.exit(code)"
    )
    with tempfile.TemporaryDirectory() as cache:
        words = [
            "datasets",
            "audit",
            str(place / "images"),
            "--suspects",
            str(place / "shares.csv"),
            "--format",
            "json",
        ]
        environment = {**os.environ, "FER_CACHE": cache}
        done = subprocess.run(
            [sys.executable, "-c", code, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return json.loads(done.stdout), float(done.stderr.split()[-1])


def make(place: Path, count: int) -> None:
    """Images in class folders, probabilities that fit their labels but for one in a thousand, and what was planted."""
    labels = np.random.default_rng(0).integers(0, len(SEVEN), count)
    exact, near = int(count * EXACT), int(count * NEAR)
    for label in SEVEN:
        (place / "images" / "train" / label).mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(4) as pool:
        work = [(place, labels, range(start, min(start + 2000, count)), exact, near) for start in range(0, count, 2000)]
        list(pool.map(_write, work))
    wrong = write_shares(place, labels)
    planted = {"exact": exact, "near": near, "suspects": wrong}
    (place / "planted.json").write_text(json.dumps(planted))


def _write(work: tuple[Path, NDArray[np.int64], range, int, int]) -> None:
    place, labels, numbers, exact, near = work
    own = len(labels) - exact - near
    for number in numbers:
        name = place / "images" / "train" / SEVEN[labels[number]] / f"{number:07d}.png"
        if name.is_file():
            continue
        if number < own:
            pixels = noise(number)
        else:
            pixels = noise(number - own) if number < own + exact else copied(noise(number - own), number)
        cv2.imwrite(str(name), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])


def noise(number: int) -> NDArray[np.uint8]:
    """Soft noise that is like no other image's."""
    coarse = np.random.default_rng(number).integers(0, 256, (9, 9), np.uint8)
    return np.asarray(cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.uint8)


def copied(pixels: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
    """Darker, noisier, or mirrored."""
    if number % 3 == 0:
        return np.asarray(pixels * 0.7 + 20, np.uint8)
    if number % 3 == 1:
        return np.clip(pixels + np.random.default_rng(number).normal(0, 10, pixels.shape), 0, 255).astype(np.uint8)
    return np.asarray(pixels[:, ::-1])


def write_shares(place: Path, labels: NDArray[np.int64]) -> int:
    """Probabilities as `fer out-of-sample` writes them, by row of the opened dataset; how many are wrong."""
    names = sorted(place.glob("images/train/*/*.png"), key=lambda path: f"train/{path.parent.name}/{path.name}")
    wrong = 0
    with (place / "shares.csv").open("w") as stream:
        print("row", *SEVEN, sep=",", file=stream)
        for row, path in enumerate(names):
            label = int(labels[int(path.stem)])
            off = int(path.stem) % 1000 == 7
            wrong += off
            shares = [0.02] * len(SEVEN)
            shares[(label + off) % len(SEVEN)] = 0.93 if off else 0.88
            print(row, *shares, sep=",", file=stream)
    return wrong


if __name__ == "__main__":
    main()
