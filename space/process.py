"""What holds for the whole process, set before Gradio is imported."""

import atexit
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from fer_core import settings
from fer_core.predictors import downloads

SAMPLES = settings.CHECKOUT / "samples"
DETECTOR_REPOSITORY = "opencv/face_detection_yunet"


def prepare() -> None:
    """Public mode, no telemetry, and a spool of this process alone that goes when the process ends."""
    settings.make_public()
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    spool = tempfile.mkdtemp(prefix="photos-")
    os.environ["GRADIO_TEMP_DIR"] = spool
    atexit.register(shutil.rmtree, spool, ignore_errors=True)
    _use_preloaded_detector()


def _use_preloaded_detector() -> None:
    """A Space has YuNet in the Hub's cache, where `preload_from_hub` put it while it was built."""
    if downloads.yunet_path() is not None:
        return
    from huggingface_hub import try_to_load_from_cache

    path = try_to_load_from_cache(DETECTOR_REPOSITORY, downloads.YUNET_FILE)
    if isinstance(path, str) and hashlib.sha256(Path(path).read_bytes()).hexdigest() == downloads.YUNET_SHA256:
        os.environ["FER_YUNET"] = path
