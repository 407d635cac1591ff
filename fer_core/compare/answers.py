"""What a comparison of models on labelled photos holds: all answers, photo by photo, and no numbers yet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ComparedModel:
    """What a report needs to know of a model."""

    name: str
    title: str
    threshold: float


@dataclass(frozen=True, eq=False)
class Seen:
    """One photo as all models saw it.

    Attributes:
        row: of the labelled set.
        count: how many faces were found; the largest is the one that was read.
        picture: uint8 (s, s) or (s, s, 3), the face; the whole photo made small when there is none.
        probabilities: float64 (models, classes), calibrated; None without a face.
        conditions: by the names in conditions.CONDITIONS.
        marks: landmarks (5, 2) in the picture, 0 to 1.
        whole: as probabilities, of the photo taken whole; None when not asked.
        squeezed: uint8 (48, 48, 3), the whole photo as a network sees it; None when not asked.
    """

    row: int
    count: int
    picture: Pixels
    probabilities: Floats | None = None
    conditions: dict[str, float] | None = None
    marks: Floats | None = None
    whole: Floats | None = None
    squeezed: Pixels | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """All answers, photo by photo; `n` is the number of photos that could be read.

    Attributes:
        title: of the labelled set.
        names: (n,) of the files.
        targets: int64 (n,), indices into classes.
        classes: expressions.
        models: in the order asked.
        found: bool (n,), a face was found.
        probabilities: float64 (models, n, classes), calibrated; nan where no face was found.
        whole: the same for photos taken whole; None when not asked.
        conditions: (n,) each; nan where unknown.
        pictures: (n,) of Seen.picture.
        squeezed: (n,) of Seen.squeezed; empty when not asked.
        marks: (n,) of Seen.marks.
        milliseconds: by 'find' (photo to crop) and 'predict:<model>', median a face.
        detector: 'yunet', 'haar', or 'none' for face crops.
        notes: sentences about what was left out.
    """

    title: str
    names: tuple[str, ...]
    targets: NDArray[np.int64]
    classes: tuple[str, ...]
    models: tuple[ComparedModel, ...]
    found: NDArray[np.bool_]
    probabilities: Floats
    whole: Floats | None
    conditions: dict[str, Floats]
    pictures: tuple[Pixels, ...]
    squeezed: tuple[Pixels, ...]
    marks: tuple[Floats | None, ...]
    milliseconds: dict[str, float]
    detector: str
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)
