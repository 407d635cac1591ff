"""The programs that are compared, each run in a process of its own: `python -m benchmarks.contenders NAME PHOTO...`.

Such a process answers for the first photo, says '@first', measures all photos, and prints its figures as one JSON line.
"""

import argparse
import importlib.util
import io
import json
import resource
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

MARK = "@"
"""Begins the lines meant for the benchmark: DeepFace prints lines of its own."""


@dataclass(frozen=True)
class Steps:
    """What is timed: a whole photo from its bytes, the same once decoded, and one face crop through the network."""

    photo: Callable[[bytes], Any]
    decode: Callable[[bytes], Any]
    decoded: Callable[[Any], Any]
    face: Callable[[], Any]


@dataclass(frozen=True)
class Contender:
    """A row of the table.

    Attributes:
        start: imports and loads what the program needs, and returns its steps.
        environment: set before the process starts.
        needs: packages without which it is left out.
    """

    name: str
    title: str
    start: Callable[[], Steps]
    environment: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    def missing(self) -> list[str]:
        return [package for package in self.needs if importlib.util.find_spec(package) is None]


def _own(name: str) -> Steps:
    import numpy as np

    from fer_core import predictors
    from fer_core.photos import images
    from fer_core.photos.analysis import analyse

    predictor = predictors.load(name)
    crop = np.full((1, *(predictor.input_size,) * 2, predictor.info.channels), 128, np.uint8)

    def answer(photo: Any) -> str:  # noqa: ANN401
        return analyse(photo, [predictor]).faces[0].predictions[0].label

    return Steps(answer, images.decode, answer, lambda: predictor.predict(crop))


def _deepface() -> Steps:
    import cv2
    import numpy as np
    from deepface import DeepFace

    crop = np.full((224, 224, 3), 128, np.uint8)

    def answer(photo: Any, detector: str = "yunet") -> str:  # noqa: ANN401
        rows = DeepFace.analyze(photo, actions=["emotion"], detector_backend=detector, silent=True)
        return str(rows[0]["dominant_emotion"])

    return Steps(
        lambda data: answer(io.BytesIO(data)),
        lambda data: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR),
        answer,
        lambda: answer(crop, "skip"),
    )


REFERENCE = "deepface-onnx"

CONTENDERS = (
    Contender("house", "house, ONNX Runtime", lambda: _own("house")),
    Contender("house-keras", "house, Keras", lambda: _own("house:keras"), needs=("tensorflow",)),
    Contender(
        REFERENCE, "DeepFace.analyze, ONNX engine", _deepface, {"DEEPFACE_BACKEND_ENGINE": "onnx"}, ("deepface",)
    ),
    Contender(
        "deepface-tensorflow",
        "DeepFace.analyze, TensorFlow engine",
        _deepface,
        {"DEEPFACE_BACKEND_ENGINE": "tensorflow"},
        ("deepface", "tensorflow", "tf_keras"),
    ),
    Contender("mini-xception", "mini-Xception (fer)", lambda: _own("mini_xception"), needs=("fer",)),
)


def milliseconds(step: Callable[[], Any], repeats: int, clock: Callable[[], float] = perf_counter) -> float:
    """Median of `repeats` calls, after one that is not counted."""
    times = []
    for _ in range(repeats + 1):
        start = clock()
        step()
        times.append((clock() - start) * 1000)
    return statistics.median(times[1:])


def peak_megabytes() -> float:
    """Largest resident memory of this process in MB of 10^6 bytes.

    Linux counts the parent's memory at the moment of the fork into ru_maxrss; VmHWM begins with this program.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def measure(contender: Contender, photos: list[Path], repeats: int) -> dict[str, float]:
    """Figures of one process: milliseconds by 'bytes:<photo>', 'decoded:<photo>' and 'face', and its peak memory.

    'processor:<photo>' is the time of all cores together for a photo from its bytes, and 'cold processor' the seconds
    until the first answer: a computer that does other work beside changes these less.
    """
    steps = contender.start()
    steps.photo(photos[0].read_bytes())
    print(MARK + "first", flush=True)
    figures = {"cold processor": process_time()}
    for path in photos:
        data = path.read_bytes()
        figures[f"bytes:{path.stem}"] = milliseconds(partial(steps.photo, data), repeats)
        figures[f"processor:{path.stem}"] = milliseconds(partial(steps.photo, data), repeats, process_time)
        image = steps.decode(data)
        figures[f"decoded:{path.stem}"] = milliseconds(partial(steps.decoded, image), repeats)
        del image
    figures["face"] = milliseconds(steps.face, 5 * repeats)
    return {**figures, "peak": peak_megabytes()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=[contender.name for contender in CONTENDERS])
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    contender = next(row for row in CONTENDERS if row.name == arguments.name)
    print(MARK + json.dumps(measure(contender, arguments.photos, arguments.repeats)), flush=True)


if __name__ == "__main__":
    main()
