"""What else is made of a released network, besides the files that every network has.

`fer release` calls each function below with the network's folder, models/NAME/, when all but the card is there. The
function writes its files into that folder, and raises a FerError when they do not answer like the network. To add an
export, add its function to EXPORTS. Import what is heavy inside the function.
"""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from fer_core.errors import PredictorError

Export = Callable[[Path], None]


def heat_maps(folder: Path) -> None:
    """Nothing is written: heat maps are made of model.onnx. Where a network has none, that is printed.

    Raises:
        RunError: they are not what Keras' gradients give.
    """
    from training.commands import heat_map

    try:
        print(heat_map.check(folder))
    except PredictorError as error:
        print(f"No heat maps: {error}")


def browser(folder: Path) -> None:
    """Nothing is written: `fer export --browser` makes the file that is made and asked here, out of model.onnx.

    Raises:
        PredictorError: in half precision, as a browser loads it, it answers otherwise.
    """
    from fer_core.browser import export
    from fer_core.predictors import networks, onnx_runtime

    info = networks.read_info(folder, onnx_runtime.WEIGHTS, name=folder.name)
    with tempfile.TemporaryDirectory() as spare:
        file = Path(spare) / onnx_runtime.WEIGHTS
        export.write(folder / onnx_runtime.WEIGHTS, file, info, half_precision=True)
        weight = file.stat().st_size
    heavy = "; that is too heavy, so the live page leaves it out" if weight > export.HEAVIEST else ""
    print(f"{folder.name} has {weight / 1e6:.1f} MB in a browser and answers alike there{heavy}.")


def film(folder: Path) -> None:
    """model_int8.onnx, a lighter network for the frames of a film in a browser; where it loses too much, none.

    Raises:
        FerError: the data of its recipe is not there.
    """
    from training.releasing import int8

    print(int8.make(folder))


EXPORTS: Mapping[str, Export] = {"Heat maps": heat_maps, "Live in a browser": browser, "Films in a browser": film}
"""By a few words that are printed, in the order in which they run."""


def make(folder: Path) -> None:
    """Run all exports.

    Raises:
        FerError: one of them failed, or answers otherwise than the network.
    """
    for words, export in EXPORTS.items():
        print(f"{words} ...", flush=True)
        export(folder)
