"""A folder of 300,000 tiny images: how long the first scan takes, how long the second, and how much memory.

    python -m benchmarks.dataset_scan [--files 300000] [--sample 20000] [--folder DIR] [--fer2013 PATH]

Makes the files (8x8, half PNG, half JPEG, seven classes, two splits) in a temporary folder, or keeps them in --folder
for the next time; scans them by the command line in a process of its own, with an empty cache and then with a warm one;
and reads a sample of the headers with Pillow, one Image.open a file, as the rival. --fer2013 does the same with
fer2013.csv.gz. Seconds are of the wall clock; processor seconds stand beside them, for busy computers.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from fer_core.labels import SEVEN

ROOT = Path(__file__).resolve().parents[1]
SIDE = 8
DIFFERENT = 200
"""Pictures that are drawn; the files repeat them."""

WARM = """
import json, resource, sys, time
start = time.perf_counter()
from fer_core.datasets import open_dataset
imported = time.perf_counter()
data = open_dataset(sys.argv[1])
counts, problems, sizes = data.counts(), data.problems, data.sizes
names = [data.name_of(row) for row in data.rows(data.split_names[0])[:24]]
pictures = data.images(data.rows(data.split_names[0])[:24], 48, 3)
ready = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"import_s": imported - start, "open_s": ready - imported, "peak_mb": peak / 1024}))
"""
"""What a page asks for: counts, problems, sizes and a screenful of pictures."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the scan of a large folder dataset.")
    parser.add_argument("--files", type=int, default=300_000)
    parser.add_argument("--sample", type=int, default=20_000, help="files that the rival reads")
    parser.add_argument("--folder", type=Path, help="keep the files there; default: a temporary folder")
    parser.add_argument("--fer2013", type=Path, help="also time this fer2013.csv.gz")
    options = parser.parse_args()
    with _place(options.folder) as folder, tempfile.TemporaryDirectory() as cache:
        print(f"{_make(folder, options.files):,} files in {folder}")
        _scan_twice(folder, cache)
        rival = _pillow(folder, options.sample)
        seconds = rival * options.files
        print(
            f"Pillow's Image.open, headers only: {seconds:.1f} processor seconds for as many ({options.sample:,} read)"
        )
        if options.fer2013:
            _scan_twice(options.fer2013, cache)


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    else:
        with tempfile.TemporaryDirectory() as made:
            yield Path(made)


def _make(folder: Path, files: int) -> int:
    """Write what is missing; gives the number of files."""
    encoded = list(_encoded())
    for number in range(files):
        split, label = ("train", "test")[number % 10 == 9], SEVEN[number % len(SEVEN)]
        suffix, data = encoded[number % len(encoded)]
        path = folder / split / label / f"{number:06d}{suffix}"
        if number < 2 * len(SEVEN) * 10:
            path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(data)
    return files


def _encoded() -> Iterator[tuple[str, bytes]]:
    random = np.random.default_rng(0)
    for number in range(DIFFERENT):
        suffix = (".png", ".jpg")[number % 2]
        _, data = cv2.imencode(suffix, random.integers(0, 256, (SIDE, SIDE), np.uint8))
        yield suffix, data.tobytes()


def _scan_twice(path: Path, cache: str) -> None:
    for words in ("first scan", "again, from the cache"):
        wall, processor, peak, answer = _scan(path, cache)
        images = sum(sum(column.values()) for column in answer["splits"].values())
        print(
            f"{path.name}: {words}: {wall:.1f} s, {processor:.1f} processor seconds, {peak:.0f} MB, {images:,} images, "
            f"{answer['problem_count']} problems"
        )
    done = subprocess.run(
        [sys.executable, "-c", WARM, str(path)],
        env=_environment(cache),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    warm = json.loads(done.stdout)
    print(
        f"{path.name}: opened as a page does, warm: {warm['open_s']:.2f} s after {warm['import_s']:.2f} s of imports, "
        f"{warm['peak_mb']:.0f} MB"
    )


def _scan(path: Path, cache: str) -> tuple[float, float, float, dict[str, Any]]:
    """Wall seconds, processor seconds, peak megabytes and the answer of the command line."""
    command = [sys.executable, "-m", "fer_core", "datasets", "scan", str(path), "--format", "json"]
    start = time.perf_counter()
    with subprocess.Popen(command, env=_environment(cache), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        answer = json.loads(process.stdout.read() if process.stdout else "")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the scan ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, answer


def _environment(cache: str) -> dict[str, str]:
    return os.environ | {"FER_CACHE": cache}


def _pillow(folder: Path, sample: int) -> float:
    """Processor seconds a file."""
    paths = [str(path) for _, path in zip(range(sample), folder.rglob("*.*"), strict=False)]
    start = resource.getrusage(resource.RUSAGE_SELF)
    for path in paths:
        with Image.open(path) as image:
            assert image.size == (SIDE, SIDE)
    end = resource.getrusage(resource.RUSAGE_SELF)
    return (end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime) / len(paths)


if __name__ == "__main__":
    main()
