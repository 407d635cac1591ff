"""What a predictor is, and what it must do."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PredictorInfo:
    """What a predictor is, known without loading it.

    Attributes:
        name: what users and the command line call it.
        title: one short name for every list.
        classes: expressions in the order of the probabilities.
        input_size: side of the square crop in pixels.
        channels: 1 for gray, 3 for RGB.
        origin: who made the weights, from what data.
        licence: of the weights.
        source: paper or address.
        parameters: number of weights, or None when unknown.
        megabytes: size of the weights on disk, or None when they are not there.
        temperature: T of the calibrated confidence p^(1/T), renormalised; 1 leaves it as it is.
        threshold: calibrated confidence below which the answer is 'unsure'.
        coverage: share of the calibration images at or above the threshold, or None when never measured.
        crowd_temperature: that of the head trained on FER+'s votes, where there is one.
        accuracy: measured top-1 on FER2013's private test without test-time augmentation, 0 to 1, or None; of networks
            of ours whose training kept copies of test images, on the images without copies.
        accuracy_note: what stands beside that figure (protocol, who measured).
        about: where the network is from, in a few words beside the title.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    input_size: int
    channels: int
    origin: str
    licence: str
    source: str
    parameters: int | None = None
    megabytes: float | None = None
    temperature: float = 1.0
    threshold: float = 0.0
    coverage: float | None = None
    crowd_temperature: float = 1.0
    accuracy: float | None = None
    accuracy_note: str = ""
    about: str = ""


@dataclass(frozen=True)
class Availability:
    """Whether a predictor can run now; if not, why and what to do, in one sentence."""

    ready: bool
    reason: str = ""


@runtime_checkable
class Predictor(Protocol):
    """A loaded network."""

    @property
    def info(self) -> PredictorInfo: ...

    @property
    def name(self) -> str: ...

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def input_size(self) -> int: ...

    def predict(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Plain softmax of each crop.

        Args:
            crops: uint8 (n, s, s, c), 0..255, RGB or gray, s = input_size, c = info.channels. n may be 0.

        Returns:
            float32 (n, classes); each row sums to 1.
        """
        ...
