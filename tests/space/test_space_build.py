"""The folder of the Space: what is in it, and that it runs alone, with its own requirements and nothing else."""

import os
import shutil
import subprocess
import sys
import venv

import pytest
from paths import ROOT
from servers import start, stop

from space import build


@pytest.fixture
def built(networks, monkeypatch, tmp_path):
    monkeypatch.setenv("FER_MODELS", str(networks))
    build.build(tmp_path / "space")
    return tmp_path / "space"


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_everything_is_a_copy(built):
    sources = build.files()
    assert names(built) == {*sources, build.WRITTEN}
    assert all((built / name).read_bytes() == source.read_bytes() for name, source in sources.items())


def test_only_what_is_needed(built):
    there = names(built)
    assert {"app.py", "README.md", "requirements.txt", "models/house/model.onnx", "samples/CREDITS.md"} <= there
    assert not [name for name in there if name.endswith((".keras", ".csv", ".npz", ".pyc"))]
    assert not {"fer_core/cli/main.py", "fer_core/evaluation/scoring.py", "space/build.py", "space/publish.py"} & there


def test_it_runs_alone(built):
    build.check(built)


def test_a_missing_file_is_found(built):
    (built / "fer_core" / "photos" / "images.py").unlink()
    with pytest.raises(build.BuildError, match=r"does not run by itself.*images"):
        build.check(built)


def test_what_an_earlier_build_wrote_is_gone(built, monkeypatch):
    cache = built / "space" / "__pycache__"
    cache.mkdir()
    (cache / "page.cpython-311.pyc").write_bytes(b"compiled")
    copies = build.files()
    monkeypatch.setattr(
        build, "files", lambda: {name: path for name, path in copies.items() if name != "space/page.py"}
    )
    build.build(built)
    assert names(built) == {*copies, build.WRITTEN} - {"space/page.py"}


FOREIGN = {
    "a checkout of the Space": {"app.py": "mine", ".git/config": "mine"},
    "a folder of something else": {"thesis.txt": "mine"},
    "only folders with something in": {"a/b/c.txt": "mine"},
}


@pytest.mark.parametrize("there", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("earlier", [False, True], ids=["no build", "an earlier build"])
def test_what_no_build_wrote_is_left_alone(networks, monkeypatch, tmp_path, capsys, there, earlier):
    monkeypatch.setenv("FER_MODELS", str(networks))
    if earlier:
        build.build(tmp_path)
        there = {f"kept/{name}": content for name, content in there.items()}
    for name, content in there.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path)}
    assert build.main(["--target", str(tmp_path)]) == 2
    assert "that no build of the Space wrote, so nothing was removed" in capsys.readouterr().err
    assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path)} == before


@pytest.mark.parametrize("name", ["../mine.txt", "{folder}/mine.txt"], ids=["above", "absolute"])
def test_a_list_that_names_other_places_removes_nothing_there(built, tmp_path, name):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with (built / build.WRITTEN).open("a", encoding="utf-8") as stream:
        stream.write(name.format(folder=tmp_path) + "\n")
    build.build(built)
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_a_folder_behind_a_link_is_left_alone(built, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine.txt").write_text("mine", encoding="utf-8")
    (built / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(build.BuildError, match="link"):
        build.build(built)
    assert (tmp_path / "elsewhere" / "mine.txt").is_file()


def test_no_network(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("FER_MODELS", str(tmp_path))
    assert build.main(["--target", str(tmp_path / "space")]) == 2
    assert "fer export" in capsys.readouterr().err


@pytest.fixture(scope="session")
def fresh_python(tmp_path_factory):
    """A Python that knows the Space's requirements and nothing else."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pins = ROOT / "space" / "requirements.txt"
    options = ["--quiet", "--disable-pip-version-check", "--timeout", "5", "--retries", "1"]
    done = subprocess.run(
        [python, "-m", "pip", "install", *options, "-r", pins], capture_output=True, text=True, check=False
    )
    if done.returncode:
        unreachable = ("NewConnectionError", "ConnectTimeout", "Temporary failure", "No matching distribution")
        if any(word in done.stderr for word in unreachable) and "CI" not in os.environ:
            pytest.skip("the package index cannot be reached: " + done.stderr.strip().splitlines()[-1])
        pytest.fail(done.stderr)
    yield python
    shutil.rmtree(folder)


def test_a_fresh_environment_answers(built, fresh_python, tmp_path):
    from gradio_client import Client, handle_file

    server = start([str(fresh_python), "app.py"], tmp_path / "server", cwd=built, FER_MODELS="", PYTHONPATH="")
    try:
        client = Client(server.address, verbose=False, httpx_kwargs={"timeout": 120})
        photo = handle_file(str(ROOT / "samples" / "astronaut.jpg"))
        answer = client.predict(photo, api_name="/predict")
        models = client.predict(api_name="/models")
    finally:
        stop(server)
    assert len(answer["faces"]) == 1
    assert [model["name"] for model in models["models"]] == ["house", "second"]
