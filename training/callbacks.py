"""What runs after each batch of a training: its pace on the terminal, Ctrl-C, and the average of the weights."""

import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

Weights = list[NDArray[np.float32]]
"""In the order of Model.get_weights."""
EVERY = 4
"""Batches between two updates of the average."""


def clock(seconds: float) -> str:
    """A duration as people say it: 42 s, 7 min, 1 h 05 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


class Progress(keras.callbacks.Callback):
    """A line every `every` seconds, with the time left judged by the multiply-adds that remain.

    The first batch of an epoch, with which TensorFlow may compile, counts in no rate where others follow it.
    """

    def __init__(self, plan: list[int], every: float = 20.0) -> None:
        """`plan`: image size of each epoch; the work of an image grows with the square of its side."""
        super().__init__()
        self.plan, self.every = plan, every
        self.work, self.busy, self.rate = 0.0, 0.0, 0.0
        self.epoch = self.steps = self.batch = self.done = 0

    def begin(self, epoch: int, steps: int, batch: int) -> None:
        self.epoch, self.steps, self.batch = epoch, steps, batch
        self.started = self.since = self.spoken = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        now = time.monotonic()
        self.since = self.since if batch else now
        self.done, since = (batch, self.since) if batch else (1, self.started)
        self.seconds = max(now - since, 1e-9)
        self.rate = self.done * self.batch / self.seconds
        if now - self.spoken < self.every:
            return
        self.spoken = now
        numbers = " ".join(f"{key} {value:.3f}" for key, value in sorted((logs or {}).items()))
        place = f"epoch {self.epoch + 1}/{len(self.plan)} {self.plan[self.epoch]} px {batch + 1}/{self.steps}"
        print(f"{place}  {numbers}  {self.rate:.0f} images/s  {clock(self.left(batch + 1))} left", flush=True)

    def finish(self) -> float:
        """Close the epoch; gives its seconds."""
        self.work += self.plan[self.epoch] ** 2 * self.done / self.steps
        self.busy += self.seconds
        return time.monotonic() - self.started

    def left(self, batches: int) -> float:
        """Seconds until the last epoch ends, after so many batches of this one."""
        size = self.plan[self.epoch] ** 2
        speed = (self.work + size * self.done / self.steps) / (self.busy + self.seconds)
        return (size * (1 - batches / self.steps) + sum(side**2 for side in self.plan[self.epoch + 1 :])) / speed


class FirstLosses(keras.callbacks.Callback):
    """The running loss after each of the first batches, written to a file: two runs can be compared to the last bit."""

    def __init__(self, path: Path, batches: int = 20) -> None:
        super().__init__()
        self.path, self.batches = path, batches
        self.losses: list[float] = []

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        if self.path.is_file() or logs is None:
            return
        self.losses.append(float(logs["loss"]))
        if len(self.losses) == self.batches:
            self.path.write_text(json.dumps(self.losses), encoding="utf-8")


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C ends the training after the batch in hand; a second one ends the process."""

    asked = False

    def listen(self) -> None:
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self.asked:
            sys.exit(130)
        self.asked = True
        print("Stopping after this batch; the finished epochs are saved. The same command goes on from them.")

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        if self.asked:
            self.model.stop_training = True


class WeightAverage(keras.callbacks.Callback):
    """Exponential moving average of all weights, batch norm's statistics included (Polyak averaging).

    Updated every `EVERY` batches, which costs little and averages as well; a momentum of 0 takes the weights as they
    are. Keras' own (`use_ema`) leaves out the statistics and writes the average into the network at the end of each
    call of fit, of which the trainer makes one an epoch.

    Until the momentum is reached the newest weights count power / (updates + power): polynomial-decay averaging
    (arXiv 1212.1824), so that early weights do not linger. With a low power and a constant rate it is stochastic weight
    averaging (arXiv 1803.05407).
    """

    def __init__(self, momentum: float, power: float) -> None:
        super().__init__()
        self.momentum, self.power, self.updates = momentum, power, 0
        self.average: Weights = []

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        if not self.momentum or (self.average and batch % EVERY):
            return
        current = weights_now(self.model)
        self.updates += 1
        if not self.average:
            self.average = current
            return
        momentum = min(self.momentum**EVERY, self.updates / (self.updates + self.power))
        for average, weight in zip(self.average, current, strict=True):
            average += (1 - momentum) * (weight - average)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        if not self.momentum:
            self.average = weights_now(self.model)


def weights_now(model: keras.Model) -> Weights:
    """The weights as they are in the middle of an epoch, where JAX holds them outside the model."""
    if synchronise := getattr(model, "jax_state_sync", None):
        synchronise()
    return list(model.get_weights())
