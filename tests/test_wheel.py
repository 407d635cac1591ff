"""The wheel, installed where nothing of this checkout is: it answers with the house network.

The environment is empty but for the packages that the base install asks for. They are taken from this environment, so
that the test needs no network.
"""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from paths import ROOT, SAMPLES

TOO_MUCH = {"pandas", "scipy", "streamlit", "gradio", "tensorflow", "keras", "plotly", "deepface"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The file that `make wheel` builds."""
    folder = tmp_path_factory.mktemp("dist")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, ROOT], check=True)
    [file] = folder.glob("fer_lab-*.whl")
    return file


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """A Python with the wheel, and with what it asks for."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder, with_pip=False)
    program = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip = [sys.executable, "-m", "pip", "--python", program, "install", "--quiet", "--no-index", "--no-deps", wheel]
    subprocess.run(pip, check=True)
    [site] = folder.rglob("site-packages")
    for name in needed(wheel):
        link(importlib.metadata.distribution(name), site)
    return program


def needed(wheel):
    """The distributions that a base install brings, by name."""
    [metadata] = importlib.metadata.distributions(name="fer-lab", path=[str(wheel)])
    waiting, found = list(metadata.requires), set()
    while waiting:
        requirement = Requirement(waiting.pop())
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if wanted and requirement.name not in found:
            found.add(requirement.name)
            waiting += importlib.metadata.requires(requirement.name) or []
    return found


def link(distribution, site):
    """Make a distribution of this environment importable from another one's site-packages."""
    for top in {file.parts[0] for file in distribution.files if file.parts[0] not in ("..", "__pycache__")}:
        target, source = site / top, Path(distribution.locate_file(top))
        if not target.exists() and source.exists():
            target.symlink_to(source)


@pytest.fixture
def run(python, tmp_path):
    """Runs `fer` in an empty folder, as somebody without our variables."""

    def command(*arguments):
        names = {name: value for name, value in os.environ.items() if not name.startswith(("FER_", "PYTHON"))}
        environment = names | {"HOME": str(tmp_path / "home"), "PYTHONIOENCODING": "utf-8"}
        fer = python.with_name("fer")
        (tmp_path / "work").mkdir(exist_ok=True)
        return subprocess.run(
            [fer, *arguments], capture_output=True, text=True, check=False, cwd=tmp_path / "work", env=environment
        )

    return command


def test_it_holds_what_a_prediction_needs_and_no_more(wheel):
    from zipfile import ZipFile

    names = ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"fer_core", f"fer_lab-{wheel.name.split('-')[1]}.dist-info"}
    assert {"fer_core/py.typed", "fer_core/_models/house/model.onnx", "fer_core/_models/house/SHA256SUMS"} <= set(names)
    assert [name for name in names if name.endswith(".jpg")] == ["fer_core/_samples/astronaut.jpg"]
    assert not [name for name in names if name.endswith(".keras") or "__pycache__" in name]
    assert wheel.stat().st_size < 25_000_000


def test_the_base_install_brings_nothing_heavy(wheel):
    assert not needed(wheel) & TOO_MUCH


def test_it_answers_with_house(run, tmp_path):
    (tmp_path / "work").mkdir()
    shutil.copy(SAMPLES / "astronaut.jpg", tmp_path / "work" / "photo.jpg")

    done = run("predict", "photo.jpg", "--format", "json")

    assert done.returncode == 0, done.stderr
    [photo] = json.loads(done.stdout)
    [prediction] = photo["faces"][0]["predictions"]
    assert (photo["path"], prediction["model"], prediction["label"]) == ("photo.jpg", "house", "happy")


def test_its_networks_are_listed(run):
    done = run("models", "--format", "json")

    ready = {row["name"]: row["ready"] for row in json.loads(done.stdout)}
    assert ready == {"house": True, "house:keras": False, "deepface": False, "mini_xception": False}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("evaluate", "--data", "data", "--split", "all"), 'pip install "fer-lab[data]"'),
        (("datasets", "audit", "data"), 'pip install "fer-lab[data]"'),
        (("train", "recipe.toml"), "checkout"),
        (("app",), "checkout"),
        (("space",), "checkout"),
    ],
)
def test_what_is_not_there_is_a_sentence(run, tmp_path, arguments, sentence):
    for label in ("happy", "sad"):
        (tmp_path / "work" / "data" / label).mkdir(parents=True)
        shutil.copy(SAMPLES / "astronaut.jpg", tmp_path / "work" / "data" / label / "a.jpg")

    done = run(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_help_lists_all_commands(run):
    done = run("--help")

    assert {"predict", "datasets", "train", "app"} <= set(done.stdout.split())
