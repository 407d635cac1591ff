"""How many modules a reader opens to follow a recipe from `fer train` to the first call of `fit`.

    python -m benchmarks.training.recipe_way [--recipe training/recipes/house.toml] [--most 15]

Starts that training on 96 made images and stops it where Keras' `fit` is first called. Every function of this project
that ran until then is noted, with the module it stands in; code that runs at import is not. Prints the modules in the
order in which a reader meets them. A dataset is opened by one call, `open_dataset`, the same for every surface: what
runs behind it counts as one stop, and is printed apart. Exit code 1 when there are more than `--most` stops.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import numpy as np

from training.commands import train

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("fer_core", "training")
DOOR = "fer_core.datasets"
SPLITS = {"Training": 64, "PublicTest": 16, "PrivateTest": 16}


class ArrivedError(Exception):
    """Raised in place of the first `fit`."""


@dataclass
class Way:
    """The functions that ran, by module, in the order of their first call; and the modules behind the door."""

    functions: dict[str, dict[str, None]] = field(default_factory=dict)
    behind: dict[str, None] = field(default_factory=dict)

    def note(self, frame: FrameType, event: str, _: object) -> None:
        """What `sys.setprofile` calls."""
        if event != "call" or frame.f_code.co_name == "<module>" or not (module := project_module(frame)):
            return
        if through_the_door(frame):
            self.behind[module] = None
            module = DOOR
        self.functions.setdefault(module, {})[frame.f_code.co_qualname.split(".<locals>")[0]] = None


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training.recipe_way", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--recipe", default="training/recipes/house.toml")
    parser.add_argument("--most", type=int, default=15)
    known = parser.parse_args()
    way = walk(known.recipe)
    for module, functions in way.functions.items():
        print(f"{module:36} {', '.join(functions) if module != DOOR else 'open_dataset and what it calls'}")
    print(f"behind {DOOR}: {', '.join(way.behind)}")
    stops = len(way.functions)
    print(f"{stops} stops, at most {known.most}; {stops - 1 + len(way.behind)} modules with those behind {DOOR}")
    return int(stops > known.most)


def walk(recipe: str) -> Way:
    """The way of one recipe, on made data."""
    way = Way()
    with tempfile.TemporaryDirectory() as folder:
        write_data(Path(folder) / "data")
        flags = ["--data.path", f"{folder}/data", "--training.batch", "16", "--data.exclude", "[]"]
        with stopped_at_fit(way):
            train.start(Path(recipe), flags, Path(folder) / "run")
    return way


@contextmanager
def stopped_at_fit(way: Way) -> Iterator[None]:
    """Note what runs inside, up to the first `fit`."""
    import keras

    def arrive(*_: object, **__: object) -> None:
        raise ArrivedError

    own, keras.Model.fit = keras.Model.fit, arrive
    sys.setprofile(way.note)
    try:
        yield
    except ArrivedError:
        return
    finally:
        sys.setprofile(None)
        keras.Model.fit = own
    raise SystemExit("The training ended before it called fit.")


def project_module(frame: FrameType) -> str | None:
    """Dotted name of the project's module that a frame's code stands in."""
    path = Path(frame.f_code.co_filename)
    if not path.is_relative_to(ROOT):
        return None
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__") if parts[0] in PACKAGES else None


def through_the_door(frame: FrameType | None) -> bool:
    """Whether a call was made by the room of datasets, or into it."""
    while frame:
        module = project_module(frame)
        if module and f"{module}.".startswith(f"{DOOR}."):
            return True
        frame = frame.f_back
    return False


def write_data(folder: Path) -> None:
    """FER2013's CSV and FER+'s votes with noise for images."""
    generator = np.random.default_rng(0)
    images = ["emotion,pixels,Usage"]
    votes = ["Usage,name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"]
    for usage, count in SPLITS.items():
        for row in range(count):
            images.append(f"{row % 7},{' '.join(map(str, generator.integers(0, 256, 48 * 48)))},{usage}")
            votes.append(f"{usage},{row}.png,8,2,0,0,0,0,0,0,0,0")
    folder.mkdir()
    (folder / "fer2013.csv").write_text("\n".join(images) + "\n", encoding="utf-8")
    (folder / "fer2013new.csv").write_text("\n".join(votes) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
