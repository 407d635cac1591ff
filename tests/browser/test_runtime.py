"""ONNX Runtime Web comes by name and hash, or a sentence says why not."""

import hashlib
import io
import subprocess
import tarfile

import pytest

from fer_core.browser import runtime

CONTENTS = {"ort.wasm.min.mjs": b"export default 1;", "ort-wasm-simd-threaded.wasm": b"\0asm"}


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A runtime of two small files, and an empty folder to keep them in."""
    monkeypatch.setattr(runtime, "HASHES", {name: hashlib.sha256(data).hexdigest() for name, data in CONTENTS.items()})
    monkeypatch.setattr(runtime, "folder", lambda: tmp_path / "kept")


@pytest.fixture
def npm(monkeypatch, small):  # noqa: ARG001
    """An npm whose registry has a package with these files; the list of what it was asked."""
    asked = []

    def run(command, cwd, **_):
        asked.append(command[1])
        if command[1] == "pack":
            with tarfile.open(f"{cwd}/package.tgz", "w:gz") as package:
                for name, data in CONTENTS.items():
                    entry = tarfile.TarInfo(f"package/dist/{name}")
                    entry.size = len(data)
                    package.addfile(entry, io.BytesIO(data))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(runtime.shutil, "which", lambda _: "npm")
    monkeypatch.setattr(runtime.subprocess, "run", run)
    return asked


def test_it_comes_from_npm_once(npm):
    assert runtime.files() == ()
    assert "Fetched" in runtime.fetch()
    assert {path.name: path.read_bytes() for path in runtime.files()} == CONTENTS
    assert "there already" in runtime.fetch()
    assert npm == ["view", "pack"]


@pytest.mark.usefixtures("npm")
def test_a_damaged_file_is_fetched_again():
    runtime.fetch()
    runtime.files()[0].write_bytes(b"damaged")
    assert "Fetched" in runtime.fetch()
    assert runtime.files()[0].read_bytes() == CONTENTS[runtime.files()[0].name]


@pytest.mark.usefixtures("npm")
def test_what_has_another_hash_is_thrown_away(monkeypatch):
    monkeypatch.setitem(runtime.HASHES, "ort.wasm.min.mjs", "0" * 64)
    assert "not the file expected" in runtime.fetch()
    assert runtime.files() == ()


@pytest.mark.usefixtures("small")
def test_without_a_registry_the_sentence_says_what_to_do(monkeypatch):
    refused = subprocess.CompletedProcess([], 1, "", "npm error code ENOTFOUND\n")
    monkeypatch.setattr(runtime.shutil, "which", lambda _: "npm")
    monkeypatch.setattr(runtime.subprocess, "run", lambda *_, **__: refused)
    said = runtime.fetch()
    assert "ENOTFOUND" in said
    assert "make app" in said


@pytest.mark.usefixtures("small")
def test_without_npm_it_comes_from_the_mirror(monkeypatch):
    monkeypatch.setattr(runtime.shutil, "which", lambda _: None)
    monkeypatch.setattr(runtime, "read_address", lambda address, *_: CONTENTS[address.removeprefix(runtime.MIRROR)])
    assert "Fetched" in runtime.fetch()
    assert len(runtime.files()) == 2


@pytest.mark.usefixtures("small")
def test_a_silent_mirror_is_given_up(monkeypatch):
    def silent(*_):
        raise TimeoutError("no answer")

    monkeypatch.setattr(runtime.shutil, "which", lambda _: None)
    monkeypatch.setattr(runtime, "read_address", silent)
    assert "no answer" in runtime.fetch()
