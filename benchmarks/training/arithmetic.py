"""What TensorFlow's settings of arithmetic are worth on this processor, in images per second of training.

    python -m benchmarks.training.arithmetic [--networks NAME ...] [--steps 8] [--batch 64] [--rounds 2]

float32 with oneDNN's kernels is the rival; against it float32 without them, and mixed_bfloat16 with them. Each figure
is a process of its own, because TensorFlow reads TF_ENABLE_ONEDNN_OPTS once, and they take turns; the best round of
each counts (median of the steps after the first three). One batch of 48x48 noise is learnt again and again.
`training/__init__.py` switches oneDNN on; TensorFlow by itself does so on processors with AVX-512 only.
"""

import argparse
import os
import subprocess
import sys

import keras

from benchmarks.training.network_rate import images_per_second
from training import architectures

SIZE = 48
SETTINGS = {
    "float32": ("float32", "1"),
    "without oneDNN": ("float32", "0"),
    "mixed_bfloat16": ("mixed_bfloat16", "1"),
}
"""Precision and TF_ENABLE_ONEDNN_OPTS; the first is the rival."""


def measured(network: str, steps: int, batch: int, precision: str, onednn: str) -> float:
    """Images per second in a process of its own."""
    flags = ["--one", network, "--precision", precision, "--steps", str(steps), "--batch", str(batch)]
    environment = os.environ | {"TF_ENABLE_ONEDNN_OPTS": onednn, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.training.arithmetic", *flags],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{network} could not be trained:\n{done.stderr[-2000:]}")
    return float(done.stdout.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training.arithmetic", description=__doc__)
    parser.add_argument("--networks", nargs="+", default=["simple_deep_cnn", "res_emote_net"])
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--precision", help=argparse.SUPPRESS)
    known = parser.parse_args()
    if known.one:
        keras.mixed_precision.set_global_policy(known.precision)
        network = architectures.build(known.one, {"fer2013": 7}, SIZE, 1, {})
        print(images_per_second(network, SIZE, known.batch, known.steps))
        return
    for network in known.networks:
        best = dict.fromkeys(SETTINGS, 0.0)
        for _ in range(known.rounds):
            for name, setting in SETTINGS.items():
                best[name] = max(best[name], measured(network, known.steps, known.batch, *setting))
        rival, *others = SETTINGS
        against = [f"{name} {best[name]:.0f} ({best[name] / best[rival]:.2f})" for name in others]
        print(f"{network}  {rival} {best[rival]:.0f} images/s; {'; '.join(against)}", flush=True)


if __name__ == "__main__":
    main()
