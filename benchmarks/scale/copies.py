"""Near copies by neighbours against all comparisons: `python -m benchmarks.scale.copies --fer2013 PATH`.

Reads FER2013, looks for near copies in both ways, and prints how many pairs and groups of the full comparison the fast
way finds, what it finds besides, and the seconds of each.
"""

import argparse
from time import perf_counter

import numpy as np

from fer_core import datasets
from fer_core.auditing import copies, neighbours
from fer_core.datasets import identity
from fer_core.datasets.base import fit

WANTED = 0.99


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fer2013", required=True, metavar="PATH")
    arguments = parser.parse_args()
    dataset = datasets.open_dataset(arguments.fer2013)
    thumbnails = np.stack([fit(dataset.image(row), copies.THUMBNAIL, 1)[..., 0] for row in range(len(dataset))])
    numbers = identity.of(dataset).numbers()
    different, exact = copies.firsts(numbers), copies.exact_groups(numbers)
    found = {}
    for name, search in (("all comparisons", copies.near_pairs), ("neighbours", neighbours.near_pairs)):
        start = perf_counter()
        pairs = search(thumbnails, different)
        taken = perf_counter() - start
        groups = {tuple(group.tolist()) for group in copies.joined(pairs, exact, len(dataset))}
        found[name] = ({(int(a), int(b)) for a, b in zip(pairs["first"], pairs["second"], strict=True)}, groups)
        print(f"{name}: {len(pairs):,} pairs, {len(groups):,} groups, {taken:.1f} s", flush=True)
    (every, groups), (some, fast) = found.values()
    recall = len(every & some) / len(every)
    print(f"{len(different):,} different images")
    print(f"recall of pairs {recall:.4f}, of groups {len(groups & fast) / len(groups):.4f}")
    print(f"found besides: {len(some - every):,} pairs, {len(fast - groups):,} groups")
    print(f"recall of at least {WANTED} wanted: {'met' if recall >= WANTED else 'MISSED'}")


if __name__ == "__main__":
    main()
