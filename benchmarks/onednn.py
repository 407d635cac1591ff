"""Images a second in training with TensorFlow's oneDNN kernels against without them, on this processor.

    python -m benchmarks.onednn [--networks simple_deep_cnn res_emote_net] [--steps 8] [--batch 64] [--rounds 2]

Each figure is a process of its own, because TensorFlow reads TF_ENABLE_ONEDNN_OPTS once, and the two take turns; the
best round of each counts (median of the steps after the first three). float32, one batch of 48x48 noise learnt again.
`training/__init__.py` switches oneDNN on; TensorFlow by itself does so on processors with AVX-512 only.
"""

import argparse
import os
import subprocess
import sys

from benchmarks.network_rate import images_per_second
from training import architectures

SIZE = 48


def measured(network: str, steps: int, batch: int, onednn: bool) -> float:
    """Images a second in a process of its own, with or without oneDNN."""
    flags = ["--one", network, "--steps", str(steps), "--batch", str(batch)]
    environment = os.environ | {"TF_ENABLE_ONEDNN_OPTS": str(int(onednn)), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.onednn", *flags],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{network} could not be trained:\n{done.stderr[-2000:]}")
    return float(done.stdout.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.onednn", description=__doc__)
    parser.add_argument("--networks", nargs="+", default=["simple_deep_cnn", "res_emote_net"])
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    known = parser.parse_args()
    if known.one:
        network = architectures.build(known.one, {"fer2013": 7}, SIZE, 1, {})
        print(images_per_second(network, SIZE, known.batch, known.steps))
        return
    for network in known.networks:
        with_it = without = 0.0
        for _ in range(known.rounds):
            with_it = max(with_it, measured(network, known.steps, known.batch, onednn=True))
            without = max(without, measured(network, known.steps, known.batch, onednn=False))
        print(f"{network}  {with_it:.0f} images/s against {without:.0f}  {with_it / without:.2f}", flush=True)


if __name__ == "__main__":
    main()
