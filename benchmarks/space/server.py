"""The built Space as a process of its own, watched from outside."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "build" / "space"
APP = (sys.executable, "app.py")


@dataclass(frozen=True)
class Running:
    """An app that listens; `seconds` is how long that took from the start of its process."""

    address: str
    seconds: float
    process: subprocess.Popen[str]

    @property
    def megabytes(self) -> float:
        return megabytes(self.process.pid)


def megabytes(process: int) -> float:
    """Resident memory of a process in MB of 10^6 bytes. Linux only."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) * 1024 / 1e6


@contextmanager
def running(command: Sequence[str], folder: Path) -> Iterator[Running]:
    """Start an app in its folder, wait until it says that it listens, and end it."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as spool:
        settings = {"GRADIO_SERVER_PORT": str(port), "PYTHONUNBUFFERED": "1", "TMPDIR": spool}
        environment = {name: value for name, value in os.environ.items() if name not in ("FER_MODELS", "PYTHONPATH")}
        started = perf_counter()
        with subprocess.Popen(
            command, cwd=folder, env=environment | settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            try:
                _wait(process)
                yield Running(f"http://127.0.0.1:{port}/", perf_counter() - started, process)
            finally:
                process.terminate()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "Running on local URL" in line:
            return
    raise SystemExit(f"The app ended before it listened: {''.join(said)}")


def need_built(folder: Path) -> None:
    if not (folder / "app.py").is_file():
        raise SystemExit(f"{folder} holds no built Space; run python -m space.build first.")
