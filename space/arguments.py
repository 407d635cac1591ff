"""What a program may send to an endpoint, checked before Gradio tries: its own errors are traces in the log."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import gradio as gr

from fer_core import settings
from fer_core.predictors import networks


def _is_file(value: object) -> bool:
    return isinstance(value, dict) and _is_name(value.get("path")) and _is_name(value.get("orig_name"))


def _is_name(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_photo(value: object) -> bool:
    return value is None or _is_file(value)


def _are_photos(value: object) -> bool:
    return value is None or _is_file(value) or (isinstance(value, list) and all(map(_is_file, value)))


def _are_models(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_score(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


Check = tuple[str, str, Callable[[object], bool]]
SETTINGS: tuple[Check, ...] = (
    ("models", "a list of names", _are_models),
    ("min_score", "a number from 0 to 1", _is_score),
    ("face_crop", "true or false", _is_switch),
)
EXPECTED: Mapping[str, tuple[Check, ...]] = MappingProxyType(
    {
        "predict": (("photo", "an uploaded file", _is_photo), *SETTINGS),
        "predict_batch": (("photos", "a list of uploaded files", _are_photos), *SETTINGS),
        "models": (),
    }
)
"""Name of each value, what it must be, and whether it is, by endpoint."""


def problem(endpoint: str, data: object) -> str:
    """A sentence about the first value that is not as expected; nothing when all are."""
    checks = EXPECTED.get(endpoint)
    if checks is None:
        return ""
    if not isinstance(data, list) or len(data) != len(checks):
        came = f"{len(data)} values" if isinstance(data, list) else f"a {type(data).__name__}"
        names = ", ".join(name for name, _, _ in checks) or "none"
        return f"{endpoint} takes {len(checks)} values ({names}); came {came}."
    for value, (name, words, fits) in zip(data, checks, strict=True):
        if not fits(value):
            return f"{name} must be {words}; came {type(value).__name__}."
    return _unknown(data[1]) if checks else ""


def _let_components_tell() -> None:
    """Give the settings of the page the same sentences, where their own would be traces in the log.

    The page and Gradio's clients send them through a queue, past the check above. It is done on the classes for the
    reason that uploads.py tells.
    """
    for kind, check in zip((gr.CheckboxGroup, gr.Slider, gr.Checkbox), SETTINGS, strict=True):
        _check_in(kind, *check)


def _check_in(kind: type[Any], name: str, words: str, fits: Callable[[object], bool]) -> None:
    keep = kind.preprocess

    def preprocess(self: Any, payload: Any) -> Any:  # noqa: ANN401
        if not fits(payload):
            raise gr.Error(f"'{self.label}' must be {words}. Choose another value.", print_exception=False)
        if name == "models" and (sentence := _unknown(payload)):
            raise gr.Error(sentence, print_exception=False)
        return keep(self, payload)

    kind.preprocess = preprocess


def _unknown(models: Sequence[str]) -> str:
    known = [folder.name for folder in networks.folders()]
    strange = [name for name in models if name not in known]
    return f"There is no network '{strange[0][:60]}'; here are {', '.join(known)}." if strange else ""


FOREIGN = "A file came that was not uploaded here; expected a photo of yours. Upload it first, then send its path."


def foreign_file(content: object) -> str:
    """A sentence when a request, of whatever kind, names a file that is no upload and no sample; nothing otherwise.

    Gradio refuses such a file, too, but with a trace that holds paths of the server.
    """
    folders = [Path(os.environ["GRADIO_TEMP_DIR"]), settings.samples_folder()]
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            if "path" in value and "meta" in value and not _is_ours(value["path"], folders):
                return FOREIGN
    return ""


def _is_ours(path: object, folders: list[Path]) -> bool:
    """Links are let through: what takes them has a sentence of its own."""
    if not isinstance(path, str) or path.startswith(("http://", "https://")):
        return path is None or isinstance(path, str)
    place = Path(os.path.abspath(path))  # noqa: PTH100 (follows no link and asks no disk)
    return "\0" not in path and any(place.is_relative_to(folder) and place != folder for folder in folders)


_let_components_tell()
