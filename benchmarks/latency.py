"""How long an answer takes, against DeepFace in the same run: `python -m benchmarks.latency [--quick] [--json FILE]`.

Same photos, same detector (YuNet), one process per program and round, the programs taking turns so that a busy computer
slows all of them; medians over the rounds. The photos are the samples enlarged to 640 px, 3 and 12 megapixels, in three
framings, because DeepFace's time grows with the face: a person (the face takes 17 % of the width), a bust (35 %) and a
portrait as phones take it (50 %).

- cold start: seconds from starting a Python process to its first answer, for a photo of 640 px
- warm: milliseconds per photo, from its bytes and once decoded, mean of the framings; and one crop through the network
- processor: the time of all cores together, for the start and for a photo from its bytes
- peak: largest resident memory of the process, which has seen the photos of 12 megapixels

The network `house` is taken from models/, or from FER_MODELS. Other programs on the computer change all figures and,
less, the ratios: run it on an idle one.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.contenders import CONTENDERS, MARK, REFERENCE, Contender
from benchmarks.standin import furnish
from fer_core import predictors
from fer_core.predictors.downloads import yunet_path

ROOT = Path(__file__).resolve().parents[1]
WHOLE = None
FRAMINGS = {
    "person": ("astronaut", WHOLE),
    "bust": ("grace_hopper", WHOLE),
    "portrait": ("grace_hopper", (86, 0, 442, 475)),
}
"""Sample, and the part of it that is taken: left, top, right, bottom."""

SIZES = {"640px": 0.35e6, "3MP": 3e6, "12MP": 12e6}
"""Pixels of a photo; 640 px is the longest side of one with 0.35 megapixels."""

UNITS = {"cold": "cold start, s", "cold processor": "cold start, processor s", "peak": "peak, MB", "face": "face, ms"}

Figures = dict[str, float]


@dataclass(frozen=True)
class Goal:
    """`figure` of `contender` is at most `limit` times that of `rival`, or `limit` itself where there is no rival."""

    contender: str
    figure: str
    limit: float
    rival: str | None = None


TARGETS = (
    *(
        Goal("house", f"{kind}:{size}-{framing}", limit, REFERENCE)
        for size, limit in (("640px", 0.7), ("3MP", 0.5), ("12MP", 1 / 3))
        for framing in FRAMINGS
        for kind in ("bytes", "processor")
    ),
    Goal("house", "cold", 0.8, REFERENCE),
    Goal("house", "cold processor", 0.8, REFERENCE),
    Goal("house", "cold", 1 / 4, "deepface-tensorflow"),
    Goal("house", "peak", 300.0),
)


def make_photos(folder: Path, sizes: Sequence[str]) -> list[Path]:
    """The samples as JPEG of every size, smallest first; made in another process, so that this one stays small."""
    code = (
        "import json, sys; from PIL import Image\n"
        "source, target, pixels, box = sys.argv[1:]; image = Image.open(source).convert('RGB').crop(json.loads(box))\n"
        "scale = (float(pixels) / (image.width * image.height)) ** 0.5\n"
        "image.resize((round(image.width * scale), round(image.height * scale)), 3).save(target, quality=90)\n"
    )
    photos = []
    for size in sizes:
        for framing, (sample, box) in FRAMINGS.items():
            photos.append(folder / f"{size}-{framing}.jpg")
            source = ROOT / "samples" / f"{sample}.jpg"
            settings = [str(SIZES[size]), json.dumps(box)]
            subprocess.run([sys.executable, "-c", code, source, photos[-1], *settings], check=True)
    return photos


def run(contender: Contender, home: Path, photos: Sequence[Path], repeats: int) -> Figures:
    """One process from start to end: its own figures, and 'cold' as seen from here."""
    command = [sys.executable, "-m", "benchmarks.contenders", contender.name, "--repeats", str(repeats)]
    environment = {**os.environ, "DEEPFACE_HOME": str(home), **contender.environment}
    start = perf_counter()
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            [*command, *map(str, photos)], env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        cold, figures = 0.0, {}
        for line in process.stdout or ():
            if line.startswith(MARK + "first"):
                cold = perf_counter() - start
            elif line.startswith(MARK):
                figures = json.loads(line.removeprefix(MARK))
        if process.wait():
            errors.seek(0)
            raise SystemExit(f"{contender.title} failed:\n{errors.read()[-2000:]}")
    return {**figures, "cold": cold}


def median_figures(rounds: Sequence[Figures]) -> Figures:
    """Medians over the rounds, by photo ('bytes:12MP-bust'), and their mean over the framings ('bytes 12MP')."""
    medians = {key: statistics.median(figures[key] for figures in rounds) for key in rounds[0]}
    photos: dict[str, list[float]] = {}
    for key, value in medians.items():
        kind, _, photo = key.partition(":")
        if photo:
            photos.setdefault(f"{kind} {photo.split('-')[0]}", []).append(value)
    return {**medians, **{key: statistics.mean(values) for key, values in photos.items()}}


def table(results: dict[str, Figures], columns: Sequence[str], *, ratio: bool = False) -> str:
    """Markdown: absolute figures, or how often DeepFace's ONNX engine goes into each."""
    titles = {contender.name: contender.title for contender in CONTENDERS}
    lines = ["| | " + " | ".join(UNITS.get(key, key) for key in columns) + " |", "|---|" + "---:|" * len(columns)]
    for name, figures in results.items():
        cells = [
            f"{figures[key] / results[REFERENCE][key]:.2f}" if ratio else shown(key, figures[key]) for key in columns
        ]
        lines.append(f"| {titles[name]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def shown(key: str, value: float) -> str:
    return f"{value:.2f}" if key.startswith("cold") else f"{value:.0f}" if value >= 20 else f"{value:.1f}"


def verdicts(results: dict[str, Figures]) -> list[str]:
    """One line per target that was measured."""
    lines = []
    for target in TARGETS:
        sides = [target.contender, target.rival or target.contender]
        if any(target.figure not in results.get(side, {}) for side in sides):
            continue
        value = results[target.contender][target.figure]
        value /= results[target.rival][target.figure] if target.rival else 1
        of = f" of {target.rival}'s" if target.rival else ""
        met = "met" if value <= target.limit else "MISSED"
        lines.append(
            f"- {target.contender}, {target.figure}: {value:.2f}{of}, at most {target.limit:.2f} wanted: {met}"
        )
    return lines


def check() -> None:
    """Stop with a sentence where a fair comparison cannot be made."""
    if yunet_path() is None:
        raise SystemExit("The same detector is needed on both sides: run fer setup or set FER_YUNET.")
    for name in ("house", "house:keras"):
        state = predictors.availability(name) if name in predictors.names() else None
        if state is None or not state.ready:
            raise SystemExit(f"{name} cannot run: {state.reason if state else 'there is no models/house'}")


def busy() -> list[str]:
    """A warning when other programs have kept the processor at work: their share differs from round to round."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    cores = os.cpu_count() or 1
    return (
        [f"the computer was busy before the start (load {load:.1f}): quote none of these"] if load > cores / 4 else []
    )


def measure(sizes: Sequence[str], rounds: int, repeats: int) -> tuple[dict[str, Figures], list[str]]:
    """Figures by contender, and what the reader must know of them."""
    notes = busy()
    found: dict[str, list[Figures]] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        notes += [
            f"{name}: stand-in with random weights, same architecture, for timing alone" for name in furnish(home)
        ]
        photos = make_photos(Path(folder), sizes)
        able = [contender for contender in CONTENDERS if not contender.missing()]
        notes += [f"{row.title}: left out, needs {', '.join(row.missing())}" for row in CONTENDERS if row not in able]
        for turn in range(rounds):
            for contender in able:
                print(f"round {turn + 1} of {rounds}: {contender.title}", file=sys.stderr, flush=True)
                found.setdefault(contender.name, []).append(run(contender, home, photos, repeats))
    return {name: median_figures(figures) for name, figures in found.items()}, notes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round, two sizes: to see that it runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    arguments = parser.parse_args()
    check()
    quick = arguments.quick
    results, notes = measure(["640px", "12MP"] if quick else list(SIZES), 1 if quick else 3, 3 if quick else 7)
    figures = next(iter(results.values()))
    means = ["cold", *(key for key in figures if " " in key), "face", "peak"]
    framings = [key for key in figures if key.startswith(("bytes:", "processor:"))]
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    print(f"{machine}. Photos in milliseconds, mean of the framings {', '.join(FRAMINGS)}.\n")
    for columns in (means, framings):
        print(f"{table(results, columns)}\n\nRatio to {REFERENCE}:\n\n{table(results, columns, ratio=True)}\n")
    print("\n".join([*verdicts(results), "", *(f"Note: {note}" for note in notes)]))
    if arguments.json:
        report = {"machine": machine, "notes": notes, "figures": results, "verdicts": verdicts(results)}
        arguments.json.write_text(json.dumps(report, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
