"""Damaged networks and damaged cache entries: listed with a reason, or made again, and nothing else stops.

    python -m benchmarks.attack.stored [--seconds 60] [--seed 0]

Exit code 1 where something broke, or an answer was wrong.
"""

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.attack.living import Findings, attack
from fer_core import predictors, settings
from fer_core.datasets.store import cache
from fer_core.errors import FerError
from fer_core.evaluation import measured, results
from fer_core.predictors import architecture, networks

ATTACKED, WHOLE = "attacked", "whole"
NETWORK = "cnn_48"
"""The smallest of ours."""
FACTS = {"codes": np.arange(500), "names": np.array(["anna", "ben"])}
TABLE = np.arange(48 * 48 * 20, dtype=np.uint32).astype(np.uint8).reshape(20, 48, 48)


def damaged_networks(folder: Path, seconds: float, seed: int) -> Findings:
    """One network with one damaged file beside a whole one: lists, cards, figures, loading and answers."""
    source = settings.models_folder() / NETWORK
    for name in (ATTACKED, WHOLE):
        shutil.copytree(source, folder / name)
    os.environ["FER_MODELS"] = str(folder)
    crops = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1), np.uint8)
    expected = predictors.load(WHOLE).predict(crops)
    originals = {path.name: path.read_bytes() for path in (folder / ATTACKED).iterdir() if path.name != "model.keras"}

    def read(name: str, content: bytes) -> None:
        try:
            (folder / ATTACKED / name).write_bytes(content)
            _look_at_everything(folder / ATTACKED)
            assert np.array_equal(predictors.load(WHOLE).predict(crops), expected), (
                "the whole network answers otherwise"
            )
            answers = predictors.load(ATTACKED).predict(crops)
            assert name != "model.onnx" or np.array_equal(answers, expected), "a damaged network answers"
        finally:
            (folder / ATTACKED / name).write_bytes(originals[name])

    return attack(originals, read, seconds, seed)


def _look_at_everything(folder: Path) -> None:
    for name in predictors.names():
        predictors.info(name)
        predictors.availability(name)
    networks.card(folder)
    measured.measured(local=False)
    results.table(local=False)
    with contextlib.suppress(FerError):
        architecture.blocks(architecture.read(folder).layers)


def damaged_cache(folder: Path, seconds: float, seed: int) -> Findings:
    """An entry that was damaged comes back as it was, or not at all."""
    os.environ["FER_CACHE"] = str(folder)
    cache.write("facts", FACTS)
    cache.write_array("table", TABLE)
    originals = {path.name: path.read_bytes() for path in folder.iterdir()}
    readers: dict[str, Callable[[], object]] = {"facts.npz": _facts, "table.npy": _table}

    def read(name: str, content: bytes) -> None:
        (folder / name).write_bytes(content)
        readers[name]()

    return attack(originals, read, seconds, seed)


def _facts() -> None:
    found = cache.read("facts")
    assert found is None or all(np.array_equal(found[name], FACTS[name]) for name in FACTS), "other arrays came back"


def _table() -> None:
    found = cache.read_array("table")
    assert found is None or np.array_equal(found, TABLE), "another table came back"


def run(seconds: float, seed: int) -> list[Findings]:
    with tempfile.TemporaryDirectory() as models, tempfile.TemporaryDirectory() as kept:
        return [
            damaged_networks(Path(models), 0.7 * seconds, seed),
            damaged_cache(Path(kept), 0.3 * seconds, seed),
        ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    known = parser.parse_args()
    found = run(known.seconds, known.seed)
    print("\n".join(one.report(title) for one, title in zip(found, ("networks", "cache"), strict=True)))
    return int(any(one.traces for one in found))


if __name__ == "__main__":
    sys.exit(main())
