"""All attacks, one after the other: `python -m benchmarks.attack [--minutes 10] [--seed 0]`, or `make attack`.

Pictures, tables, logs, archives, networks, caches, then visitors of the built Space and of the pages. Each prints what
it tried, what broke, the slowest case and the memory. Exit code 1 where something broke. No part of `.ci/run`: it takes
its time, and another seed may find something new.
"""

import argparse
import subprocess
import sys
from typing import NamedTuple

from benchmarks.space.server import BUILT


class Attack(NamedTuple):
    """A module of this package, its share of the time, and the flag that takes it."""

    module: str
    share: float
    flag: str = "--seconds"
    a_second: float = 1.0


ATTACKS = (
    Attack("photos", 0.25),
    Attack("tables", 0.15, "--count", 20.0),
    Attack("stored", 0.15),
    Attack("visitors", 0.2),
    Attack("slow", 0.1),
    Attack("tabs", 0.15, "--tabs", 0.3),
)
"""`a_second`: what the flag counts of in a second; files for tables, visits for tabs. benchmarks.attack.computer needs
the right to mount, so it is run by itself."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    known = parser.parse_args()
    if not (BUILT / "app.py").is_file():
        subprocess.run([sys.executable, "-m", "space.build"], check=True)
    failed = []
    for attack in ATTACKS:
        amount = round(60 * known.minutes * attack.share * attack.a_second)
        command = [sys.executable, "-m", f"benchmarks.attack.{attack.module}", attack.flag, str(amount)]
        print(f"\n== {attack.module}", flush=True)
        if subprocess.run([*command, "--seed", str(known.seed)], check=False).returncode:
            failed.append(attack.module)
    print(f"\nBroke: {', '.join(failed) or 'nothing'}.")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
