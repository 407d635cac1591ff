"""Every folder and setting of this project, in one place. Each can be changed by an environment variable.

Nothing is kept: a variable that changes while the program runs is read anew.
"""

import os
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

APP = "facial-expressions"
CHECKOUT = Path(__file__).resolve().parents[1]
"""The folder that holds fer_core: a checkout of the repository, or the site-packages of an installed wheel."""
FACTS = Path(__file__).with_name("facts")
"""Figures and sentences that come with the package, each with its source."""


def public() -> bool:
    """Whether strangers use this server (FER_PUBLIC=1): no path fields, no saving, no reading of its disk."""
    return os.environ.get("FER_PUBLIC") == "1"


def make_public() -> None:
    """Switch public mode on for this process and the processes that it starts."""
    os.environ["FER_PUBLIC"] = "1"


def models_folder() -> Path:
    """Where released networks lie, one folder per network (FER_MODELS)."""
    return _named("FER_MODELS") or CHECKOUT / "models"


def runs_folder() -> Path:
    """Where trainings write, one folder per run (FER_RUNS)."""
    return _named("FER_RUNS") or CHECKOUT / "runs"


def cache_folder() -> Path:
    """Where parsed datasets and unpacked archives are kept (FER_CACHE)."""
    return _named("FER_CACHE") or downloads_folder()


def downloads_folder() -> Path:
    """The user's cache folder, where fetched weights lie."""
    return user_cache_path(APP, appauthor=False)


def testsets_folder() -> Path:
    """Where test sets are kept when a user asks for it (FER_TESTSETS)."""
    return _named("FER_TESTSETS") or user_data_path(APP, appauthor=False) / "testsets"


def yunet_file() -> Path | None:
    """The face detector's file, where the user names one (FER_YUNET)."""
    return _named("FER_YUNET")


def _named(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value).expanduser() if value else None
