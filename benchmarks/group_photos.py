"""How many faces of large photos are found, and how long it takes: `python -m benchmarks.group_photos`.

The photos are made of the samples: heads and shoulders of known size on plain ground, a panorama, and a crowd behind a
portrait. A face counts as found when one found face, and no more, stands at its place; 'more' are found elsewhere.
Seconds are from the bytes to the faces; processor seconds are those of all cores together, and change less when other
programs run beside.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.contenders import peak_megabytes
from fer_core.photos import faces
from fer_core.photos.faces import Face
from fer_core.photos.images import Photo, decode

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
HEADS = {"astronaut.jpg": (180, 65, 89, 112), "grace_hopper.jpg": (183, 120, 170, 212)}
"""Sample, and the box of its face."""

Pixels = NDArray[np.uint8]
Place = tuple[float, float, float]
"""Middle of a face, and its height."""


@dataclass(frozen=True)
class Scene:
    """A photo to be made.

    Attributes:
        title: for the table.
        size: width and height.
        count: faces that are pasted.
        heights: of the smallest and the largest of them, in pixels.
        portrait: whether they stand before an enlarged portrait, whose face is one more.
        busy: whether the ground is full of detail, so that no part of it can be passed over.
    """

    title: str
    size: tuple[int, int]
    count: int
    heights: tuple[int, int]
    portrait: bool = False
    busy: bool = False


SCENES = (
    Scene("class, 12 megapixels", (4000, 3000), 18, (64, 104)),
    Scene("small faces, 24 megapixels", (6000, 4000), 30, (40, 60)),
    Scene("small faces on a busy ground, 24 megapixels", (6000, 4000), 30, (40, 60), busy=True),
    Scene("group, 24 megapixels", (6000, 4000), 30, (60, 400)),
    Scene("stadium, 59 megapixels", (8960, 6600), 60, (40, 60)),
    Scene("panorama, 25 megapixels", (14_000, 1800), 25, (40, 120)),
    Scene("crowd behind a portrait, 16 megapixels", (4000, 4000), 20, (40, 100), portrait=True),
)


def make(scene: Scene, seed: int = 0) -> tuple[bytes, list[Place]]:
    """The scene as JPEG, and where its faces are."""
    random = np.random.default_rng(seed)
    photo, places = _ground(scene)
    taken = [(x - 1.5 * tall, y - 1.5 * tall, 3 * tall, 3 * tall) for x, y, tall in places]
    names = list(HEADS)
    while len(places) < scene.count + scene.portrait:
        height = float(np.exp(random.uniform(*np.log(scene.heights))))
        head, middle = _head(names[len(places) % len(names)], height)
        tall, wide = head.shape[:2]
        left, top = (
            int(random.integers(0, side - length)) for side, length in zip(scene.size, (wide, tall), strict=True)
        )
        if any(left < x + w and x < left + wide and top < y + h and y < top + tall for x, y, w, h in taken):
            continue
        photo[top : top + tall, left : left + wide] = head
        taken.append((left, top, wide, tall))
        places.append((left + middle[0], top + middle[1], height))
    return cv2.imencode(".jpg", photo[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes(), places


def hits(found: Sequence[Face], places: Sequence[Place]) -> int:
    """Places at which exactly one face was found."""
    near = [
        sum(np.hypot(face.center[0] - x, face.center[1] - y) < 0.35 * tall for face in found) for x, y, tall in places
    ]
    return near.count(1)


def line(scene: Scene, detector: str | None) -> str:
    """A row of the table."""
    data, places = make(scene)
    start, work = perf_counter(), process_time()
    found = faces.find(Photo(data), detector=detector)
    seconds, work = perf_counter() - start, process_time() - work
    hit = hits(found, places)
    return f"| {scene.title} | {hit} of {len(places)} | {len(found) - hit} | {seconds:.2f} | {work:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detector", choices=("yunet", "haar"), help="instead of the best that is there")
    detector = parser.parse_args().detector
    faces.find(decode((SAMPLES / "astronaut.jpg").read_bytes()), detector=detector)  # opens the detector
    print("| photo | found | more | seconds | processor seconds |\n|---|---:|---:|---:|---:|")
    for scene in SCENES:
        print(line(scene, detector), flush=True)
    print(f"\nPeak memory {peak_megabytes():.0f} MB, the made photos included.")


def _ground(scene: Scene) -> tuple[Pixels, list[Place]]:
    width, height = scene.size
    if scene.busy:
        noise = np.random.default_rng(1).normal(0, 40, (height // 8, width // 8, 1))
        ground = cv2.resize(np.clip(120 + noise, 0, 255).astype(np.uint8), scene.size, interpolation=cv2.INTER_CUBIC)
        return np.ascontiguousarray(np.broadcast_to(ground[..., None], (height, width, 3))), []
    if not scene.portrait:
        return np.full((height, width, 3), (108, 124, 138), np.uint8), []
    x, y, wide, tall = HEADS["astronaut.jpg"]
    sample = decode((SAMPLES / "astronaut.jpg").read_bytes())
    factor = width / sample.shape[1]
    enlarged = np.asarray(cv2.resize(sample, scene.size, interpolation=cv2.INTER_CUBIC), np.uint8)
    return enlarged, [((x + wide / 2) * factor, (y + tall / 2) * factor, tall * factor)]


def _head(name: str, height: float) -> tuple[Pixels, tuple[float, float]]:
    """Head and shoulders, the face `height` pixels high, and the middle of the face in it."""
    x, y, wide, tall = HEADS[name]
    sample = decode((SAMPLES / name).read_bytes())
    left, top = max(0, x - tall), max(0, y - tall)
    part, factor = sample[top : y + round(2.2 * tall), left : x + wide + tall], height / tall
    small = np.asarray(cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
    return small, ((x + wide / 2 - left) * factor, (y + tall / 2 - top) * factor)


if __name__ == "__main__":
    main()
