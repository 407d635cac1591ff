"""Memory of `fer batch` over the number of photos: `python -m benchmarks.scale.memory [--photos N N ...]`.

Runs `fer batch --engine local` over so many photos (of about 320 pixels a side, one face or more in each) in a process
of its own, and prints its largest resident memory and the photos per second.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.scale import photos

ROOT = Path(__file__).resolve().parents[2]
MEGABYTES, GROWTH = 800, 1.15
"""At most so much memory, and so many times that of the smallest batch."""
CODE = (
    "import sys; from fer_core.cli.main import main; from benchmarks.contenders import peak_megabytes\n"
    "code = main(sys.argv[1:]); print(peak_megabytes(), file=sys.stderr); sys.exit(code)"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, nargs="+", default=[1000, 50_000])
    parser.add_argument("--mixed", action="store_true", help="photos of 0.35 to 12 megapixels instead of small ones")
    parser.add_argument("--face-crop", action="store_true", help="no search for faces: many photos in little time")
    parser.add_argument("--model", default="house")
    arguments = parser.parse_args()
    more = ["--model", arguments.model, *(["--face-crop"] if arguments.face_crop else [])]
    found = {count: measure(count, more, mixed=arguments.mixed) for count in arguments.photos}
    least, most = found[min(found)], max(found.values())
    met = most < MEGABYTES and most < GROWTH * least
    print(f"under {MEGABYTES} MB and within {GROWTH:.0%} of the smallest wanted: {'met' if met else 'MISSED'}")


def measure(count: int, more: list[str], *, mixed: bool) -> float:
    """Largest resident memory in MB of 10^6 bytes."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        folder = photos.make(place / "photos", count, photos.MIXED if mixed else photos.SMALL)
        words = ["batch", str(folder), "--out", str(place / "out"), *more]
        start, before = perf_counter(), os.times()
        done = subprocess.run(
            [sys.executable, "-c", CODE, *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        taken, after = perf_counter() - start, os.times()
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    megabytes = float(done.stderr.split()[-1])
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    print(
        f"{count:,} photos: {megabytes:.0f} MB, {count / taken:.1f} photos per second, "
        f"{processor / count * 1000:.0f} ms of processor per photo",
        flush=True,
    )
    return megabytes


if __name__ == "__main__":
    main()
