"""The program `fer`: which commands there are, where they come from, and mistakes in their arguments."""

import subprocess
import sys
import tomllib
from importlib.metadata import entry_points

import pytest
from paths import ROOT

from fer_core import __version__, settings
from fer_core.cli import main as program

HEAVY = ("tensorflow", "keras", "streamlit", "gradio", "onnxruntime", "pandas", "scipy")
PROMISED = {
    *("predict", "evaluate", "models", "datasets", "log", "setup", "cache", "app", "space"),
    *("train", "release", "calibrate", "export", "ablation", "soup", "out-of-sample"),
}


def test_help_groups_the_commands_and_loads_nothing_heavy():
    script = (
        "import sys; from fer_core.cli.main import main; code = main(['--help']);"
        f"print(sorted(set({HEAVY}) & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, cwd=ROOT, text=True)

    words = done.stdout.split()
    assert set(words) >= PROMISED
    assert all(f"─ {panel} ─" in done.stdout for panel in ("Photos", "Data", "Networks", "Pages", "This computer"))
    assert done.stderr.split() == ["[]"]


@pytest.mark.parametrize("name", sorted(PROMISED - {"datasets", "cache"}))
def test_every_help_has_an_example(run, name):
    code, out, _ = run(name, "--help")

    assert code == 0
    assert f" fer {name}" in out.split("Example", maxsplit=1)[1]


@pytest.mark.parametrize("name", ["list", "scan", "audit", "subset"])
def test_every_help_about_datasets_has_an_example(run, name):
    code, out, _ = run("datasets", name, "--help")

    assert code == 0
    assert f" fer datasets {name}" in out.split("Example", maxsplit=1)[1]


def test_version(run):
    assert run("--version") == (0, f"fer-lab {__version__}\n", "")


def test_completion_knows_the_commands():
    environment = {"_FER_COMPLETE": "complete_bash", "COMP_WORDS": "fer pre", "COMP_CWORD": "1", "PATH": ""}
    command = [sys.executable, "-m", "fer_core"]

    done = subprocess.run(command, capture_output=True, check=False, cwd=ROOT, env=environment, text=True)

    assert done.stdout.split() == ["predict"]


def test_commands_of_other_packages_are_there(run, monkeypatch, tmp_path):
    """A package that somebody installs beside ours adds a command by an entry point."""
    info = tmp_path / "site" / "other-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: other\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[fer.commands]\nwave = waving:app\n")
    (tmp_path / "site" / "waving.py").write_text(
        "import typer\napp = typer.Typer()\n@app.command()\ndef wave(name: str) -> None:\n    print('hello', name)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    assert run("wave", "Ada") == (0, "hello Ada\n", "")


@pytest.mark.parametrize("name", ["train", "app", "space"])
def test_without_a_checkout_a_command_says_where_it_runs(run, monkeypatch, name):
    monkeypatch.setattr(settings, "in_checkout", lambda: False)
    monkeypatch.setattr(program, "_registered", lambda: {name: "room_that_is_not_here.cli:app"})

    code, out, err = run(name, "recipe.toml", "--training.seed", "2")

    assert (code, out) == (2, "")
    assert f"fer {name} runs from a checkout" in err
    assert name in run("--help")[1]


def test_a_command_that_is_broken_is_not_taken_for_one_that_is_elsewhere(monkeypatch, tmp_path):
    (tmp_path / "broken_room.py").write_text("import nothing_called_this\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(program, "_registered", lambda: {"wrong": "broken_room:app"})

    with pytest.raises(ModuleNotFoundError, match="nothing_called_this"):
        program.main(["wrong"])


def test_the_installed_package_registers_what_this_checkout_does():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    installed = {point.name for point in entry_points(group=program.GROUP)}

    assert set(project["entry-points"][program.GROUP]) <= installed | set(program._of_the_checkout())
    assert set(project["entry-points"][program.GROUP]) == PROMISED - set(program.OWN)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ([], "Usage: fer"),
        (["guess"], "guess"),
        (["predict"], "PATH"),
        (["predict", "a.jpg", "--min-score", "2"], "0 to 1"),
        (["predict", "a.jpg", "--min-score", "nan"], "0 to 1"),
        (["predict", "a.jpg", "--detector", "mtcnn"], "haar"),
        (["predict", "a.jpg", "--format", "xml"], "json"),
        (["evaluate"], "--data"),
        (["evaluate", "--data", "x", "--split", "exam"], "private_test"),
        (["evaluate", "--data", "x", "--limit", "0"], "from 1 on"),
        (["evaluate", "--data", "x", "--limit", "many"], "not a valid int"),
        (["datasets"], "scan"),
        (["datasets", "scan", "x", "--kind", "imagenet"], "raf_db"),
        (["datasets", "subset", "x", "--classes", "angry,hungry"], "expected expressions"),
        (["datasets", "subset", "x", "--classes", "angry", "--drop", "sad"], "Give one of them"),
        (["datasets", "subset", "x", "--cap", "0"], "from 1 on"),
        (["train"], "RECIPE"),
        (["train", "recipe.toml", "--seed", "2"], "--seed"),
        (["train", "recipe.toml", "--training.seed"], "needs a value"),
    ],
)
def test_mistakes_in_arguments_are_told(run, arguments, hint):
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert hint in err
