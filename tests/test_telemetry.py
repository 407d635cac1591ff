"""No library below us reports to its makers, and nothing looks up a name that nobody asked for."""

import json
import os
import shutil
import subprocess
import sys

import av
import pytest
from brightness import write_network
from paths import ROOT, SAMPLES
from PIL import Image
from tracing import outside, traced

from fer_core import telemetry

ENTRIES = (
    "fer_core",
    "fer_core.cli.main",
    "fer_core.predictors.onnx_runtime",
    "fer_core.batch.run",
    "fer_core.video.analysis",
    "ui.shared.loaders",
    "space.process",
    "training.commands.train",
    "training.commands.export",
    "benchmarks.latency",
)
"""What is imported first by whoever uses the package, the pages, the Space, the trainer or the benchmarks."""

ASKED = {
    "a photo": ["predict", "samples/astronaut.jpg", "--model", "house"],
    "the networks": ["models"],
    "a dataset": ["datasets", "scan", "PHOTOS"],
    "a video": ["video", "CLIP", "--model", "house"],
    "a batch of photos": ["batch", "PHOTOS", "--out", "OUT", "--model", "house"],
    "a folder of photos": ["evaluate", "--data", "PHOTOS", "--model", "house", "--split", "all"],
}
"""Commands that are watched; PHOTOS is a folder of pictures by expression, CLIP a video. A new command is one row."""

RUN = "import sys; from fer_core.cli.main import main; sys.exit(main(sys.argv[1:]))"


def bare(home, **more):
    """The environment of a user who set nothing."""
    kept = {name: value for name, value in os.environ.items() if name not in telemetry.VARIABLES}
    return kept | {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")} | more


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_point_switches_it_off_before_a_library_is_loaded(entry, tmp_path):
    code = (
        f"import json, os, sys\nimport {entry}\n"
        f"print('@' + json.dumps([{{name: os.environ.get(name) for name in {sorted(telemetry.VARIABLES)}}}, "
        "'onnxruntime' in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=bare(tmp_path), capture_output=True, text=True, check=True
    )
    variables, too_early = json.loads(done.stdout.splitlines()[-1].removeprefix("@"))
    assert variables == telemetry.VARIABLES
    assert not too_early


def test_the_tests_themselves_report_nothing():
    assert telemetry.VARIABLES.items() <= os.environ.items()


@pytest.fixture
def photos(tmp_path):
    """Two photos of each of two expressions."""
    for label in ("happy", "sad"):
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(2):
            shutil.copy(SAMPLES / "astronaut.jpg", tmp_path / "photos" / label / f"{number}.jpg")
    return tmp_path / "photos"


@pytest.fixture
def clip(photos, tmp_path):
    """One of them for a second."""
    picture = av.VideoFrame.from_image(Image.open(photos / "happy" / "0.jpg").convert("RGB"))
    with av.open(str(tmp_path / "clip.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height = picture.width, picture.height
        for _ in range(5):
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return tmp_path / "clip.mp4"


@pytest.mark.parametrize("command", ASKED.values(), ids=ASKED)
def test_no_other_computer_is_asked_and_nothing_is_left_at_home(command, photos, clip, tmp_path):
    write_network(tmp_path / "models" / "house")
    home, log = tmp_path / "home", tmp_path / "trace"
    home.mkdir()
    settings = {"FER_MODELS": str(tmp_path / "models"), "FER_YUNET": str(tmp_path / "none.onnx")}
    places = {"PHOTOS": str(photos), "CLIP": str(clip), "OUT": str(tmp_path / "out")}
    settings |= {"FER_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(
        [*traced(log), sys.executable, "-c", RUN, *(places.get(word, word) for word in command)],
        cwd=ROOT,
        env=bare(home, **settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert outside(log) == set()
    assert list(home.rglob("*")) == []


def test_the_trace_can_see_a_lookup(tmp_path):
    code = "import socket\ntry:\n    socket.create_connection(('192.0.2.1', 9), 0.01)\nexcept OSError:\n    pass"
    subprocess.run([*traced(tmp_path / "trace"), sys.executable, "-c", code], check=True)
    assert outside(tmp_path / "trace") == {"192.0.2.1"}
