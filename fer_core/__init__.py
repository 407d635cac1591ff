"""Facial expression recognition without a user interface: photos in, perceived expressions out.

    import fer_core

    analysis = fer_core.analyse("photo.jpg")
    analysis.faces[0].label                       'happy'

Importing this package loads neither NumPy nor a runtime; each name below is loaded when it is first used, and a runtime
when a network is loaded.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from fer_core import telemetry

if TYPE_CHECKING:
    from fer_core.api import analyse, analyse_video, audit, evaluate, load_model, models, open_dataset

telemetry.off()

__version__ = "0.1.0"
__all__ = ["analyse", "analyse_video", "audit", "evaluate", "load_model", "models", "open_dataset"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'fer_core' has no attribute '{name}'; it has {', '.join(__all__)}")
    return getattr(import_module("fer_core.api"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
