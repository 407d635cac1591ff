"""What half precision and 8 bits cost.

    python -m benchmarks.browser.precision [--model NAME]... [--data PATH] [--photos DIR]

Every network that the browser gets, or those that are named, as it is and as the browser gets it: in half precision for
photos and, where there is such a file, in 8 bits for the frames of a film. Both read FER2013's private test and the
photos whose names tell their label. Prints accuracy and the largest difference of a probability, and ends with code 1
when a network loses more than half a point.
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
        names = [file.name.removesuffix(".onnx").removesuffix(".int8") for file in files]
        for name, file in [pair for pair in zip(names, files, strict=True) if pair[0] in (options.model or names)]:
            kind = "8 bits" if ".int8" in file.name else "half precision"
            full, light = load(name), OnnxPredictor(info(name), file)
            crops = faces_of(pictures, full)
            answers = [predictor.predict(crops) for predictor in (full, light)]
            scores = [right(full, rows_of_one, labels) for rows_of_one in answers]
            lost.append(scores[0] - scores[1])
            difference = float(np.abs(answers[0] - answers[1]).max())
            on_photos = [right_photos(predictor, photos) for predictor in (full, light)]
            print(
                f"{name}: {file.stat().st_size / 1e6:.1f} MB, private test {scores[0]:.4f} in full, "
                f"{scores[1]:.4f} in {kind}, probabilities at most {difference:.4f} apart; "
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
