"""ONNX Runtime Web (MIT): fetched once, by name and hash, into the user's cache folder. Nothing else fetches it.

`fetch` takes the package from npm where npm is installed, since npm knows the registry and the proxy of this computer.
Without npm each file comes from a public mirror of the same package.
"""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from types import MappingProxyType

from fer_core import settings
from fer_core.errors import FerError
from fer_core.predictors.downloads import read_address, write_whole

PACKAGE = "onnxruntime-web"
VERSION = "1.30.0"
MIRROR = f"https://cdn.jsdelivr.net/npm/{PACKAGE}@{VERSION}/dist/"
MAX_BYTES = 30_000_000
ANSWER_SECONDS = 5.0
PACKAGE_SECONDS = 300.0
"""For the package of 33 MB, once the registry has answered."""
NPM_SECONDS = 30.0
"""For npm itself, which takes ten seconds to start on a busy computer."""

BUILDS: Mapping[str, str] = MappingProxyType({"wasm": "ort.wasm.min.mjs", "webgpu": "ort.jspi.min.mjs"})
"""The module that is loaded first, by provider. Each loads a second module and one binary."""

HASHES: Mapping[str, str] = MappingProxyType(
    {
        "ort.wasm.min.mjs": "219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b",
        "ort-wasm-simd-threaded.mjs": "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b",
        "ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
        "ort.jspi.min.mjs": "bc57179d923fda2d88d4a395359c8df44399dde087bf9ff44fc0e40ab398e4d9",
        "ort-wasm-simd-threaded.jspi.mjs": "270e2c6da9f297239d301d329782b6446641cb1e16a77967690adcfca35f3268",
        "ort-wasm-simd-threaded.jspi.wasm": "a54c76f86b0f0d9572380cf1c6292a7b3903716ffcbcd6b0e5c7050bf430eb93",
    }
)
"""SHA-256 of every file, by name."""


def folder() -> Path:
    """Where the fetched files lie: in the user's own cache folder, shared by all checkouts."""
    return settings.downloads_folder() / f"{PACKAGE}-{VERSION}"


def files() -> tuple[Path, ...]:
    """The fetched files; none when one of them is missing."""
    paths = tuple(folder() / name for name in HASHES)
    return paths if all(path.is_file() for path in paths) else ()


def fetch() -> str:
    """Fetch the runtime unless it is there already; one try. A sentence: what was done, or why not and what to do."""
    if files() and all(_is_right(path.name, path.read_bytes()) for path in files()):
        return f"ONNX Runtime Web is there already: {folder()}."
    try:
        contents = _from_npm() if shutil.which("npm") else _from_mirror()
    except (OSError, ValueError, HTTPException, subprocess.SubprocessError, tarfile.TarError, FerError) as error:
        return (
            f"ONNX Runtime Web could not be fetched ({error}). Live and the static page need it; all else works. "
            "Try `make app` again later."
        )
    for name, content in contents.items():
        write_whole(folder() / name, content)
    return f"Fetched ONNX Runtime Web {VERSION} ({sum(map(len, contents.values())) / 1e6:.0f} MB) to {folder()}."


def _from_npm() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as place:
        _npm("view", "dist.tarball", ANSWER_SECONDS, place)  # is there a registry at all?
        _npm("pack", "--silent", PACKAGE_SECONDS, place)
        (archive,) = Path(place).glob("*.tgz")
        with tarfile.open(archive) as package:
            return {name: _member(package, name) for name in HASHES}


def _npm(command: str, option: str, seconds: float, place: str) -> None:
    patience = [f"--fetch-timeout={round(seconds * 1000)}", "--fetch-retries=0"]
    done = subprocess.run(
        ["npm", command, f"{PACKAGE}@{VERSION}", option, *patience],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=2 * seconds + NPM_SECONDS,
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
        raise FerError(f"npm: {lines[0]}")


def _member(package: tarfile.TarFile, name: str) -> bytes:
    found = package.extractfile(f"package/dist/{name}")
    return _checked(name, found.read(MAX_BYTES) if found else b"")


def _from_mirror() -> dict[str, bytes]:
    return {name: _checked(name, read_address(MIRROR + name, ANSWER_SECONDS, MAX_BYTES)) for name in HASHES}


def _checked(name: str, content: bytes) -> bytes:
    if not _is_right(name, content):
        raise FerError(f"what came as {name} is not the file expected; it was thrown away")
    return content


def _is_right(name: str, content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == HASHES[name]
