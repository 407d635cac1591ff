"""Every folder and setting of this project, in one place. Each can be changed by an environment variable.

    FER_PUBLIC     1: strangers use this server; no path fields, no saving, no reading of its disk, short videos
    FER_MODELS     folder of the networks, one folder per network
    FER_RUNS       folder where trainings write, one folder per run
    FER_CACHE      folder of what was read from datasets and archives
    FER_CACHE_GB   most GB that this folder may hold (20)
    FER_TESTSETS   folder of the test sets that a user keeps
    FER_YUNET      file of the face detector YuNet

Nothing is kept: a variable that changes while the program runs is read anew. Without a variable, a checkout of the
repository uses its own folders, and an installed wheel those that it brought (`_models`, `_samples`).

Why no pydantic-settings: it would load pydantic on each start of `fer`, 0.1 s, for a handful of paths, and it keeps
what it read.
"""

import os
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

APP = "facial-expressions"
PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent
"""The folder that holds fer_core: a checkout of the repository, or the site-packages of an installed wheel."""
FACTS = PACKAGE / "facts"
"""Figures and sentences that come with the package, each with its source."""
CACHE_GB = 20
NO = frozenset(("", "0", "false", "no", "off"))
"""What switches a variable off, in any case of letters. Anything else switches it on."""


def in_checkout() -> bool:
    """Whether fer_core lies in a checkout of the repository, with training, pages and Space beside it."""
    return (CHECKOUT / "pyproject.toml").is_file() and (CHECKOUT / "training").is_dir()


def public() -> bool:
    """Whether strangers use this server (FER_PUBLIC=1): no path fields, no saving, no reading of its disk."""
    return os.environ.get("FER_PUBLIC", "").strip().lower() not in NO


def make_public() -> None:
    """Switch public mode on for this process and the processes that it starts."""
    os.environ["FER_PUBLIC"] = "1"


def models_folder() -> Path:
    """Where released networks lie, one folder per network (FER_MODELS)."""
    return _named("FER_MODELS") or _brought("models")


def samples_folder() -> Path:
    """Where the free pictures lie that come with the project."""
    return _brought("samples")


def runs_folder() -> Path:
    """Where trainings write, one folder per run (FER_RUNS)."""
    return _named("FER_RUNS") or (CHECKOUT if in_checkout() else Path.cwd()) / "runs"


def cache_folder() -> Path:
    """Where parsed datasets and unpacked archives are kept (FER_CACHE)."""
    return _named("FER_CACHE") or downloads_folder()


def cache_bytes() -> int:
    """What the cache folder may hold in all (FER_CACHE_GB, in GB of 10^9 bytes)."""
    try:
        return max(0, round(float(os.environ.get("FER_CACHE_GB") or CACHE_GB) * 1e9))
    except (ValueError, OverflowError):
        return CACHE_GB * 10**9


def downloads_folder() -> Path:
    """The user's cache folder, where fetched weights lie."""
    return user_cache_path(APP, appauthor=False)


def testsets_folder() -> Path:
    """Where test sets are kept when a user asks for it (FER_TESTSETS)."""
    return _named("FER_TESTSETS") or user_data_path(APP, appauthor=False) / "testsets"


def web_folder() -> Path:
    """Where the live page was built for a file server (FER_WEB)."""
    return _named("FER_WEB") or CHECKOUT / "build" / "web"


def yunet_file() -> Path | None:
    """The face detector's file, where the user names one (FER_YUNET)."""
    return _named("FER_YUNET")


def _named(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value).expanduser() if value else None


def _brought(name: str) -> Path:
    """The folder that the wheel brought, or that of the checkout."""
    inside = PACKAGE / f"_{name}"
    return inside if inside.is_dir() else CHECKOUT / name
