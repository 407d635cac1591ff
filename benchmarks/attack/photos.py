"""Mutated and oddly shaped pictures, all the way from bytes to what a page shows.

    python -m benchmarks.attack.photos [--seconds 60] [--seed 0]

Exit code 1 where something broke that is no sentence of ours.
"""

import argparse
import io
import random
import sys
import time
from functools import partial

import numpy as np
from PIL import Image

from benchmarks.attack.living import Findings, attack
from fer_core import predictors, settings
from fer_core.photos import drawing, images
from fer_core.photos.analysis import analyse
from fer_core.predictors.base import Predictor

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF", "JPEG2000")
SIDES = (1, 2, 15, 16, 17, 31, 640, 4000, 31_999, 32_000, 32_766, 65_500, 1_000_000)
MOST_PIXELS = 70_000_000
SHAPED = 0.2
"""Share of the time for shapes."""


def originals() -> dict[str, bytes]:
    """One photo in every format that Pillow can write here, gray and with a palette, too."""
    whole = Image.open(settings.samples_folder() / "astronaut.jpg").convert("RGB").resize((160, 160))
    files = {"gray.png": _written(whole.convert("L"), "PNG"), "palette.png": _written(whole.convert("P"), "PNG")}
    files["cmyk.jpg"] = _written(whole.convert("CMYK"), "JPEG")
    for kind in FORMATS:
        try:
            files[f"photo.{kind.lower()}"] = _written(whole, kind)
        except (OSError, KeyError, ValueError):
            continue  # this Pillow does not write it
    return files


def shown(data: bytes, network: Predictor, *, already_face: bool = False) -> None:
    """What the pages do with a photo."""
    found = analyse(data, [network], already_face=already_face)
    words = [face.predictions[0].label for face in found.faces]
    drawing.to_jpeg(drawing.labelled(found.photo, [face.face for face in found.faces], words, divisor=found.divisor))
    for face in found.faces:
        drawing.enlarged(face.predictions[0].crop)
    images.decode_reduced(data, 288)


def shapes(network: Predictor, seconds: float, seed: int) -> Findings:
    """Pictures of every odd shape, plain and as face crops."""
    findings, until = Findings(), time.monotonic() + seconds
    pairs = [(width, height) for width in SIDES for height in SIDES if width * height <= MOST_PIXELS]
    random.Random(seed).shuffle(pairs)
    for width, height in pairs:
        if time.monotonic() > until:
            break
        data = _written(Image.fromarray(np.full((height, width), 120, np.uint8)), "PNG")
        for already_face in (False, True):
            findings.tried(
                f"{width} x {height}, face crop {already_face}",
                partial(shown, data, network, already_face=already_face),
            )
    return findings


def run(seconds: float, seed: int) -> list[Findings]:
    network = predictors.load(predictors.names()[0])
    shown(originals()["photo.png"], network)
    return [
        shapes(network, SHAPED * seconds, seed),
        attack(originals(), lambda _, data: shown(data, network), (1 - SHAPED) * seconds, seed),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    known = parser.parse_args()
    found = run(known.seconds, known.seed)
    print("\n".join(one.report(title) for one, title in zip(found, ("shapes", "pictures"), strict=True)))
    return int(any(one.traces for one in found))


def _written(picture: Image.Image, kind: str) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind)
    return stream.getvalue()


if __name__ == "__main__":
    sys.exit(main())
