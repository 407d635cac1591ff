"""Everything that the engine in browser/ knows, as one settings.json beside the files of its networks.

The numbers are read from where Python itself takes them, so that none is written twice.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fer_core import extras
from fer_core.browser import runtime
from fer_core.figures.palette import COLOURS
from fer_core.photos import faces, images, visibility, wording
from fer_core.photos.detection import face, search
from fer_core.photos.detection import yunet as network
from fer_core.photos.detection.detectors import YuNet
from fer_core.predictors import PredictorInfo, checksums, eight_bits, networks, onnx_runtime
from fer_core.predictors import half_precision as weights
from fer_core.predictors.downloads import yunet_path
from fer_core.predictors.onnx_file import with_free_input
from fer_core.video import tracking

SETTINGS = "settings.json"
FORMAT = 1
HEAVIEST = 9_000_000
"""Bytes of a network that a visitor may be asked to load."""

FACE_COLOURS = ("#ffd60a", "#4cc9f0", "#ff7ab6", "#7ae582", "#ff9f1c", "#b79cff")
"""One per face in sight, bright on a dark edge. Each face has its number too."""

Row = dict[str, Any]


def export(target: Path, *, half_precision: bool = True) -> list[str]:
    """Write settings.json, YuNet and the networks into a folder; what is up to date there stays as it is.

    Args:
        target: made when it is not there.
        half_precision: keep weights in 16 bits, for half the bytes; else copy the networks as they are.

    Returns:
        Sentences: what was left out, and why.

    Raises:
        PredictorError: a network's files are damaged, or it does not bear half precision.
        MissingPackageError: onnx is not installed.
    """
    extras.need("onnx")
    target.mkdir(parents=True, exist_ok=True)
    before = _exported_before(target)
    detector = _detector(target, before.get("detector", {}))
    if half_precision != before.get("half_precision"):
        before = {}
    rows, left_out = _networks(target, before.get("networks", []), half_precision=half_precision)
    settings = _settings(detector, rows) | {"half_precision": half_precision}
    write_if_new(target / SETTINGS, json.dumps(settings, indent=1, ensure_ascii=False).encode())
    return left_out if detector["file"] else [*left_out, wording.LIVE["no_detector"]]


def write_if_new(path: Path, content: bytes) -> None:
    """Leave a file that holds this already as it is, so that no browser loads it anew."""
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _settings(detector: Row, rows: list[Row]) -> Row:
    return {
        "format": FORMAT,
        "detector": detector,
        "min_score": faces.MIN_SCORE,
        "search": asdict(search.RULES)
        | {"same": face.SAME, "coarsest": images.COARSEST, "most_divided": images.COARSEST_DIVISOR},
        "crop": {"side": faces.CROP_SIDE},
        "visibility": _visibility(),
        "tracking": asdict(tracking.RULES),
        "networks": rows,
        "colours": {"labels": dict(COLOURS), "faces": list(FACE_COLOURS)},
        "runtime": dict(runtime.BUILDS),
        "words": dict(wording.LIVE) | {"notice": [list(part) for part in wording.LIVE_NOTICE]},
    }


def _visibility() -> Row:
    """The limits beyond which the picture shows too little of a face."""
    names = ("SIDE", "OUTSIDE", "HALF", "TURNED", "NARROW", "TINY", "SMALL", "COVERED", "SMEARED", "BLURRED")
    limits = {name.lower(): getattr(visibility, name) for name in names}
    return limits | {"reasons": dict(visibility.REASONS)}


def _exported_before(target: Path) -> Row:
    try:
        before: Row = json.loads((target / SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return before if before.get("format") == FORMAT else {}


def _detector(target: Path, before: Mapping[str, Any]) -> Row:
    """YuNet as the engine runs it; `file` is None when this computer has none."""
    detector = {
        "file": None,
        "source_sha256": None,
        "strides": list(network.STRIDES),
        "multiple": network.MULTIPLE,
        "overlap": network.OVERLAP,
        "agreement": network.AGREEMENT,
        "weight": network.WEIGHT,
        "strategy": asdict(YuNet.strategy),
    }
    source, file = yunet_path(), "yunet.onnx"
    if source is None:
        (target / file).unlink(missing_ok=True)
        return detector
    digest = _sha256(source)
    if before.get("source_sha256") != digest or not (target / file).is_file():
        (target / file).write_bytes(with_free_input(source.read_bytes(), ("count", "channels", "height", "width")))
    return detector | {"file": file, "source_sha256": digest}


def _networks(target: Path, before: list[Row], *, half_precision: bool) -> tuple[list[Row], list[str]]:
    """A row per exported network, the default first; and a sentence for each that stays out."""
    folder = target / "networks"
    folder.mkdir(exist_ok=True)
    kept = {(row["name"], row["source_sha256"]) for row in before}
    rows, left_out = [], []
    for source in _sources():
        info = networks.read_info(source.parent, source.name, name=source.parent.name)
        row = _row(info, _sha256(source))
        file = target / row["file"]
        if (info.name, row["source_sha256"]) not in kept or not file.is_file():
            write(source, file, info, half_precision=half_precision)
        if file.stat().st_size > HEAVIEST and half_precision:
            left_out.append(f"{info.name} is too heavy for a browser ({file.stat().st_size / 1e6:.1f} MB).")
        else:
            film, fault = _film(source, target, row)
            left_out += fault
            rows.append(row | {"megabytes": round(file.stat().st_size / 1e6, 1), "film": film})
    wanted = {name for row in rows for name in (row["file"], row["film"])}
    for file in folder.iterdir():
        if f"{folder.name}/{file.name}" not in wanted:
            file.unlink()
    return rows, left_out


def _sources() -> Iterator[Path]:
    paths = (folder / onnx_runtime.WEIGHTS for folder in networks.folders())
    return (path for path in paths if path.is_file())


def write(source: Path, file: Path, info: PredictorInfo, *, half_precision: bool) -> None:
    """A network as the browser loads it.

    Raises:
        PredictorError: it does not bear half precision.
    """
    if half_precision:
        weights.halve(source, file)
        weights.check_alike(source, file, info.input_size, info.channels)
    else:
        shutil.copyfile(source, file)


def _film(source: Path, target: Path, row: Row) -> tuple[str | None, list[str]]:
    """The 8-bit file of a network, for the frames of a film, or None; and a sentence when the file is a wrong one."""
    light = source.with_name(eight_bits.FILE)
    if not light.is_file():
        return None, []
    if not checksums.vouched(light):
        return None, [f"{light} is not the file that was released, so films are read without it. Release it again."]
    file = f"networks/{row['name']}.int8.onnx"
    write_if_new(target / file, light.read_bytes())
    return file, []


def _row(info: PredictorInfo, digest: str) -> Row:
    """What the engine knows of a network: the same that Python's decide and the cards go by."""
    return {
        "name": info.name,
        "title": info.title,
        "file": f"networks/{info.name}.onnx",
        "source_sha256": digest,
        "input": onnx_runtime.INPUT,
        "output": "probabilities",
        "classes": list(info.classes),
        "input_size": info.input_size,
        "channels": info.channels,
        "temperature": info.temperature,
        "threshold": info.threshold,
        "accuracy": info.accuracy,
        "accuracy_note": info.accuracy_note,
        "licence": info.licence,
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
