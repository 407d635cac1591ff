"""How long `import fer_core` takes beside `import pandas`, and a whole `fer predict`.

    python -m benchmarks.import_time [--repeats 5] [--photo samples/astronaut.jpg]

Each is a process of its own. Processor time (user and system) is counted, so that other programs on the computer matter
less; the median is shown. Before each import an empty process is measured, and taken off.
"""

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from fer_core import settings

NOTHING = ("-c", "pass")
STATEMENTS = {
    "import fer_core": ("-c", "import fer_core"),
    "import fer_core; fer_core.analyse": ("-c", "import fer_core; fer_core.analyse"),
    "import numpy": ("-c", "import numpy"),
    "import pandas": ("-c", "import pandas"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line per statement, then the ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.import_time")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--photo", type=Path, default=settings.samples_folder() / "astronaut.jpg")
    options = parser.parse_args(arguments)
    empty = median(NOTHING, options.repeats)
    seconds = {name: median(words, options.repeats) - empty for name, words in STATEMENTS.items()}
    predict = median(("-m", "fer_core", "predict", str(options.photo)), options.repeats) - empty
    for name, taken in (seconds | {"fer predict PHOTO": predict}).items():
        print(f"{name:36}{1000 * taken:8.0f} ms")
    print(f"import fer_core / import pandas: {seconds['import fer_core'] / seconds['import pandas']:.3f}")
    return 0


def median(words: Sequence[str], repeats: int) -> float:
    """Seconds of processor time of Python with these words; one run before that is not counted."""
    return statistics.median([processor_seconds(words) for _ in range(repeats + 1)][1:])


def processor_seconds(words: Sequence[str]) -> float:
    before = os.times()
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL, cwd=settings.CHECKOUT)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


if __name__ == "__main__":
    sys.exit(main())
