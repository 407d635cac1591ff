"""The one file that is fetched: the YuNet face detector. `python -m fer_core.downloads` fetches it once."""

import os
from pathlib import Path

from platformdirs import user_cache_path

YUNET_FILE = "face_detection_yunet_2023mar.onnx"
YUNET_SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
YUNET_REPOSITORY = "opencv/face_detection_yunet"


def yunet_path() -> Path | None:
    """The detector's file: the path in FER_YUNET, else the one fetched before; None when neither is there."""
    named = os.environ.get("FER_YUNET")
    path = Path(named) if named else cache_file()
    return path if path.is_file() else None


def cache_file() -> Path:
    """Where the fetched file lies."""
    return user_cache_path("fer", appauthor=False) / YUNET_FILE
