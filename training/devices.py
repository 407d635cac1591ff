"""What a training runs on: devices, precision, and whether every run of it is the same to the last bit."""

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from fer_core.recipes.schema import Training

CPU = Path("/proc/cpuinfo")
BFLOAT16 = {"amx_bf16", "avx512_bf16", "bf16"}
"""Flags of processors that multiply in bfloat16 (Intel, AMD; Arm's is the short one)."""
SLOWER = (
    "This processor names no bfloat16 instructions, so mixed_bfloat16 is slower than float32 here (`python -m "
    "benchmarks.training.arithmetic` says how much). With training.precision 'auto', the default, the trainer chooses "
    "by itself."
)


def prepare(settings: Training) -> None:
    """Seed, precision and determinism for all that is built from now on."""
    if settings.deterministic:
        # Only operations whose result does not depend on the order of threads; slower.
        tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(settings.seed)
    keras.mixed_precision.set_global_policy(settings.precision)
    if settings.precision == "mixed_bfloat16" and not multiplies_bfloat16():
        print(SLOWER, flush=True)


def fastest_precision() -> str:
    """The precision that 'auto' stands for on this machine."""
    return "mixed_bfloat16" if multiplies_bfloat16() else "float32"


def multiplies_bfloat16() -> bool:
    """Whether a GPU is there, or a processor that says it has the instructions."""
    if tf.config.list_physical_devices("GPU"):
        return True
    return CPU.is_file() and bool(BFLOAT16 & set(CPU.read_text(encoding="utf-8").split()))


def strategy() -> Any:  # noqa: ANN401 - tf.distribute ships no types
    """All devices of the best kind together: each takes its part of a batch (tf.distribute); else the one there is.

    With several GPUs these; without any, logical CPUs where somebody configured more than one.
    """
    names = [device.name for device in tf.config.list_logical_devices("GPU")]
    names = names or [device.name for device in tf.config.list_logical_devices("CPU")]
    return tf.distribute.MirroredStrategy(names) if len(names) > 1 else tf.distribute.get_strategy()


class Scalars:
    """TensorBoard's event files of a run, one scalar a column of history.csv."""

    def __init__(self, folder: str) -> None:
        self.writer = tf.summary.create_file_writer(folder)

    def write(self, row: dict[str, float]) -> None:
        with self.writer.as_default():
            for name, value in row.items():
                if name != "epoch":
                    tf.summary.scalar(name, value, step=int(row["epoch"]))
        self.writer.flush()
