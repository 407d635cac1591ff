"""What a training runs on: devices, precision, and whether every run of it is the same to the last bit.

Keras chooses its backend by KERAS_BACKEND (tensorflow, jax or torch) when it is first imported; here stands all that
differs between them. Nothing else in this room asks which backend it is.
"""

import contextlib
import importlib
from pathlib import Path
from typing import Any

import keras

from fer_core.errors import RecipeError
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
        make_deterministic()
    keras.utils.set_random_seed(settings.seed)
    keras.mixed_precision.set_global_policy(settings.precision)
    if settings.precision == "mixed_bfloat16" and not multiplies_bfloat16():
        print(SLOWER, flush=True)


def make_deterministic() -> None:
    """Only operations whose result does not depend on the order of threads; slower.

    Raises:
        RecipeError: JAX on a GPU, which is told so by a flag before it starts.
    """
    backend = _backend()
    if backend == "tensorflow":
        _library().config.experimental.enable_op_determinism()
    elif backend == "torch":
        _library().use_deterministic_algorithms(True)
    elif gpus():  # on processors JAX is deterministic as it is
        raise RecipeError(
            "--deterministic came with JAX on a GPU, which takes it from the environment only: leave the flag out and "
            "set XLA_FLAGS=--xla_gpu_deterministic_ops=true."
        )


def fastest_precision() -> str:
    """The precision that 'auto' stands for on this machine."""
    return "mixed_bfloat16" if multiplies_bfloat16() else "float32"


def multiplies_bfloat16() -> bool:
    """Whether a GPU is there, or a processor that says it has the instructions."""
    if gpus():
        return True
    return CPU.is_file() and bool(BFLOAT16 & set(CPU.read_text(encoding="utf-8").split()))


def gpus() -> int:
    """GPUs that the backend sees."""
    library, backend = _library(), _backend()
    if backend == "tensorflow":
        return len(library.config.list_physical_devices("GPU"))
    if backend == "torch":
        return int(library.cuda.device_count())
    return sum(device.platform == "gpu" for device in library.devices())


@contextlib.contextmanager
def all_devices() -> Any:  # noqa: ANN401 - Keras and TensorFlow ship no types
    """Inside, a network is built for all devices of the best kind together: each takes its part of a batch.

    TensorFlow does it by tf.distribute, JAX by keras.distribution; PyTorch trains on one device. Without GPUs it is the
    processor, or its logical parts where somebody configured more than one.
    """
    backend = _backend()
    if backend == "tensorflow":
        with _mirrored().scope():
            yield
        return
    several = backend == "jax" and len(_library().devices()) > 1
    if several:
        keras.distribution.set_distribution(keras.distribution.DataParallel())
    try:
        yield
    finally:
        if several:
            keras.distribution.set_distribution(None)


def _mirrored() -> Any:  # noqa: ANN401 - tf.distribute ships no types
    tf = _library()
    names = [device.name for device in tf.config.list_logical_devices("GPU")]
    names = names or [device.name for device in tf.config.list_logical_devices("CPU")]
    return tf.distribute.MirroredStrategy(names) if len(names) > 1 else tf.distribute.get_strategy()


def _backend() -> str:
    return str(keras.backend.backend())


def _library() -> Any:  # noqa: ANN401 - a module
    return importlib.import_module(_backend())


class Scalars:
    """TensorBoard's event files of a run, one scalar a column of history.csv. TensorFlow writes them on any backend."""

    def __init__(self, folder: str) -> None:
        """Open the files.

        Raises:
            RecipeError: TensorFlow is not installed.
        """
        try:
            self.library = importlib.import_module("tensorflow")
        except ImportError as error:
            raise RecipeError(
                "--tensorboard needs TensorFlow to write event files: install it, or leave it out."
            ) from error
        self.writer = self.library.summary.create_file_writer(folder)

    def write(self, row: dict[str, float]) -> None:
        with self.writer.as_default():
            for name, value in row.items():
                if name != "epoch":
                    self.library.summary.scalar(name, value, step=int(row["epoch"]))
        self.writer.flush()
