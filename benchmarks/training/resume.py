"""Whether a training that is killed and resumed ends where one left alone does, and how far one seed repeats.

    python -m benchmarks.training.resume [--epochs 6] [--limit 12000] [--runs DIR]

Three trainings by training/recipes/ablation.toml: one left alone, one again with the same seed, and one that is killed
(SIGKILL) in the middle of its third epoch and started again with the same command. Prints the accuracy on the public
test at the end of each; exit code 1 when one differs from the first by more than a point.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from training.commands.ablation import RECIPE
from training.history import rows

ALLOWED = 0.01
EPOCHS_BEFORE_THE_KILL = 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training.resume", description=__doc__)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--limit", type=int, default=12_000)
    parser.add_argument("--runs", type=Path)
    known = parser.parse_args()
    stages = f"[{{size = 32, epochs = {known.epochs}}}]"
    flags = ["--training.stages", stages, "--data.limit", str(known.limit)]
    with tempfile.TemporaryDirectory() as spare:
        runs = known.runs or Path(spare)
        for name in ("alone", "again"):
            subprocess.run(command(runs / name, flags), check=True)
        killed(runs / "killed", flags)
        subprocess.run(command(runs / "killed", flags), check=True)
        return report({name: runs / name for name in ("alone", "again", "killed")})


def command(run: Path, flags: list[str]) -> list[str]:
    return [sys.executable, "-m", "fer_core", "train", str(RECIPE), "--run", str(run), *flags]


def killed(run: Path, flags: list[str]) -> None:
    """Start a training and kill it half an epoch after its second one has ended."""
    training = subprocess.Popen(command(run, flags))
    history = run / "history.csv"
    while not history.is_file() or len(rows(run)) < EPOCHS_BEFORE_THE_KILL:
        if training.poll() is not None:
            raise SystemExit("The training ended before it could be killed; ask for more epochs.")
        time.sleep(0.2)
    time.sleep(float(rows(run)[-1]["seconds"]) / 2)
    training.kill()
    training.wait()
    print(f"killed after {len(rows(run))} finished epochs", flush=True)


def report(runs: dict[str, Path]) -> int:
    accuracies = {name: float(rows(run)[-1]["val_accuracy"]) for name, run in runs.items()}
    first = accuracies["alone"]
    for name, accuracy in accuracies.items():
        told = f"public test {accuracy:.4f}  ({100 * (accuracy - first):+.2f} points)"
        print(f"{name:8} {len(rows(runs[name]))} epochs  {told}")
    return int(any(abs(accuracy - first) > ALLOWED for accuracy in accuracies.values()))


if __name__ == "__main__":
    sys.exit(main())
