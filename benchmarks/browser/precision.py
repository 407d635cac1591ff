"""What half precision costs: `python -m benchmarks.browser.precision [--model NAME]... [--data PATH] [--photos DIR]`.

Every network that the browser gets, or those that are named, as it is and in half precision, on FER2013's private test
and on the photos whose names tell their label. Prints accuracy and the largest difference of a probability, and ends
with code 1 when a network loses more than half a point.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.browser.speed import labelled
from benchmarks.screenshots import ROOT
from fer_core.browser import export
from fer_core.datasets import open_dataset
from fer_core.photos import faces, images
from fer_core.predictors import Predictor, info, load
from fer_core.predictors.onnx_runtime import OnnxPredictor

MOST_LOST = 0.005
DATA = ROOT.parent / "shared" / "datasets" / "fer2013"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser.precision", description=__doc__)
    parser.add_argument("--model", action="append", help="give it again for a second one")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--photos", type=Path, default=ROOT.parent / "shared" / "photos")
    options = parser.parse_args()
    dataset = open_dataset(options.data)
    rows = dataset.rows("private_test")
    labels = [dataset.classes[dataset.labels[row]] for row in rows]
    pictures = [dataset.images([row], 48, 3)[0] for row in rows.tolist()]
    photos = list(labelled(options.photos))
    lost = []
    with tempfile.TemporaryDirectory() as folder:
        export.export(Path(folder))
        files = sorted(Path(folder, "networks").iterdir())
        for file in [one for one in files if one.stem in (options.model or [one.stem])]:
            full, half = load(file.stem), OnnxPredictor(info(file.stem), file)
            crops = faces_of(pictures, full)
            answers = [predictor.predict(crops) for predictor in (full, half)]
            scores = [right(full, rows_of_one, labels) for rows_of_one in answers]
            lost.append(scores[0] - scores[1])
            difference = float(np.abs(answers[0] - answers[1]).max())
            on_photos = [right_photos(predictor, photos) for predictor in (full, half)]
            print(
                f"{file.stem}: {file.stat().st_size / 1e6:.1f} MB, private test {scores[0]:.4f} in full, "
                f"{scores[1]:.4f} in half precision, probabilities at most {difference:.4f} apart; "
                f"photos {on_photos[0]} and {on_photos[1]} of {len(photos)}",
                flush=True,
            )
    return int(max(lost) > MOST_LOST)


def faces_of(pictures: list[NDArray[np.uint8]], predictor: Predictor) -> NDArray[np.uint8]:
    """Crops of pictures that are one face each."""
    size, channels = predictor.input_size, predictor.info.channels
    return np.concatenate([faces.crop(picture, [faces.whole(picture)], size, channels) for picture in pictures])


def right(predictor: Predictor, probabilities: NDArray[np.float32], labels: list[str]) -> float:
    given = np.array(predictor.classes)[probabilities.argmax(axis=1)]
    return float(np.mean(given == np.array(labels)))


def right_photos(predictor: Predictor, photos: list[tuple[str, bytes]]) -> int:
    """How many photos get their label, by the largest face."""
    count = 0
    for label, data in photos:
        pixels = images.decode(data)
        crops = faces.crop(pixels, faces.find(pixels)[:1], predictor.input_size, predictor.info.channels)
        count += bool(len(crops)) and right(predictor, predictor.predict(crops), [label]) == 1
    return count


if __name__ == "__main__":
    sys.exit(main())
