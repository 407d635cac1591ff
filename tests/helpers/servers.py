"""Apps in processes of their own, on ports of their own."""

import os
import socket
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from paths import ROOT


class Server(NamedTuple):
    address: str
    spool: Path
    process: subprocess.Popen


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start(command, folder, cwd=ROOT, **environment):
    """Start an app and wait until it says that it listens."""
    folder.mkdir(parents=True, exist_ok=True)
    port = str(free_port())
    settings = {"GRADIO_SERVER_PORT": port, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=os.environ | settings | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if "Running on local URL" in line:
            (spool,) = [path for path in folder.glob("photos-*") if path.is_dir()]
            return Server(f"http://127.0.0.1:{port}/", spool, process)
    pytest.fail("The app ended: " + "".join(said))


def stop(server):
    server.process.terminate()
    server.process.communicate(timeout=60)
