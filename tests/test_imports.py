"""Imports point one way (DESIGN 3), and starting anything loads no deep-learning framework."""

import ast
import json
import subprocess
import sys

import pytest
from paths import ROOT

ROOMS = {
    "fer_core": {"fer_core"},
    "ui": {"ui", "fer_core"},
    "pages": {"ui", "fer_core"},
    "app": {"ui", "fer_core"},
    "space": {"space", "fer_core"},
    "training": {"training", "fer_core"},
    "benchmarks": {"benchmarks", "fer_core", "training"},
}
"""Each room, and the rooms it may import from. Whatever is not a room is a library."""

LIBRARIES = {
    "streamlit": {"ui", "pages", "app"},
    "gradio": {"space"},
    "gradio_client": {"space", "benchmarks"},
}
"""Libraries that belong to some rooms only."""

HEAVY = ("tensorflow", "keras", "tf_keras", "deepface", "torch", "jax")


def files_of(room):
    return sorted((ROOT / room).rglob("*.py")) if (ROOT / room).is_dir() else [ROOT / f"{room}.py"]


FILES = [(room, path) for room in ROOMS for path in files_of(room) if path.is_file()]


def names(node):
    """Top-level packages that an import statement asks for."""
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return {(node.module or "").split(".")[0]}
    return set()


def imported(tree):
    return set().union(*(names(node) for node in ast.walk(tree)), set())


def imported_at_start(tree):
    """As `imported`, but without what functions import and what only the type checker sees."""
    found, waiting = set(), list(tree.body)
    while waiting:
        node = waiting.pop()
        found |= names(node)
        only_types = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not only_types:
            waiting += ast.iter_child_nodes(node)
    return found


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


NO_ROOMS = {"tests", "typings"}
"""Folders with Python in them that nothing imports."""


def test_the_rooms_are_where_this_test_looks():
    """A room that is renamed, or a new one, is not passed over."""
    tracked = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    there = {line.split("/")[0].removesuffix(".py") for line in tracked.splitlines()} or set(ROOMS)
    assert {room for room, _ in FILES} == set(ROOMS) == there - NO_ROOMS


@pytest.mark.parametrize(("room", "path"), FILES, ids=[str(path.relative_to(ROOT)) for _, path in FILES])
def test_arrows_go_down_only(room, path):
    found = imported(parse(path))
    assert found & set(ROOMS) <= ROOMS[room]
    for library, rooms in LIBRARIES.items():
        assert library not in found or room in rooms, f"{library} belongs to {sorted(rooms)}"


@pytest.mark.parametrize(
    "path",
    [path for room, path in FILES if room not in ("training", "benchmarks")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_framework_at_the_top_of_a_module(path):
    assert not imported_at_start(parse(path)) & set(HEAVY)


def test_the_checks_above_can_fail():
    tree = ast.parse("import ui.widgets\nif x:\n    import keras\ndef load():\n    import tensorflow\n")
    assert imported(tree) == {"ui", "keras", "tensorflow"}
    assert imported_at_start(tree) == {"ui", "keras"}
    assert imported_at_start(ast.parse("if TYPE_CHECKING:\n    import keras\n")) == set()


def modules_of(room):
    paths = [path for owner, path in FILES if owner == room and path.name != "__main__.py"]
    dotted = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    return [name.removesuffix(".__init__") for name in dotted]


def loaded_after(code):
    """Names of all modules in a fresh process that ran `code`."""
    report = "\nimport json, sys\nprint('@' + json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code + report], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1].removeprefix("@")))


@pytest.mark.parametrize("room", ["fer_core", "ui"])
def test_importing_every_module_loads_no_framework(room):
    modules = modules_of(room)
    loaded = loaded_after("import " + ", ".join(modules))
    assert set(modules) <= loaded
    assert not loaded & set(HEAVY)


def test_looking_at_the_registry_loads_no_framework_and_no_runtime():
    loaded = loaded_after(
        "from fer_core import predictors\n"
        "[(predictors.info(name), predictors.availability(name)) for name in predictors.names()]"
    )
    assert not loaded & {*HEAVY, "onnxruntime"}


def test_serving_through_onnx_loads_no_framework(tmp_path, monkeypatch):
    from tiny_networks import write_network

    write_network(tmp_path / "house")
    monkeypatch.setenv("FER_MODELS", str(tmp_path))
    loaded = loaded_after(
        "import numpy\n"
        "from fer_core import predictors\nfrom fer_core.photos import analysis\n"
        "network = predictors.load('house')\n"
        "analysis.analyse(numpy.zeros((48, 48, 3), numpy.uint8), [network], already_face=True)"
    )
    assert "onnxruntime" in loaded
    assert not loaded & set(HEAVY)
