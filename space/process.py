"""What holds for the whole process, set before Gradio is imported."""

import atexit
import contextlib
import hashlib
import os
import secrets
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

from fer_core import memory, settings
from fer_core.predictors import downloads

SAMPLES = settings.samples_folder()
SPOOL = "photos-of-visitors-"
LOCK = ".lock"
"""Beside each spool, held by the process that it belongs to."""
DETECTOR_REPOSITORY = "opencv/face_detection_yunet"


def prepare() -> None:
    """Public mode, few pools of memory, and a spool of this process alone."""
    settings.make_public()
    memory.share_pools()
    os.environ["GRADIO_TEMP_DIR"] = str(_new_spool())
    _use_preloaded_detector()


def _new_spool() -> Path:
    """A folder for photos that goes when this process ends; those of processes that were killed go now."""
    folder = Path(tempfile.gettempdir())
    _remove_orphans(folder)
    spool = folder / f"{SPOOL}{secrets.token_hex(8)}"
    owner = FileLock(f"{spool}{LOCK}")
    owner.acquire()
    spool.mkdir(mode=0o700)

    def remove() -> None:
        shutil.rmtree(spool, ignore_errors=True)
        owner.release()
        Path(owner.lock_file).unlink(missing_ok=True)

    atexit.register(remove)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the line above is heeded
    return spool


def _remove_orphans(folder: Path) -> None:
    """A lock is held as long as its process lives; the system frees it however the process ends."""
    for path in folder.glob(f"{SPOOL}*{LOCK}"):
        lock = FileLock(path, timeout=0)
        with contextlib.suppress(Timeout, OSError), lock:
            shutil.rmtree(str(path).removesuffix(LOCK), ignore_errors=True)
            path.unlink(missing_ok=True)


def _use_preloaded_detector() -> None:
    """A Space has YuNet in the Hub's cache, where `preload_from_hub` put it while it was built."""
    if downloads.yunet_path() is not None:
        return
    from huggingface_hub import try_to_load_from_cache

    path = try_to_load_from_cache(DETECTOR_REPOSITORY, downloads.YUNET_FILE)
    if isinstance(path, str) and hashlib.sha256(Path(path).read_bytes()).hexdigest() == downloads.YUNET_SHA256:
        os.environ["FER_YUNET"] = path
