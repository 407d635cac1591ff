"""In-house networks as folders: models/<name>/ with config.json, metrics.json, architecture.json and the weights."""

import contextlib
import importlib.util
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fer_core import protocols, settings
from fer_core.errors import PredictorError
from fer_core.predictors import checksums
from fer_core.predictors.base import Availability, PredictorInfo
from fer_core.protocols import Protocol

DEFAULT = "house"
CROWD = "ferplus"
NO_TTA = (None, False, "", "none")
FITTED = ("temperature", "threshold", "crowd_temperature")
LARGEST_INPUT = 1024
"""Pixels a side of the crops that a network may ask for."""
NEEDED = ("name", "title", "classes", "input_size", "channels", "origin", "licence", "source")


def folders() -> tuple[Path, ...]:
    """One folder per network, the default first, the others by name."""
    root = settings.models_folder()
    try:
        found = [path for path in root.iterdir() if _names_a_network(path)] if root.is_dir() else []
    except OSError:
        found = []
    return tuple(sorted(found, key=lambda path: (path.name != DEFAULT, path.name)))


def _names_a_network(path: Path) -> bool:
    return path.is_dir() and path.name[0] not in "._" and ":" not in path.name


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file, or PredictorError with the file, what came and what was expected."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PredictorError(f"{path} is missing; export the network again with fer export.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise PredictorError(f"{path} cannot be read as JSON ({error}); export the network again.") from None
    if not isinstance(content, dict):
        raise PredictorError(f"{path} holds a {type(content).__name__}, but a JSON object is expected.")
    return content


def read_info(folder: Path, weights: str, *, name: str, title_suffix: str = "") -> PredictorInfo:
    """What the files of a folder say of its network.

    Args:
        folder: models/<name>.
        weights: file name of the weights of this runtime.
        name: name of the predictor, with the runtime where that is not the default one.
        title_suffix: tells runtimes apart.

    Raises:
        PredictorError: a file is missing, damaged or incomplete.
    """
    config = read_json(folder / "config.json")
    missing = [key for key in NEEDED if key not in config]
    if missing:
        raise PredictorError(f"{folder / 'config.json'} lacks {', '.join(missing)}; export the network again.")
    try:
        return _checked(
            PredictorInfo(
                name=name,
                title=str(config["title"]) + title_suffix,
                about=str(config.get("about", "")),
                classes=tuple(str(label) for label in config["classes"]),
                input_size=int(config["input_size"]),
                channels=int(config["channels"]),
                origin=str(config["origin"]),
                licence=str(config["licence"]),
                source=str(config["source"]),
                megabytes=megabytes(folder / weights),
                **_measured(folder, with_copies=kept_copies(config)),
            )
        )
    except PredictorError:
        raise
    except Exception as error:  # whatever a damaged file may hold: one network never stops the others
        raise PredictorError(
            f"The files in {folder} do not fit together ({_reason(error)}); export the network again."
        ) from None


def _reason(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) and error.args else str(error)


def _checked(info: PredictorInfo) -> PredictorInfo:
    """What the rest of the program divides by, cuts and orders by."""
    if not info.classes or len(set(info.classes)) != len(info.classes):
        raise ValueError(f"the classes are {info.classes}, but names without repetition are expected")
    if not 1 <= info.input_size <= LARGEST_INPUT or info.channels not in (1, 3):
        raise ValueError(f"the input has {info.input_size} pixels and {info.channels} channels")
    if not all(math.isfinite(value) and value > 0 for value in (info.temperature, info.crowd_temperature)):
        raise ValueError(f"the temperatures are {info.temperature} and {info.crowd_temperature}")
    if not math.isfinite(info.threshold) or not 0 <= (info.accuracy or 0) <= 1 or not 0 <= (info.coverage or 0) <= 1:
        raise ValueError(f"threshold {info.threshold}, accuracy {info.accuracy}, coverage {info.coverage}")
    return info


def card(folder: Path) -> str:
    """README.md of a network's folder, as far as it can be read; nothing when there is none."""
    try:
        return (folder / "README.md").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def changed(folder: Path) -> int:
    """When the newest file of a network's folder was written, in ns; 0 when there is none."""
    times = [0]
    for path in folder.glob("*"):
        with contextlib.suppress(OSError):  # a link to nowhere
            times.append(path.stat().st_mtime_ns)
    return max(times)


def megabytes(path: Path) -> float | None:
    """Size in MB of 10^6 bytes to two places, or None when the file is not there."""
    return round(path.stat().st_size / 1e6, 2) if path.is_file() else None


def kept_copies(config: Mapping[str, Any]) -> bool:
    """Whether its training kept exact copies of test images, as the student projects' and most published ones do."""
    return (config.get("recipe") or {}).get("data", {}).get("leave_out_copies") is False


def _measured(folder: Path, *, with_copies: bool) -> dict[str, Any]:
    """Parameters, calibration and accuracy, as far as the folder has them: a fresh export has no metrics yet."""
    measured: dict[str, Any] = {}
    if (folder / "architecture.json").is_file():
        parameters = read_json(folder / "architecture.json").get("parameters")
        measured["parameters"] = None if parameters is None else int(parameters)
    if (folder / "metrics.json").is_file():
        metrics = read_json(folder / "metrics.json")
        calibration = metrics.get("calibration") or {}
        measured |= {key: float(calibration[key]) for key in FITTED if key in calibration}
        measured["coverage"] = float(calibration["coverage"]) if calibration.get("coverage") is not None else None
        measured |= _headline(metrics.get("evaluations") or [], protocols.of(metrics), with_copies=with_copies)
    return measured


def _headline(evaluations: list[Mapping[str, Any]], protocol: Protocol, *, with_copies: bool) -> dict[str, Any]:
    """The accuracy to quote: the reporting split under its own labels, no test-time augmentation, all images.

    Where training kept copies of test images, the images without copies, so that networks can be compared.
    """
    rows = [
        row
        for row in evaluations
        if row.get("split") == protocol.report and row.get("labels") != CROWD and row.get("tta") in NO_TTA
    ]
    if not rows:
        return {}
    pick = min if with_copies else max
    row = pick(rows, key=lambda candidate: candidate.get("n", 0))
    which = f"{row.get('n', 'all')} images"
    if with_copies and row.get("subset"):
        which += " (those of which its training had no copy)"
    note = f"{protocol.dataset} {protocol.reported_on}, {which}, its own labels, no test-time augmentation"
    return {"accuracy": float(row["accuracy"]), "accuracy_note": note}


def unreadable(name: str) -> PredictorInfo:
    """Stands in lists for a folder whose files cannot be read; `availability` has the reason."""
    return PredictorInfo(name, f"{name} (files cannot be read)", (), 0, 0, "unknown", "unknown", "")


def check_files(folder: Path, weights: str, package: str) -> Availability:
    """Whether the folder has what this runtime needs, and its package is installed."""
    if importlib.util.find_spec(package) is None:
        return Availability(False, f"{package} is not installed; pip install {package}.")
    try:
        read_info(folder, weights, name=folder.name)
    except PredictorError as error:
        return Availability(False, str(error))
    if not (folder / weights).is_file():
        return Availability(
            False,
            f"{folder / weights} is missing; export the network with fer export "
            "(networks above 25 MB are kept as ONNX alone).",
        )
    return _check_weights(folder / weights)


def _check_weights(path: Path) -> Availability:
    """Whether the weights are those that were released with this folder, and not damaged or another network's."""
    try:
        right = checksums.fits(path)
    except (OSError, ValueError) as error:
        return Availability(False, f"{path} or {checksums.FILE} beside it cannot be read ({error}); export it again.")
    if right:
        return Availability(True)
    return Availability(
        False,
        f"{path} is damaged, or it is another network's: its checksum is not the one in {checksums.FILE}. "
        "Export the network again with fer export, or get its folder again.",
    )
