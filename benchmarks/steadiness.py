"""How much an answer moves between pictures that a person cannot tell apart.

    python -m benchmarks.steadiness PHOTOS [--every 90] [--agreement 0.5] [--weight 4] [--level 3.5]

Every so many-th photo of a folder, at most 900 pixels a side, is read eight times by the house network, each time with
other noise (standard deviation 2 of 255) and up to 4 % larger or smaller. The largest face counts. Prints:

- height, turn: standard deviation of the box's height, in parts of it, and of the turn (root mean square over the
  middle 90 % of the photos)
- probability: mean distance of the probability that moves most from its mean over the eight
- other label: share of the answers that are not the photo's most frequent one
- looks: pictures that the detector was shown per photo

The options change the search, to see what each is worth; --agreement 1 lets the best cell speak alone. Needs YuNet.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core import predictors
from fer_core.errors import FerError
from fer_core.photos import images
from fer_core.photos.analysis import FaceAnalysis, analyse
from fer_core.photos.detection import search, yunet
from fer_core.predictors.downloads import yunet_path

LONGEST = 900
TIMES = 8
FEWEST = 6
"""Of those readings in which a face must be found for a photo to count."""
NOISE, SCALE = 2.0, 0.04
MIDDLE = (5, 95)
"""Percentiles of photos between which heights and turns count: in few photos another face is the largest."""

Pixels = NDArray[np.uint8]


class Reading(NamedTuple):
    height: float
    turn: float
    probabilities: list[float]


def main() -> None:
    known = arguments()
    if yunet_path() is None:
        raise SystemExit("YuNet is needed: run fer setup or set FER_YUNET.")
    yunet.AGREEMENT, yunet.WEIGHT = known.agreement, known.weight
    search.RULES = replace(search.RULES, level=known.level)
    looks = counted()
    read_all = list(read(known.photos, known.every))
    photos = [readings for readings in read_all if len(readings) >= FEWEST]
    heights = [np.std([np.log(one.height) for one in readings]) for readings in photos]
    turns = [np.std([one.turn for one in readings]) for readings in photos]
    rows = [np.array([one.probabilities for one in readings]) for readings in photos]
    moved = np.mean([np.abs(each - each.mean(0)).max(1).mean() for each in rows])
    tops = [each.argmax(1) for each in rows]
    other = np.mean([(top != np.bincount(top).argmax()).mean() for top in tops])
    print(
        f"{len(photos)} photos: height {middle(heights):.2%}, turn {middle(turns):.2f} degrees, probability "
        f"{moved:.4f}, other label {other:.2%}, looks {len(looks) / (TIMES * len(read_all)):.2f}"
    )


def counted() -> list[tuple[int, ...]]:
    """The shapes of the pictures that the detector is shown from now on."""
    shown, plain = list[tuple[int, ...]](), yunet.Network.__call__

    def counting(self: yunet.Network, picture: Pixels, min_score: float) -> yunet.Rows:
        shown.append(picture.shape)
        return plain(self, picture, min_score)

    yunet.Network.__call__ = counting  # type: ignore[method-assign]
    return shown


def read(folder: Path, every: int) -> Iterator[list[Reading]]:
    house, random = predictors.load("house"), np.random.default_rng(0)
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    for path in paths[::every]:
        try:
            pixels = images.decode(path.read_bytes())
        except FerError:
            continue
        found = [reading(analyse(other, [house]).faces, scale) for other, scale in others(pixels, random)]
        yield [one for one in found if one]


def others(pixels: Pixels, random: np.random.Generator) -> Iterator[tuple[Pixels, float]]:
    shrink = min(1.0, LONGEST / max(pixels.shape[:2]))
    for _ in range(TIMES):
        scale = shrink * float(np.exp(random.uniform(-SCALE, SCALE)))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        resized = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=way), np.float32)
        noisy = resized + random.normal(0, NOISE, resized.shape)
        yield np.clip(noisy, 0, 255).astype(np.uint8), scale


def reading(faces: Sequence[FaceAnalysis], scale: float) -> Reading | None:
    if not faces:
        return None
    largest = max(faces, key=lambda one: one.face.area)
    (prediction,) = largest.predictions
    return Reading(largest.face.box[3] / scale, largest.face.roll, list(prediction.probabilities.values()))


def middle(values: list[np.floating]) -> float:
    low, high = np.percentile(values, MIDDLE)
    kept = [value for value in values if low <= value <= high]
    return float(np.sqrt(np.mean(np.square(kept))))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--every", type=int, default=90)
    parser.add_argument("--agreement", type=float, default=yunet.AGREEMENT)
    parser.add_argument("--weight", type=float, default=yunet.WEIGHT)
    parser.add_argument("--level", type=float, default=search.RULES.level)
    return parser.parse_args()


if __name__ == "__main__":
    main()
