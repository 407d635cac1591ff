"""Where a batch writes: a folder on this computer or a shared disk, or one behind an address (s3://, gs://, hf://)."""

import contextlib
import os
import posixpath
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO, Any

from fer_core import extras
from fer_core.errors import BatchError

FOLDERS_OF_PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "az": "adlfs"}
"""Packages that fsspec needs for some addresses."""


def is_address(text: str) -> bool:
    """Whether this names a place by a protocol, as s3://bucket/photos."""
    return "://" in text


def filesystem(address: str) -> tuple[Any, str]:
    """The fsspec file system behind an address, and the path in it.

    Raises:
        BatchError: the protocol is unknown, its package is not installed, or the place does not answer.
        MissingPackageError: fsspec is not installed.
    """
    extras.need("fsspec")
    import fsspec

    protocol = address.partition("://")[0]
    try:
        system, path = fsspec.core.url_to_fs(address)
    except ImportError as error:
        package = FOLDERS_OF_PACKAGES.get(protocol)
        advice = f" Install it with: pip install {package}" if package else ""
        raise BatchError(f"Addresses with {protocol}:// need a package that is not here ({error}).{advice}") from error
    except Exception as error:  # each file system raises its own errors
        reason = _first_line(error)
        raise BatchError(f"{address} cannot be opened ({reason}). Check the address and its keys.") from error
    return system, str(path)


class OutFolder(ABC):
    """The folder of one batch. A file appears under its name only when all of it is there."""

    name: str

    @abstractmethod
    def names(self) -> set[str]:
        """The files in it."""

    @abstractmethod
    def open(self, name: str) -> IO[bytes]:
        """One of them, to read."""

    @abstractmethod
    def _put(self, name: str, content: bytes) -> None: ...

    @abstractmethod
    def remove(self, name: str) -> None: ...

    def read(self, name: str) -> bytes | None:
        """A small file, or None where there is none."""
        try:
            with self.open(name) as stream:
                return stream.read()
        except FileNotFoundError:
            return None
        except Exception as error:
            raise BatchError(f"{self.name}/{name} cannot be read ({_first_line(error)}). Check its rights.") from error

    def write(self, name: str, content: bytes) -> None:
        """Put a file there, in place of an older one.

        Raises:
            BatchError: the disk is full, or the folder cannot be written.
        """
        try:
            self._put(name, content)
        except Exception as error:  # OSError here, anything from other file systems
            raise BatchError(
                f"{self.name} cannot be written ({_first_line(error)}). Everything written before is whole. Make room "
                "or check the rights, then give the same command with --resume."
            ) from error


class LocalFolder(OutFolder):
    """On this computer, or on a disk that several computers share."""

    def __init__(self, path: Path) -> None:
        """Make the folder where it is not there."""
        self.path = path
        self.name = str(path)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BatchError(f"The folder {path} cannot be made ({error.strerror}). Give another --out.") from error

    def names(self) -> set[str]:
        return {entry.name for entry in os.scandir(self.path)}

    def open(self, name: str) -> IO[bytes]:
        return (self.path / name).open("rb")

    def remove(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    def _put(self, name: str, content: bytes) -> None:
        beside = self.path / f"_writing-{os.getpid()}-{name}"
        try:
            beside.write_bytes(content)
            beside.replace(self.path / name)
        except OSError:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            raise


class RemoteFolder(OutFolder):
    """Behind an address. Object stores show a file only when its upload has ended."""

    def __init__(self, address: str) -> None:
        """Open the file system; nothing is made there yet."""
        self.name = address.rstrip("/")
        self._system, self._path = filesystem(self.name)
        with contextlib.suppress(Exception):  # object stores have no folders
            self._system.makedirs(self._path, exist_ok=True)

    def names(self) -> set[str]:
        try:
            self._system.invalidate_cache()
            return {posixpath.basename(str(one).rstrip("/")) for one in self._system.ls(self._path, detail=False)}
        except FileNotFoundError:
            return set()
        except Exception as error:
            raise BatchError(f"{self.name} cannot be listed ({_first_line(error)}). Check the address.") from error

    def open(self, name: str) -> IO[bytes]:
        stream: IO[bytes] = self._system.open(f"{self._path}/{name}", "rb")
        return stream

    def remove(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._system.rm_file(f"{self._path}/{name}")

    def _put(self, name: str, content: bytes) -> None:
        self._system.pipe_file(f"{self._path}/{name}", content)


def out_folder(given: str) -> OutFolder:
    """The folder that --out names, made where it is not there.

    Raises:
        BatchError: it cannot be made.
    """
    return RemoteFolder(given) if is_address(given) else LocalFolder(Path(given).expanduser())


def _first_line(error: BaseException) -> str:
    words = getattr(error, "strerror", None) or str(error)
    return words.splitlines()[0] if words else type(error).__name__
