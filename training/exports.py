"""What else is made of a released network, besides the files that every network has.

`fer release` calls each function below with the network's folder, models/NAME/, when everything else is there. The
function writes its files into that folder, and raises a FerError when they do not answer like the network. To add an
export, add its function to EXPORTS. Import what is heavy inside the function.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

Export = Callable[[Path], None]

EXPORTS: Mapping[str, Export] = {}
"""By a few words that are printed, in the order in which they run."""


def make(folder: Path) -> None:
    """Run all exports.

    Raises:
        FerError: one of them failed, or answers otherwise than the network.
    """
    for words, export in EXPORTS.items():
        print(f"{words} ...", flush=True)
        export(folder)
