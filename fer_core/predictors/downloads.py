"""The one file that is fetched: the YuNet face detector.

`fer setup` fetches it once, at set-up. Nothing on the way of a photo calls this: without the
file the built-in detector serves.

Why no library does it: pooch and huggingface-hub would each bring requests or httpx into the smallest install. Neither
gives up while a name is looked up, where a computer without internet hangs, and neither stops at a size. What is left
to them are twenty lines of the standard library.
"""

import hashlib
import os
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

from fer_core import settings
from fer_core.predictors import checksums

if TYPE_CHECKING:
    import ssl

# What talks to a network is imported to fetch: a prediction looks only where the file lies, and starts 40 ms sooner.

YUNET_FILE = "face_detection_yunet_2023mar.onnx"
YUNET_SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
YUNET_ADDRESS = f"/opencv/face_detection_yunet/resolve/main/{YUNET_FILE}"
MAX_BYTES = 1_000_000
"""The file has 232,589 bytes; what is far larger is something else, and is not read to its end."""

BY_HAND = "To have the better one, put the file's path in FER_YUNET, or try `fer setup` again later."


def yunet_path() -> Path | None:
    """The detector's file: the path in FER_YUNET, else the one fetched before.

    None when it is not there, or is another file: then the built-in detector serves.
    """
    path = settings.yunet_file() or cache_file()
    return path if _holds_yunet(path) else None


def why_no_yunet() -> str:
    """A sentence for who asked for the detector when it cannot serve."""
    named = settings.yunet_file()
    if named and named.is_file():
        return (
            f"{named} is not the file of the face detector YuNet, or it is damaged. Unset FER_YUNET, or run "
            "`fer setup` to fetch the right one; until then the built-in detector 'haar' serves."
        )
    return (
        "The face detector YuNet is not on this computer. Run `fer setup` once, or put the "
        "path of its file in FER_YUNET; until then the built-in detector 'haar' serves."
    )


def cache_file() -> Path:
    """Where the fetched file lies: in the user's own cache folder, shared by all checkouts."""
    return settings.downloads_folder() / YUNET_FILE


def fetch_yunet(timeout: float = 5.0) -> str:
    """Fetch the detector unless it is there already; one try.

    Args:
        timeout: seconds without an answer after which the try is given up.

    Returns:
        A sentence: what was done, or why not and what to do.
    """
    named = settings.yunet_file()
    if named and not named.is_file():
        return f"FER_YUNET names {named}, which is not there, so the built-in detector serves. Correct it or unset it."
    if named and not _holds_yunet(named):
        return (
            f"FER_YUNET names {named}, which is another file, so the built-in detector serves. Correct it or unset it."
        )
    if named:
        return f"FER_YUNET names the face detector to use, {named}; nothing was fetched."
    from http.client import HTTPException

    target = cache_file()
    if _holds_yunet(target):
        return f"The face detector YuNet is there already: {target}."
    try:
        content = read_address(_host() + YUNET_ADDRESS, timeout, MAX_BYTES)
        if not _is_right(content):
            return f"What {_host()} sent is not the face detector expected; it was thrown away. {BY_HAND}"
        write_whole(target, content)
    except (OSError, ValueError, HTTPException) as error:
        return f"The face detector YuNet could not be fetched ({error}); the built-in one serves. {BY_HAND}"
    return f"Fetched the face detector YuNet ({len(content) / 1000:.0f} kB) to {target}."


def _holds_yunet(path: Path) -> bool:
    try:
        return checksums.digest(path) == YUNET_SHA256
    except OSError:
        return False


def _host() -> str:
    """The Hugging Face Hub, or the mirror that its own client would use."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def _is_right(content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == YUNET_SHA256


def read_address(address: str, timeout: float, most_bytes: int) -> bytes:
    """At most `most_bytes` from an address.

    Raises:
        OSError, ValueError, HTTPException: no answer within `timeout` seconds, or not the one hoped for.
    """
    answer: list[IO[bytes] | Exception] = []
    thread = threading.Thread(target=_ask, args=(address, timeout, answer), daemon=True)
    thread.start()
    thread.join(timeout)  # looking a name up has no time-out of its own
    if not answer:
        raise TimeoutError(f"no answer from {address} within {timeout:g} s")
    if isinstance(answer[0], Exception):
        raise answer[0]
    with answer[0] as stream:
        return stream.read(most_bytes)


def _ask(address: str, timeout: float, answer: list[IO[bytes] | Exception]) -> None:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    try:
        request = Request(address, headers={"User-Agent": "facial-expressions"})
        answer.append(urlopen(request, timeout=timeout, context=_certificates()))
    except Exception as error:
        if isinstance(error, HTTPError):
            error.close()  # it carries the open connection
        answer.append(error)


def _certificates() -> "ssl.SSLContext":
    """The system's, and certifi's for Pythons that come without any (macOS)."""
    import ssl

    context = ssl.create_default_context()
    try:
        import certifi
    except ImportError:
        return context
    context.load_verify_locations(certifi.where())
    return context


def write_whole(target: Path, content: bytes) -> None:
    """The file appears complete or not at all, also when two processes fetch at once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    print(fetch_yunet())
