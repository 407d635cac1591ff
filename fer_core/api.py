"""What a notebook or a program calls: a few functions, each one line of work. They are names of `fer_core` itself."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fer_core import datasets, extras, predictors, settings
from fer_core.datasets.base import Dataset
from fer_core.errors import PhotoError
from fer_core.photos import analysis, files
from fer_core.photos.analysis import Analysis
from fer_core.predictors.base import Predictor, PredictorInfo
from fer_core.predictors.networks import DEFAULT

if TYPE_CHECKING:
    from fer_core.auditing.findings import Audit
    from fer_core.evaluation.metrics import Evaluation
    from fer_core.video.timeline import Timeline

Model = str | Predictor


def analyse(
    photo: str | Path | bytes | NDArray[np.uint8],
    model: Model | Sequence[Model] = DEFAULT,
    *,
    min_score: float = 0.7,
    already_face: bool = False,
    detector: str | None = None,
) -> Analysis:
    """Find the faces of a photo, and say which expression people would see in each.

    Networks that are given by name stay loaded, so that the next photo is fast.

    Args:
        photo: the path of an image file, its bytes, or uint8 (height, width, 3) RGB, upright.
        model: a network's name, a loaded network, or several of them.
        min_score: faces that the detector found with a lower score are dropped, 0 to 1.
        already_face: the photo is one face already; no detector runs.
        detector: 'yunet' or 'haar'; None takes the best that is there.

    Returns:
        The faces, largest first. `label`, `confidence`, `unsure` and `probabilities` of a face are the first network's.

    Raises:
        PhotoError: this is no photo, or outside the limits.
        PredictorError: there is no such network, or it cannot run here.

    Example:
        >>> import fer_core
        >>> face = fer_core.analyse("samples/astronaut.jpg").faces[0]
        >>> face.label
        'happy'
        >>> face.unsure
        False
        >>> list(face.probabilities)
        ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral']
    """
    several = [model] if isinstance(model, str | Predictor) else list(model)
    return analysis.analyse(
        _content(photo),
        [_loaded(one) for one in several],
        min_score=min_score,
        already_face=already_face,
        detector=detector,
    )


def analyse_video(video: str | Path | bytes, model: Model = DEFAULT, *, rate: float = 5.0) -> "Timeline":
    """Find the faces of a video, follow each, and say which expression people would see over time.

    To see how far it is, or to stop, use `fer_core.video.analysis.VideoReading`.

    Args:
        video: the path of a video file, or its bytes.
        model: a network's name, or a loaded network.
        rate: frames that are read per second, at most.

    Returns:
        The faces in the order in which they came. `shares` of a face says how long it appeared to show what, and
        `segments` when.

    Raises:
        VideoError: this is no video, or outside the limits.
        PredictorError: there is no such network, or it cannot run here.
    """
    with extras.explained():
        from fer_core.video import analysis as video_analysis

        source = Path(video) if isinstance(video, str) else video
        return video_analysis.read(source, _loaded(model), rate=rate)


def load_model(name: str = DEFAULT) -> Predictor:
    """Bring a network into memory.

    Args:
        name: one of `models()`.

    Raises:
        PredictorError: there is no such network, or it cannot run here.

    Example:
        >>> import fer_core
        >>> house = fer_core.load_model("house")
        >>> house.classes
        ('angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral')
        >>> house.name
        'house'
    """
    with extras.explained():
        return predictors.load(name)


def models() -> tuple[PredictorInfo, ...]:
    """The networks by name, the default first, whether they can run here or not.

    Example:
        >>> import fer_core
        >>> fer_core.models()[0].name
        'house'
    """
    return tuple(predictors.info(name) for name in predictors.names())


def open_dataset(path: str | Path, kind: str | None = None) -> Dataset:
    """The dataset at a path: fer2013.csv, class folders, RAF-DB, AffectNet, ExpW, CK+, or a zip of one.

    Args:
        path: a file or folder on this computer. Nothing is downloaded.
        kind: where the files do not tell, as 'ferplus' for the votes beside FER2013.

    Raises:
        DatasetError: nothing is there, or it is no dataset that is known.
        ArchiveError: a zip that is not safe to unpack.
    """
    with extras.explained():
        return datasets.open_dataset(path, kind)


def audit(dataset: str | Path | Dataset) -> "Audit":
    """Look for copies, leaks, conflicting labels, and images that show nothing.

    Args:
        dataset: an opened one, or its path.

    Raises:
        DatasetError: nothing is there, or it is no dataset that is known.
    """
    with extras.explained():
        from fer_core.auditing import findings

        return findings.audit(_opened(dataset))


def evaluate(
    model: Model = DEFAULT,
    data: str | Path | Dataset = "fer2013.csv",
    split: str = "private_test",
    *,
    kind: str | None = None,
    labels: str | None = None,
    tta: str = "none",
    limit: int | None = None,
) -> "Evaluation":
    """Measure accuracy and calibration of a network on a dataset.

    Args:
        model: a network's name, or a loaded network.
        data: an opened dataset, or its path.
        split: train, public_test or private_test of FER2013; train, val or test of others; all of any.
        kind: where the files do not tell what they are.
        labels: None for the dataset's own; 'ferplus' for the votes of FER+'s annotators.
        tta: views of each image that are averaged: 'none', 'flip' or 'flip_crops'.
        limit: only so many images, drawn at random.

    Raises:
        DatasetError: the data, the split or the labels are not there.
    """
    with extras.explained():
        from fer_core.evaluation import scored_images, scoring

        asked = scored_images.Asked(split, labels, tta, limit)
        opened = _opened(data, kind)
        return scoring.evaluate_dataset(_loaded(model), opened, opened.path, asked).evaluation


def _content(photo: object) -> bytes | NDArray[np.uint8]:
    if isinstance(photo, str | Path):
        return files.read(Path(photo))
    if isinstance(photo, bytes | bytearray | memoryview):
        return bytes(photo)
    if isinstance(photo, np.ndarray):
        return photo
    raise PhotoError(
        f"Came {type(photo).__name__}; expected the path of an image file, its bytes, or an array uint8 "
        "(height, width, 3), RGB."
    )


def _loaded(model: Model) -> Predictor:
    if not isinstance(model, str):
        return model
    with extras.explained():
        return _kept(model, settings.models_folder())


@functools.lru_cache(maxsize=4)
def _kept(name: str, folder: Path) -> Predictor:  # noqa: ARG001  (networks of the same name in another folder differ)
    return predictors.load(name)


def _opened(dataset: str | Path | Dataset, kind: str | None = None) -> Dataset:
    return dataset if isinstance(dataset, Dataset) else datasets.open_dataset(dataset, kind)
