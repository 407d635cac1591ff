r"""Whether a training that is killed and resumed ends where one left alone does, and how far one seed repeats.

    python -m benchmarks.training.resume [--epochs 6] [--limit 12000] [--kills 1] [--seed 0] [--every 1]
        [--fer2013 DIR] [--runs DIR] [flags]

Three trainings by training/recipes/ablation.toml: one left alone, one again with the same seed, and one that is killed
(SIGKILL) so many times, at random moments of its epochs, and started again with the same command each time. Further
flags are those of a recipe. A small network and every 20th image of FER2013 let many kills take little time:

    python -m benchmarks.training.resume --kills 20 --epochs 14 --every 20 --options.widths "[8, 16]" \
        --options.depths "[1, 1]"

Prints the accuracy on the public test at the end of each; exit code 1 when one differs from the first by more than a
point, or when the history of one has a gap or a doubled epoch.
"""

import argparse
import gzip
import itertools
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from training.commands.ablation import RECIPE
from training.history import rows

ALLOWED = 0.01
BEGUN, DONE = "Going on after epoch", " done in "
"""What a training prints before its first epoch, and after each."""
EPOCHS_LONG = 2.0
"""A kill comes at a random moment within so many epochs after one of these lines, the first or the second."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--limit", type=int, default=12_000)
    parser.add_argument("--kills", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=int, default=1, help="keep one image of so many")
    parser.add_argument("--fer2013", type=Path, default=Path("datasets/fer2013"))
    parser.add_argument("--runs", type=Path)
    known, more = parser.parse_known_args()
    stages = f"[{{size = 32, epochs = {known.epochs}}}]"
    with tempfile.TemporaryDirectory() as spare:
        runs = known.runs or Path(spare)
        data = cut(known.fer2013, known.every, Path(spare) / "data") if known.every > 1 else known.fer2013
        flags = ["--training.stages", stages, "--data.limit", str(known.limit), "--data.path", str(data), *more]
        for name in ("alone", "again"):
            subprocess.run(command(runs / name, flags), check=True)
        chance = random.Random(known.seed)
        for _ in range(known.kills):
            seconds = median(float(row["seconds"]) for row in rows(runs / "alone"))
            killed(runs / "killed", flags, chance.randint(1, 2), EPOCHS_LONG * chance.random() * seconds)
        subprocess.run(command(runs / "killed", flags), check=True)
        return report({name: runs / name for name in ("alone", "again", "killed")}, known.epochs)


def cut(fer2013: Path, every: int, target: Path) -> Path:
    """A folder with one row of so many of fer2013.csv.gz and of FER+'s votes."""
    target.mkdir()
    for name, opened in (("fer2013.csv.gz", gzip.open), ("fer2013new.csv", open)):
        with opened(fer2013 / name, "rt", encoding="utf-8") as stream:
            heading, *lines = stream
        (target / name.removesuffix(".gz")).write_text("".join([heading, *lines[::every]]), encoding="utf-8")
    return target


def command(run: Path, flags: list[str]) -> list[str]:
    return [sys.executable, "-u", "-m", "fer_core", "train", str(RECIPE), "--run", str(run), *flags]


def killed(run: Path, flags: list[str], lines: int, after: float) -> None:
    """Start a training, or go on with it, and kill it so many seconds after it has told so often that it goes on."""
    with subprocess.Popen(command(run, flags), stdout=subprocess.PIPE, text=True) as training:
        assert training.stdout is not None
        told = (line for line in training.stdout if line.startswith(BEGUN) or DONE in line)
        if len(list(itertools.islice(told, lines))) < lines:
            raise SystemExit("The training ended before it could be killed; ask for more epochs.")
        time.sleep(after)
        training.kill()
        left = training.stdout.read()
    if "Finished" in left:
        raise SystemExit("The training ended before it could be killed; ask for more epochs.")
    print(f"killed after {len(rows(run))} finished epochs; left there: {', '.join(sorted(leftovers(run)))}", flush=True)


def leftovers(run: Path) -> list[str]:
    """Files of a run folder that a whole one does not keep."""
    return [path.name for path in run.iterdir() if ".part" in path.name] or ["nothing half-written"]


def report(runs: dict[str, Path], epochs: int) -> int:
    accuracies = {name: float(rows(run)[-1]["val_accuracy"]) for name, run in runs.items()}
    first = accuracies["alone"]
    whole = True
    for name, accuracy in accuracies.items():
        numbers = [int(row["epoch"]) for row in rows(runs[name])]
        whole &= numbers == list(range(epochs))
        history = "no gap, no double" if numbers == list(range(epochs)) else f"epochs {numbers}"
        told = f"public test {accuracy:.4f}  ({100 * (accuracy - first):+.2f} points)"
        print(f"{name:8} {len(numbers)} epochs ({history})  {told}")
    return int(not whole or any(abs(accuracy - first) > ALLOWED for accuracy in accuracies.values()))


if __name__ == "__main__":
    sys.exit(main())
