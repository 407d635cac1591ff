"""Networks kept between visits. Nothing that belongs to a visitor is kept here."""

import contextlib
import threading
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx

from fer_core import memory, predictors, settings
from fer_core.errors import FerError, PredictorError
from fer_core.photos.analysis import analyse
from fer_core.predictors import Availability, Predictor, PredictorInfo, networks
from ui.shared.text import plain

DEFAULT = networks.DEFAULT


class Listed(NamedTuple):
    """A predictor as lists show it."""

    info: PredictorInfo
    state: Availability


def catalogue() -> list[Listed]:
    """Every predictor, the default first, then by accuracy; the same networks through Keras last. Loads nothing."""
    versions = {folder.name: _version(folder.name) for folder in networks.folders()}
    listed = [_listed(name, versions.get(name.partition(":")[0])) for name in predictors.names()]
    return sorted(listed, key=lambda row: (row.info.name != DEFAULT, ":" in row.info.name, -(row.info.accuracy or 0)))


def twin_of(name: str) -> str | None:
    """The name of the same network in the default runtime; None for that one itself and for baselines."""
    network, runtime, _ = name.partition(":")
    return network if runtime else None


def predictor(name: str) -> Predictor:
    """A loaded network, shared between visitors; loaded anew when its files have changed.

    Raises:
        PredictorError: it cannot run here.
    """
    with st.spinner("Loading the model …"):
        return _loaded(name, _version(name))


def loaded(names: Sequence[str]) -> list[Predictor]:
    """Those of the networks that can be loaded; of each other one the page says why.

    Raises:
        PredictorError: none of them can.
    """
    found, problems = [], []
    for name in names:
        try:
            found.append(predictor(name))
        except PredictorError as error:
            problems.append(error)
    if problems and not found:
        raise problems[0]
    for problem in problems:
        st.error(plain(str(problem)))
    return found


def titles(listed: Sequence[Listed] | None = None) -> dict[str, str]:
    """A few words for each model by its name; no two alike, as widgets tell their options apart by them.

    Args:
        listed: the catalogue, where it was read already.
    """
    given = {row.info.name: row.info.title for row in (catalogue() if listed is None else listed)}
    words = list(given.values())
    return {name: title if words.count(title) == 1 else f"{title} ({name})" for name, title in given.items()}


def warm_up() -> None:
    """Load the default network while people read; once a process, and without TensorFlow."""
    _warming(_version(DEFAULT))


def _listed(name: str, version: str | None) -> Listed:
    """A network of ours from what is known of this version of its files; a baseline as it is now."""
    return _look(name) if version is None else _known(name, version)


def _look(name: str) -> Listed:
    return Listed(predictors.info(name), predictors.availability(name))


@st.cache_resource(max_entries=64, show_spinner=False)
def _known(name: str, version: str) -> Listed:  # noqa: ARG001
    """A network of ours: its files are read again only when one of them changed. Baselines may be fetched any time."""
    return _look(name)


@st.cache_resource(max_entries=4, show_spinner=False)
def _loaded(name: str, version: str) -> Predictor:  # noqa: ARG001
    return predictors.load(name)


@st.cache_resource(max_entries=1, show_spinner=False)
def _warming(version: str) -> None:  # noqa: ARG001
    """Once for all visits: their threads share their memory, and a network is loaded.

    The thread itself is not kept: it leads to the visit that started it, and so to that visitor's photos.

    It is no daemon: a process that ends while ONNX Runtime loads a network in one is aborted.
    """
    memory.share_pools()
    thread = threading.Thread(target=_warm, daemon=False, name="warm-up")
    add_script_run_ctx(thread)  # else Streamlit warns of its absence; the thread writes nothing to the page
    thread.start()


def _warm() -> None:
    blank = np.zeros((160, 160, 3), np.uint8)
    with contextlib.suppress(FerError):  # whoever chooses the model gets the sentence
        analyse(blank, [])
        analyse(blank, [_loaded(DEFAULT, _version(DEFAULT))], already_face=True)


def _version(name: str) -> str:
    """The folder of an in-house network and when it last changed; of a folder also when a file was taken out."""
    folder = settings.models_folder() / name.split(":", maxsplit=1)[0]
    emptied = folder.stat().st_mtime_ns if folder.is_dir() else 0
    return f"{folder}@{networks.changed(folder)}@{emptied}"


def stamp() -> str:
    """Changes when a file of any network of ours changes."""
    return "|".join(_version(folder.name) for folder in networks.folders())


def ours() -> set[str]:
    """Names of the networks of our own in the default runtime: those with features to look at."""
    return {folder.name for folder in networks.folders()}
