"""Build the folder that is the Hugging Face Space, by copying alone.

    python -m space.build [--target build/space]

It holds app.py, the modules that app.py needs, the networks in models/ as ONNX with their cards, the samples,
README.md (the Space's front matter) and requirements.txt. A second process then builds the page from that folder.
A list of what was written stays in the folder; the next build removes these files and no others.
Exit code 2 when something is missing.
"""

import argparse
import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from fer_core import settings
from fer_core.errors import FerError
from fer_core.predictors import checksums, networks, onnx_runtime

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "build" / "space"
WRITTEN = ".written-by-space-build"
"""The list, one name per line. `space.publish` does not send it."""
PACKAGES = ("fer_core", "space")
MODEL_FILES = (onnx_runtime.WEIGHTS, "config.json", "metrics.json", "architecture.json", "README.md", checksums.FILE)
CHECK = """
import sys
from pathlib import Path
from space import process
process.prepare()
from space import page
page.build()
here = Path.cwd()
strange = [name for name, module in sys.modules.items() if name.split(".")[0] in ("fer_core", "space")
           and here not in Path(module.__file__).parents]
heavy = {"tensorflow", "keras", "deepface", "torch", "streamlit"} & set(sys.modules)
sys.exit(f"From elsewhere: {strange}; too heavy: {heavy}" if strange or heavy else 0)
"""


class BuildError(FerError):
    """The folder cannot be built, or does not stand alone."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m space.build", description="Build the folder of the Space.")
    parser.add_argument("--target", type=Path, default=TARGET, help="default: build/space; replaced when it is there")
    options = parser.parse_args(arguments)
    try:
        build(options.target)
        check(options.target)
    except FerError as error:
        print(error, file=sys.stderr)
        return 2
    files = [path for path in options.target.rglob("*") if path.is_file()]
    print(f"Built {options.target}: {len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB.")
    return 0


def build(target: Path) -> None:
    """Copy what the Space needs into `target`, which is empty or holds an earlier build.

    Raises:
        BuildError: there is no network to serve, or `target` holds something else.
    """
    copies = files()
    _empty(target)
    target.mkdir(parents=True, exist_ok=True)
    (target / WRITTEN).write_text("".join(f"{name}\n" for name in copies), encoding="utf-8")
    for name, source in copies.items():
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)


def files() -> dict[str, Path]:
    """Every file of the Space, and where it is copied from."""
    space = ROOT / "space"
    named = {
        "app.py": space / "app.py",
        "README.md": space / "README.md",
        "requirements.txt": space / "requirements.txt",
        "space/style.css": space / "style.css",
    }
    modules = {path.relative_to(ROOT).as_posix(): path for path in needed_modules() if path != space / "app.py"}
    samples = {f"samples/{path.name}": path for path in (ROOT / "samples").iterdir()}
    return named | modules | samples | _model_files() | _live_files()


def _live_files() -> dict[str, Path]:
    """The live page as `make web` built it; none when it was not built: the Live tab then says so."""
    folder = settings.web_folder()
    paths = [path for path in folder.rglob("*") if path.is_file() and (folder / "index.html").is_file()]
    return {f"build/web/{path.relative_to(folder).as_posix()}": path for path in paths}


def _model_files() -> dict[str, Path]:
    folders = [folder for folder in networks.folders() if (folder / onnx_runtime.WEIGHTS).is_file()]
    if not folders:
        raise BuildError(
            f"{settings.models_folder()} holds no network with {onnx_runtime.WEIGHTS}; a Space needs one at least. "
            "Export one with fer export."
        )
    paths = [folder / name for folder in folders for name in MODEL_FILES]
    return {f"models/{path.parent.name}/{path.name}": path for path in paths if path.is_file()}


def needed_modules() -> set[Path]:
    """The project's modules that space/app.py imports, directly or not, also inside functions."""
    waiting, found = [ROOT / "space" / "app.py"], set[Path]()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imports(path)
    return found


def _imports(path: Path) -> Iterator[Path]:
    for node in _run(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            yield from _modules(name)


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all inside it, less what only type checkers read (`if TYPE_CHECKING:`)."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield from _run(child)


def _modules(name: str) -> Iterator[Path]:
    """The file of a dotted name and the __init__ files above it; nothing for what is no module of the project."""
    parts = name.split(".")
    if parts[0] not in PACKAGES:
        return
    for count in range(1, len(parts) + 1):
        place = ROOT.joinpath(*parts[:count])
        yield from (path for path in (place / "__init__.py", place.with_suffix(".py")) if path.is_file())


def _empty(target: Path) -> None:
    """Remove what an earlier build wrote, and what Python compiled of it. Nothing is removed when there is more."""
    if not target.exists():
        return
    if not target.is_dir():
        raise BuildError(f"{target} is a file; expected a folder. Name an empty one with --target.")
    written = _written(target)
    foreign = [
        path for path in sorted(target.rglob("*")) if path not in written and (path.is_symlink() or not path.is_dir())
    ]
    if foreign:
        raise BuildError(
            f"{target} holds {foreign[0].relative_to(target)}"
            f"{f' and {len(foreign) - 1:,} more files' if foreign[1:] else ''} that no build of the Space wrote, so "
            "nothing was removed. Move that away, or name an empty folder with --target."
        )
    for path in written:
        path.unlink(missing_ok=True)
    for folder in sorted((path for path in target.rglob("*") if path.is_dir()), reverse=True):
        folder.rmdir()


def _written(target: Path) -> set[Path]:
    """Files of an earlier build; none where it left no list, or a list that names a place outside."""
    if not (target / WRITTEN).is_file():
        return set()
    names = (target / WRITTEN).read_text(encoding="utf-8").splitlines()
    listed = {target / name for name in names if ".." not in Path(name).parts and not Path(name).is_absolute()}
    compiled = {cache for path in listed for cache in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc")}
    return {target / WRITTEN, *listed, *compiled}


def check(target: Path) -> None:
    """Make the page in a process that knows that folder alone.

    Raises:
        BuildError: with the last line of what went wrong.
    """
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "FER_MODELS")}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [sys.executable, "-c", CHECK]
    done = subprocess.run(command, cwd=target, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise BuildError(f"{target} does not run by itself: {reason}")


if __name__ == "__main__":
    sys.exit(main())
