"""What every loaded network does around its arithmetic: check what comes in, cut batches, check what goes out."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import PredictorError
from fer_core.predictors.base import PredictorInfo

BATCH = 32
"""Crops a run. Bounds the memory of a photo with hundreds of faces and of an evaluation over thousands."""

Crops = NDArray[np.uint8]
Rows = NDArray[np.float32]


def check_crops(info: PredictorInfo, crops: Crops) -> None:
    """Refuse anything but uint8 (n, s, s, c) of this network."""
    size, channels = info.input_size, info.channels
    shape, dtype = getattr(crops, "shape", None), getattr(crops, "dtype", type(crops).__name__)
    if shape is None or dtype != np.uint8 or len(shape) != 4 or shape[1:] != (size, size, channels):
        came = f"{dtype} {tuple(shape)}" if shape is not None else f"a {dtype}"
        raise PredictorError(
            f"{info.name} got {came}, but expects uint8 (n, {size}, {size}, {channels}): "
            f"{'gray' if channels == 1 else 'RGB'} face crops, 0 to 255. Cut them with fer_core.photos.faces.crop."
        )


def in_batches(run: Callable[[Crops], Rows], crops: Crops, width: int) -> Rows:
    """`run` over at most BATCH crops at a time; float32 (n, width), also for n = 0."""
    rows = np.empty((len(crops), width), np.float32)
    for start in range(0, len(crops), BATCH):
        rows[start : start + BATCH] = run(crops[start : start + BATCH])
    return rows


class LoadedPredictor(ABC):
    """A network in memory. A runtime adds `_probabilities` for 1 to BATCH crops."""

    def __init__(self, info: PredictorInfo) -> None:
        self._info = info

    @property
    def info(self) -> PredictorInfo:
        return self._info

    @property
    def name(self) -> str:
        return self._info.name

    @property
    def classes(self) -> tuple[str, ...]:
        return self._info.classes

    @property
    def input_size(self) -> int:
        return self._info.input_size

    def predict(self, crops: Crops) -> Rows:
        """Plain softmax, float32 (n, classes), of uint8 crops (n, s, s, c); each row sums to 1."""
        check_crops(self._info, crops)
        rows = in_batches(self._probabilities, crops, len(self.classes))
        if not np.isfinite(rows).all():
            raise PredictorError(f"{self.name} answered with something that is no number; its weights are damaged.")
        # Half precision and deepface's percentages leave sums a little off 1.
        rows /= rows.sum(axis=1, keepdims=True)
        return rows

    @abstractmethod
    def _probabilities(self, crops: Crops) -> Rows: ...


class NetworkPredictor(LoadedPredictor):
    """An in-house network, whose outputs go by name. A runtime adds `_run` and says which outputs there are."""

    def __init__(self, info: PredictorInfo, widths: Mapping[str, int]) -> None:
        super().__init__(info)
        self._widths = widths
        if widths.get("probabilities") != len(info.classes):
            raise PredictorError(
                f"{info.name} has the outputs {dict(widths)}, but 'probabilities' of {len(info.classes)} classes "
                "is expected; export the network again."
            )

    def features(self, crops: Crops) -> Rows:
        """The vector before the classifier, float32 (n, d)."""
        return self._output("features", crops)

    def crowd(self, crops: Crops) -> Rows:
        """How FER+'s annotators would vote, float32 (n, 8) in the order of labels.EIGHT; rows sum to about 1."""
        return self._output("crowd", crops)

    def heads(self, crops: Crops) -> dict[str, Rows]:
        """'probabilities' as the network gives them and, where it has them, 'crowd', from one pass over the crops."""
        check_crops(self.info, crops)
        names = tuple(name for name in ("probabilities", "crowd") if name in self._widths)
        ends = np.cumsum([self._widths[name] for name in names])
        rows = in_batches(lambda batch: np.hstack(self._run(names, batch)), crops, int(ends[-1]))
        return dict(zip(names, np.split(rows, ends[:-1], axis=1), strict=True))

    def _output(self, output: str, crops: Crops) -> Rows:
        check_crops(self.info, crops)
        if output not in self._widths:
            raise PredictorError(f"{self.name} has no output '{output}'; it has {', '.join(self._widths)}.")
        return in_batches(lambda batch: self._run((output,), batch)[0], crops, self._widths[output])

    def _probabilities(self, crops: Crops) -> Rows:
        return self._run(("probabilities",), crops)[0]

    @abstractmethod
    def _run(self, outputs: tuple[str, ...], crops: Crops) -> list[Rows]: ...
