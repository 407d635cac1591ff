"""A Ray cluster on this computer: `python -m benchmarks.scale.cluster kill|workers [--photos N]`.

kill     three nodes (ray.cluster_utils); one is killed in the middle of the batch. All rows must be there, once each,
         and equal to those of the local engine to the last digit.
workers  the same photos with one worker and with two: how much faster, on the clock and per second of processor.
"""

import argparse
import json
import logging
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.scale import photos
from fer_core.batch.run import Request, Watcher, run

NODES = 3
FASTER = 1.6


class Killing(Watcher):
    """Kills a node when half of the photos are read."""

    def __init__(self, cluster: Any, node: Any, half: int) -> None:  # noqa: ANN401
        self._cluster, self._node, self._left = cluster, node, half
        self.killed = threading.Event()

    def read(self, news: Any) -> None:  # noqa: ANN401
        self._left -= news.photos
        if self._left <= 0 and not self.killed.is_set():
            self.killed.set()
            self._cluster.remove_node(self._node, allow_graceful=False)
            print("killed a node", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["kill", "workers"])
    parser.add_argument("--photos", type=int, default=20_000)
    parser.add_argument("--face-crop", action="store_true", help="no search for faces: many photos in little time")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        folder = photos.make(place / "photos", arguments.photos, photos.SMALL)
        if arguments.what == "kill":
            kill(place, folder, arguments.photos, crop=arguments.face_crop)
        else:
            workers(place, folder, crop=arguments.face_crop)


def kill(place: Path, folder: Path, count: int, *, crop: bool) -> None:
    _wait_for_nodes()
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    nodes = [cluster.add_node(num_cpus=1) for _ in range(NODES - 1)]
    cluster.wait_for_nodes(timeout=300)
    ray.init(address=cluster.address, log_to_driver=False, logging_level=logging.ERROR)
    watcher = Killing(cluster, nodes[-1], count // 2)
    start = perf_counter()
    run(Request((str(folder),), str(place / "ray"), engine="ray", workers=NODES, face_crop=crop), watcher)
    print(f"ray: {perf_counter() - start:.0f} s, a node killed: {watcher.killed.is_set()}", flush=True)
    ray.shutdown()
    cluster.shutdown()  # type: ignore[no-untyped-call]
    start = perf_counter()
    run(Request((str(folder),), str(place / "local"), face_crop=crop))
    print(f"local: {perf_counter() - start:.0f} s")
    compare(place / "ray", place / "local", count)


def _wait_for_nodes() -> None:
    """Ray gives a node 30 s to start, which is too little on a busy computer: give it five minutes."""
    os.environ.update(RAY_agent_register_timeout_ms="300000", RAY_health_check_timeout_ms="60000")
    from ray._private import services

    ask: Callable[[str, str], Any] = services.get_node

    def patiently(address: str, node: str) -> Any:  # noqa: ANN401
        for _ in range(60):
            try:
                return ask(address, node)
            except RuntimeError:
                time.sleep(5)
        return ask(address, node)

    services.get_node = patiently


def compare(one: Path, other: Path, count: int) -> None:
    """Whether two batches hold the same rows, but for the time that they took."""
    import pyarrow.parquet

    tables = [_sorted(pyarrow.parquet.read_table(folder)) for folder in (one, other)]
    times = Counter(zip(*(tables[0][name].to_pylist() for name in ("photo", "face", "model")), strict=True))
    print(f"photos with a row: {len(set(tables[0]['photo'].to_pylist())):,} of {count:,}")
    print(f"rows that stand more than once: {sum(number > 1 for number in times.values()):,} of {len(times):,}")
    print(f"equal to local to the last digit: {'yes' if tables[0].equals(tables[1]) else 'NO'}")


def _sorted(table: Any) -> Any:  # noqa: ANN401
    keys = [(name, "ascending") for name in ("photo", "face", "model")]
    return table.drop_columns(["milliseconds"]).sort_by(keys)


def workers(place: Path, folder: Path, *, crop: bool) -> None:
    """Start-up is left out: the rate is that between the first part and the last."""
    rates = {}
    for number in (1, 2):
        marks: list[tuple[float, int]] = []
        watcher = Watcher()
        watcher.read = lambda news, marks=marks: marks.append((perf_counter(), news.photos))  # type: ignore[method-assign, misc]
        before = os.times()
        request = Request((str(folder),), str(place / str(number)), engine="ray", workers=number, face_crop=crop)
        run(request, watcher)
        after = os.times()
        rates[number] = sum(photos for _, photos in marks[1:]) / (marks[-1][0] - marks[0][0])
        own = after.user + after.system - before.user - before.system
        print(f"{number} workers: {rates[number]:.2f} photos per second; driver {own:.0f} s of processor", flush=True)
    ratio = rates[2] / rates[1]
    print(f"{os.cpu_count()} cores, load {json.dumps(os.getloadavg())}")
    print(f"two workers are {ratio:.2f} times as fast; {FASTER} wanted: {'met' if ratio >= FASTER else 'MISSED'}")


if __name__ == "__main__":
    main()
