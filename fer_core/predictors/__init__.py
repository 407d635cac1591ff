"""The registry: every network that can look at a face, one row each.

`names`, `info` and `availability` load nothing; `load` imports the runtime it needs.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fer_core import settings
from fer_core.errors import PredictorError, UnknownPredictorError, unforeseen
from fer_core.predictors import keras_runtime, networks, onnx_runtime
from fer_core.predictors.base import Availability, Predictor, PredictorInfo
from fer_core.predictors.baselines import deepface_baseline, mini_xception

__all__ = ["Availability", "Predictor", "PredictorInfo", "availability", "info", "load", "names"]


@dataclass(frozen=True)
class Row:
    """A predictor before it is loaded.

    Attributes:
        name: what users and the command line call it.
        info: reads what it is.
        availability: whether it can run now.
        load: brings it into memory; PredictorError when it cannot.
    """

    name: str
    info: Callable[[], PredictorInfo]
    availability: Callable[[], Availability]
    load: Callable[[], Predictor]


@dataclass(frozen=True)
class Runtime:
    """One way to run the weights in an in-house folder: the file, the package it takes, and how both are named."""

    suffix: str
    title_suffix: str
    weights: str
    package: str
    predictor: Callable[[PredictorInfo, Path], Predictor]


RUNTIMES = (
    Runtime("", "", onnx_runtime.WEIGHTS, "onnxruntime", onnx_runtime.OnnxPredictor),
    Runtime(":keras", " (Keras)", keras_runtime.WEIGHTS, "tensorflow", keras_runtime.KerasPredictor),
)
BASELINES = (
    Row(deepface_baseline.NAME, deepface_baseline.info, deepface_baseline.availability, deepface_baseline.load),
    Row(mini_xception.NAME, mini_xception.info, mini_xception.availability, mini_xception.load),
)


def _network_row(folder: Path, runtime: Runtime) -> Row:
    name = folder.name + runtime.suffix

    def read() -> PredictorInfo:
        return networks.read_info(folder, runtime.weights, name=name, title_suffix=runtime.title_suffix)

    return Row(
        name,
        read,
        lambda: networks.check_files(folder, runtime.weights, runtime.package),
        lambda: runtime.predictor(read(), folder / runtime.weights),
    )


def _rows() -> dict[str, Row]:
    """Read afresh each time: a network that was just exported is there without a restart."""
    own = [_network_row(folder, runtime) for folder in networks.folders() for runtime in RUNTIMES]
    return {row.name: row for row in (*own, *BASELINES)}


def _row(name: str) -> Row:
    rows = _rows()
    if name not in rows:
        raise UnknownPredictorError(f"There is no model '{name}'; there are {', '.join(rows) or 'none'}.")
    return rows[name]


def names() -> tuple[str, ...]:
    """All predictors, the default first, whether they can run here or not."""
    return tuple(_rows())


def info(name: str) -> PredictorInfo:
    """What a predictor is. A folder that cannot be read has no classes; `availability` says why."""
    row = _row(name)
    try:
        return row.info()
    except PredictorError:
        return networks.unreadable(name)


def availability(name: str) -> Availability:
    """Whether a predictor can run now; if not, why and what to do."""
    return _told(name, _row(name).availability())


def load(name: str) -> Predictor:
    """Bring a predictor into memory.

    Raises:
        UnknownPredictorError: the name is not registered; the sentence lists those that are.
        PredictorError: it cannot run here; the sentence says why and what to do.
    """
    row = _row(name)
    state = availability(name)
    if not state.ready:
        raise PredictorError(f"{name} cannot run: {state.reason}")
    try:
        with unforeseen(PredictorError, f"{name} cannot run, for a reason that nobody foresaw; export it again."):
            return row.load()
    except PredictorError as error:
        state = _told(name, Availability(False, str(error)))
        raise PredictorError(f"{name} cannot run: {state.reason}") from None


def _told(name: str, state: Availability) -> Availability:
    """Strangers learn nothing about the server's disk; whoever runs it finds the reason in the log."""
    if state.ready or not settings.public():
        return state
    logging.getLogger(__name__).info("%s cannot run: %s", name, state.reason)
    return Availability(False, "it is not installed on this server, or it is damaged.")
