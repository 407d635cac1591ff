"""Who writes training logs, and how each is read: one module per dialect, one row per dialect.

A dialect has a NAME, `recognises(source)`, which looks and does not complain, and `read(source)`, which gives the
trainings in the file. The first that recognises a file reads it.
"""

from collections.abc import Callable
from typing import NamedTuple

from fer_core.runs.dialects import (
    fastai,
    hugging_face,
    json_columns,
    keras_console,
    keras_csv,
    lightning,
    mmengine,
    plain,
    printed,
    python_dict,
    tensorboard,
    tensorboard_csv,
    timm,
    ultralytics,
    wandb,
)
from fer_core.runs.dialects.source import Source
from fer_core.runs.histories import Logged


class Dialect(NamedTuple):
    """A way of writing logs."""

    name: str
    recognises: Callable[[Source], bool]
    read: Callable[[Source], list[Logged]]
    example: str


DIALECTS = tuple(
    Dialect(module.NAME, module.recognises, module.read, example)
    for module, example in (
        (tensorboard, "events.out.tfevents.*"),
        (hugging_face, "trainer_state.json"),
        (mmengine, "scalars.json, *.log.json"),
        (json_columns, "history.json"),
        (python_dict, "history.txt"),
        (keras_console, "output.txt"),
        (wandb, "wandb_export_*.csv"),
        (tensorboard_csv, "run-RUN-tag-TAG.csv"),
        (ultralytics, "results.csv"),
        (timm, "summary.csv"),
        (fastai, "history.csv"),
        (lightning, "metrics.csv"),
        (keras_csv, "training.csv, history.csv"),
        (printed, "train.log"),
        (plain, "log.csv"),
    )
)
"""In the order in which they are tried, with the usual name of a file."""
