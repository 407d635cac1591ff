"""What spoiled pictures cost each model, and whether enhancing them before prediction gives anything back.

    python -m benchmarks.robustness --data PATH [--split private_test] [--limit N] [--model NAME]... [--only WHAT]

Two tables in Markdown. The first: accuracy under each corruption of fer_core.compare.corruptions at its five steps.
The second:
the same images, clean and spoiled, enhanced before the network sees them: points gained over leaving them alone, with a
star where McNemar's mid-p is below 5 % divided by the number of trials of that model. Images are drawn at random with
a fixed seed when --limit is given; corruptions are seeded by image, so that all models and enhancements see the same.
"""

import argparse
from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core import predictors
from fer_core.compare import testsets
from fer_core.compare.corruptions import CORRUPTIONS, spoiled
from fer_core.compare.robustness import Curves, Faces, Sweep
from fer_core.compare.run import BATCH, read_crops
from fer_core.datasets import open_dataset
from fer_core.evaluation import metrics
from fer_core.predictors import Predictor

MODELS = ("house", "mini_xception")
Pixels = NDArray[np.uint8]
Rights = NDArray[np.bool_]


class Spoiling(NamedTuple):
    """A corruption at one step; no name leaves the picture as it is."""

    title: str
    name: str = ""
    step: int = 0


SPOILINGS = (
    Spoiling("clean"),
    Spoiling("darkness 4", "darkness", 4),
    Spoiling("blur 3", "blur", 3),
    Spoiling("low resolution 3", "low_resolution", 3),
    Spoiling("noise 4", "noise", 4),
)


def as_it_is(picture: Pixels) -> Pixels:
    return picture


def equalised(picture: Pixels) -> Pixels:
    """Histogram equalisation of the whole face."""
    return np.asarray(cv2.equalizeHist(picture), dtype=np.uint8)


def clahe(picture: Pixels) -> Pixels:
    """Contrast-limited adaptive equalisation, clip 2, 4 x 4 tiles."""
    return np.asarray(cv2.createCLAHE(2.0, (4, 4)).apply(picture), dtype=np.uint8)


def stretched(picture: Pixels) -> Pixels:
    """The 1st to the 99th percentile brought to 0 to 255."""
    low, high = np.percentile(picture, (1, 99))
    scaled: Pixels = ((picture - low) * (255 / max(high - low, 1))).clip(0, 255).astype(np.uint8)
    return scaled


def unsharp(picture: Pixels) -> Pixels:
    """Unsharp mask, sigma 1 pixel, amount 1."""
    soft = cv2.GaussianBlur(picture, (0, 0), 1.0)
    return np.asarray(cv2.addWeighted(picture, 2.0, soft, -1.0, 0), dtype=np.uint8)


def denoised(picture: Pixels) -> Pixels:
    """Non-local means, strength 10."""
    return np.asarray(cv2.fastNlMeansDenoising(picture, None, 10, 5, 15), dtype=np.uint8)


def upscaled(picture: Pixels) -> Pixels:
    """In the manner of super-resolution: four times the side by Lanczos, noise smoothed along edges, sharpened."""
    large = cv2.resize(picture, None, fx=4, fy=4, interpolation=cv2.INTER_LANCZOS4)
    smooth = cv2.bilateralFilter(large, 7, 20, 5)
    return np.asarray(cv2.addWeighted(smooth, 1.8, cv2.GaussianBlur(smooth, (0, 0), 4.0), -0.8, 0), dtype=np.uint8)


ENHANCEMENTS: dict[str, Callable[[Pixels], Pixels]] = {
    "histogram equalisation": equalised,
    "CLAHE": clahe,
    "contrast stretch": stretched,
    "unsharp mask": unsharp,
    "non-local means": denoised,
    "upscaling x4, sharpened": upscaled,
}


def curves(given: Faces, loaded: Sequence[Predictor]) -> Curves:
    sweep = Sweep(given, loaded)
    while not sweep.finished:
        sweep.step()
    return sweep.result()


def curves_table(found: Curves) -> str:
    lines = ["| spoiled by | model | clean | 1 | 2 | 3 | 4 | 5 |", "|---|---|" + "---:|" * 6]
    for name in found.corruptions:
        for model in found.right:
            shares = " | ".join(f"{100 * value:.1f}" for value, _, _ in found.share(model, name))
            lines.append(f"| {CORRUPTIONS[name].title} | {model} | {shares} |")
    return "\n".join(lines)


def rights(given: Faces, predictor: Predictor, spoiling: Spoiling, enhance: Callable[[Pixels], Pixels]) -> Rights:
    """Whether each answer is right, bool (n,), after spoiling and enhancing."""
    pictures = [
        enhance(spoiled(spoiling.name, spoiling.step, picture, row) if spoiling.name else picture)
        for row, picture in enumerate(given.pictures)
    ]
    answers = [read_crops(predictor, pictures[a : a + BATCH], given.classes) for a in range(0, len(pictures), BATCH)]
    answered = np.concatenate(answers).argmax(axis=1)
    return np.asarray(answered == given.targets)


def gains_table(given: Faces, predictor: Predictor) -> str:
    """One row per enhancement, one column per spoiling: points gained over leaving the picture alone."""
    plain = [rights(given, predictor, spoiling, as_it_is) for spoiling in SPOILINGS]
    heading = " | ".join(spoiling.title for spoiling in SPOILINGS)
    lines = [f"| {predictor.name} | {heading} |", "|---|" + "---:|" * len(SPOILINGS)]
    lines.append("| as it is, % | " + " | ".join(f"{100 * right.mean():.1f}" for right in plain) + " |")
    trials = len(SPOILINGS) * len(ENHANCEMENTS)
    for name, enhance in ENHANCEMENTS.items():
        enhanced = [rights(given, predictor, spoiling, enhance) for spoiling in SPOILINGS]
        cells = [_gain(before, after, trials) for before, after in zip(plain, enhanced, strict=True)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _gain(before: Rights, after: Rights, trials: int) -> str:
    points = 100 * (float(after.mean()) - float(before.mean()))
    sure = metrics.mcnemar(after, before).mid_p < 0.05 / trials
    return f"{points:+.1f}{'*' if sure else ''}"


def main() -> None:
    known = _arguments()
    chosen = testsets.from_split(open_dataset(known.data), known.split, known.limit)
    pictures = [np.asarray(chosen.read(row)) for row in range(len(chosen))]
    given = Faces(chosen.title, pictures, [None] * len(chosen), chosen.targets, chosen.classes)
    loaded = [predictors.load(name) for name in known.model or MODELS]
    print(f"{len(given):,} images of {chosen.title}.\n", flush=True)
    if known.only != "enhancing":
        print(curves_table(curves(given, loaded)) + "\n", flush=True)
    for predictor in loaded if known.only != "curves" else ():
        print(gains_table(given, predictor) + "\n", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.robustness", description=__doc__)
    parser.add_argument("--data", required=True, metavar="PATH")
    parser.add_argument("--split", default="private_test")
    parser.add_argument("--model", action="append", metavar="NAME")
    parser.add_argument("--limit", type=int, metavar="N", help="so many images, drawn at random")
    parser.add_argument("--only", choices=("curves", "enhancing"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
