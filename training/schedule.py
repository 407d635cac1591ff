"""The course of a training over its epochs: phases, learning rate, and when to stop, from recipe and history alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import keras

from fer_core.recipes.schema import Optimizer, Stage, Training

LEAST_GAIN = 1e-4
"""A selecting loss has fallen when it fell by this much; Keras' ReduceLROnPlateau has the same."""


@dataclass(frozen=True)
class Phase:
    """Epochs that share one optimizer.

    Attributes:
        first: number of its first epoch in the whole plan.
        stages: the stage of each of its epochs.
    """

    first: int
    stages: tuple[Stage, ...]

    @property
    def end(self) -> int:
        return self.first + len(self.stages)


def plan(training: Training) -> tuple[Stage, ...]:
    """The stage of every epoch."""
    return tuple(stage for stage in training.stages for _ in range(stage.epochs))


def phases(training: Training) -> tuple[Phase, ...]:
    """Runs of epochs whose stages agree in what trains and in their learning rate."""
    made: list[Phase] = []
    for _, group in groupby(plan(training), key=lambda stage: stage.phase):
        made.append(Phase(made[-1].end if made else 0, tuple(group)))
    return tuple(made)


def phase_at(training: Training, epoch: int) -> Phase:
    """The phase an epoch belongs to; after the last epoch the last one."""
    return next((phase for phase in phases(training) if epoch < phase.end), phases(training)[-1])


def learning_rate(
    settings: Optimizer, peak: float, steps: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Constant (a plateau's cuts come between epochs), or a linear rise and a cosine fall over all steps."""
    if settings.schedule != "one_cycle":
        return peak
    rising = max(1, round(settings.warm_up * steps))
    return keras.optimizers.schedules.CosineDecay(
        peak / 25, decay_steps=max(1, steps - rising), alpha=1e-3, warmup_target=peak, warmup_steps=rising
    )


def cuts(losses: Sequence[float], patience: int) -> int:
    """How often a plateau has cut the rate after these selecting losses, one an epoch."""
    best, waited, made = float("inf"), 0, 0
    for loss in losses:
        best, waited = (loss, 0) if loss < best - LEAST_GAIN else (best, waited + 1)
        if waited >= patience:
            made, waited = made + 1, 0
    return made


def stalled(losses: Sequence[float], patience: int) -> bool:
    """The lowest selecting loss lies `patience` epochs back or more; a patience of 0 never stops."""
    if not patience or not losses:
        return False
    return len(losses) - 1 - min(range(len(losses)), key=losses.__getitem__) >= patience
