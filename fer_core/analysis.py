"""The way of a photo: bytes, faces, crops, probabilities, decisions. Every surface calls `analyse`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import Face


@dataclass(frozen=True, eq=False)
class Prediction:
    """What one network reads in one face, after calibration.

    Attributes:
        model: name of the predictor.
        label: the most probable expression.
        confidence: its calibrated probability, 0 to 1.
        unsure: the confidence is below the model's threshold.
        runner_up: the second most probable expression.
        probabilities: calibrated, by expression in the model's order; they sum to 1.
        crop: uint8 (s, s, c), exactly what the network saw.
    """

    model: str
    label: str
    confidence: float
    unsure: bool
    runner_up: str
    probabilities: dict[str, float]
    crop: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class FaceAnalysis:
    """A face and one prediction a model, in the order of the models asked."""

    face: Face
    predictions: tuple[Prediction, ...]

    @property
    def disagree(self) -> bool:
        """The models do not all give the same label."""
        return len({prediction.label for prediction in self.predictions}) > 1


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything found in one photo.

    Attributes:
        photo: uint8 (h, w, 3) RGB, upright.
        faces: largest first; empty when there is no face.
        detector: 'yunet', 'haar', or 'none' when the photo was passed as a face crop.
        milliseconds: duration of each stage: decode, detect, crop, and predict:<model>.
    """

    photo: NDArray[np.uint8]
    faces: tuple[FaceAnalysis, ...]
    detector: str
    milliseconds: dict[str, float]
