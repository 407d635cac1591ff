"""On which devices a training runs, and whether every run of it is the same to the last bit."""

from pathlib import Path
from typing import Any

import tensorflow as tf

CPU = Path("/proc/cpuinfo")
BFLOAT16 = {"amx_bf16", "avx512_bf16", "bf16"}
"""Flags of processors that multiply in bfloat16 (Intel, AMD; Arm's is the short one)."""


def strategy() -> Any:  # noqa: ANN401 - tf.distribute ships no types
    """All devices of the best kind together: each takes its part of a batch (tf.distribute); else the one there is.

    With several GPUs these; without any, logical CPUs where somebody configured more than one.
    """
    names = [device.name for device in tf.config.list_logical_devices("GPU")]
    names = names or [device.name for device in tf.config.list_logical_devices("CPU")]
    return tf.distribute.MirroredStrategy(names) if len(names) > 1 else tf.distribute.get_strategy()


def make_deterministic() -> None:
    """Only operations whose result does not depend on the order of threads; slower."""
    tf.config.experimental.enable_op_determinism()


def advice(precision: str) -> str:
    """What to know about a precision on this machine; empty where there is nothing, or nothing is known."""
    if precision == "float32" or tf.config.list_physical_devices("GPU") or not CPU.is_file():
        return ""
    if BFLOAT16 & set(CPU.read_text(encoding="utf-8").split()):
        return ""
    return (
        "This processor has no bfloat16 instructions, so mixed_bfloat16 is slower than float32 here (`python -m "
        "benchmarks.arithmetic` says how much): stop, and begin anew with --training.precision float32."
    )


class Scalars:
    """TensorBoard's event files of a run, one scalar a column of history.csv."""

    def __init__(self, folder: str) -> None:
        self.writer = tf.summary.create_file_writer(folder)

    def write(self, row: dict[str, Any]) -> None:
        with self.writer.as_default():
            for name, value in row.items():
                if name != "epoch":
                    tf.summary.scalar(name, value, step=row["epoch"])
        self.writer.flush()
